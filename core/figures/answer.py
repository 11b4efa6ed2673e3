"""The verdict's questions and answers as a table. Their sentences are `core.verdict.sentences`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from core.verdict.marks import outcome_words
from core.verdict.sentences import Question


def questions_table(questions: Sequence[Question]) -> pd.DataFrame:
    """One row a question, the primary one first: what is compared, both values, difference, interval, p, outcome."""
    rows = [
        {
            "question": q["name"] + (" (primary)" if q["primary"] else ""),
            "first": q["first"],
            "second": q["second"],
            "first ×100": q["first_value"],
            "second ×100": q["second_value"],
            "difference": q["difference"],
            "low": q["low"],
            "high": q["high"],
            "p": float(q["p"]) if q["tested"] else math.nan,
            "outcome": outcome_words(q),
            "after prior": (q.get("prior_corrected") or {}).get("difference", math.nan),
            "smallest": math.nan if q["smallest"] is None else q["smallest"],
            "languages": len(q["languages"]),
            "seeds": len(q["seeds"]),
        }
        for q in questions
    ]
    return pd.DataFrame(rows)
