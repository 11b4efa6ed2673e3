"""What a difference may be called: its outcome in words and its mark, from the same numbers wherever it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.notation import p_value, plural
from core.statistics.crossed import FEWEST_SEEDS
from core.statistics.intervals import LEVEL
from core.statistics.rules import FEWEST_CLUSTERS

ABOVE, BELOW = "above", "below"
#: Said of one run against one run, which has an interval of its items and no test.
ONE_RUN = "one run, descriptive"


def described(seeds: int) -> str:
    """Why a difference over so many seeds, or with too few premises, carries no mark."""
    if seeds == 1:
        return ONE_RUN
    return f"{plural(seeds, 'seed')}, descriptive" if seeds < FEWEST_SEEDS else "too few premises, descriptive"


def outcome_words(question: Mapping[Any, Any]) -> str:
    """A question's outcome as a table says it: who is ahead, "equivalent", "undecided", or that it is described.

    >>> outcome_words({"outcome": "described", "seeds": [0]})
    'one run, descriptive'
    """
    if question["outcome"] == "ahead":
        return f"{question['ahead']} ahead"
    return described(len(question["seeds"])) if question["outcome"] == "described" else str(question["outcome"])


def p_words(row: Mapping[Any, Any]) -> str:
    """The p of a row with p, tested and seeds (their number or the seeds), or why there is none."""
    if row["tested"] and not _unknown(row["p"]):
        p = p_value(float(row["p"]))
        return f"p {p}" if p.startswith("<") else f"p = {p}"
    seeds = len(row["seeds"]) if isinstance(row["seeds"], list | tuple) else int(row["seeds"])
    if seeds >= FEWEST_SEEDS and row["premises"] >= FEWEST_CLUSTERS:
        return "not a question of the study, not tested"
    return described(seeds)


def mark(difference: float, p: float | None, tested: bool, level: float = LEVEL) -> str:
    """`ABOVE` or `BELOW` for a difference that is tested and shown, else "".

    >>> [mark(-1.0, 0.01, True), mark(-1.0, 0.01, False), mark(1.0, None, True)]
    ['below', '', '']
    """
    if not tested or p is None or _unknown(p) or p >= level:
        return ""
    return ABOVE if difference > 0 else BELOW


def _unknown(value: Any) -> bool:
    return value is None or math.isnan(float(value))
