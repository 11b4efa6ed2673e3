"""The answer in words and as a table: made from the verdict's questions alone, whichever way they fell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.arms.names import BASELINE, FIRST, SECOND
from core.languages import LOW_RESOURCE, language
from core.notation import p_value, plural, rate, signed
from core.statistics.significance import MARGIN
from core.verdict.questions import LOW

Question = Mapping[str, Any]
_NUMBERS = ("no", "one", "two", "three", "four", "five")


def headline(questions: Sequence[Question], where: str) -> str | None:
    """The answer to the primary question in one sentence; None where it cannot be asked. `where` names the split."""
    asked = next((q for q in questions if q["primary"]), None)
    if asked is None:
        return None
    p = f", p {_p(asked)}" if asked["tested"] else ", of the items alone" if asked["seed_variance"] == "unknown" else ""
    return (
        f"On {where}, {_who(asked)} in {_languages(asked['languages'])}: {asked['first']} "
        f"{rate(asked['first_value'])}, {asked['second']} {rate(asked['second_value'])}, difference "
        f"{signed(asked['difference'])} points (95 % interval {signed(asked['low'])} to {signed(asked['high'])}{p}; "
        f"{plural(len(asked['seeds']), 'seed')}, {plural(asked['items'], 'item')} a language)."
    )


def against_baseline(questions: Sequence[Question]) -> str | None:
    """How the two main arms stand against the baseline in low-resource accuracy, in one sentence."""
    told = []
    base = None
    for arm in (FIRST, SECOND):
        asked = find(questions, LOW.name, arm, BASELINE)
        if asked is not None:
            base = asked["second_value"]
            told.append(f"{arm} {_against(asked)}")
    if base is None:
        return None
    return f"Against {BASELINE} ({rate(base)}), {' and '.join(told)}."


def find(questions: Sequence[Question], name: str, first: str, second: str) -> Question | None:
    """The question of that name about those two arms."""
    wanted = (name, first, second)
    return next((q for q in questions if (q["name"], q["first"], q["second"]) == wanted), None)


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
            "outcome": f"{q['ahead']} ahead" if q["outcome"] == "ahead" else q["outcome"],
            "smallest": q["smallest"],
            "languages": len(q["languages"]),
            "seeds": len(q["seeds"]),
        }
        for q in questions
    ]
    return pd.DataFrame(rows)


def _who(asked: Question) -> str:
    first, second = asked["first"], asked["second"]
    if asked["outcome"] == "ahead":
        small = f", by less than {MARGIN:g} point," if asked["within_margin"] else ""
        return f"{asked['ahead']} is ahead of {second if asked['ahead'] == first else first}{small}"
    if asked["outcome"] == "equivalent":
        return f"{first} and {second} are equivalent within {MARGIN:g} point"
    if asked["tested"]:
        return f"it is undecided whether {first} or {second} is better"
    why = (
        "a single seed leaves the variance between seeds unknown"
        if asked["seed_variance"] == "unknown"
        else f"{plural(asked['premises'], 'premise')} are too few for a test"
    )
    return f"it is undecided ({why}) whether {first} or {second} is better"


def _against(asked: Question) -> str:
    p = f", p {_p(asked)}" if asked["tested"] else ""
    size = f"{signed(asked['difference'])} ({signed(asked['low'])} to {signed(asked['high'])}{p})"
    if asked["outcome"] == "ahead":
        return f"is {'ahead' if asked['ahead'] == asked['first'] else 'behind'} by {size}"
    if asked["outcome"] == "equivalent":
        return f"is equivalent within {MARGIN:g} point at {size}"
    return f"is undecided at {size}"


def _p(asked: Question) -> str:
    told = p_value(asked["p"])
    return told if told.startswith("<") else f"= {told}"


def _languages(codes: Sequence[str]) -> str:
    if len(codes) == len(LOW_RESOURCE):
        return f"the {_NUMBERS[len(codes)]} low-resource languages"
    return f"{_NUMBERS[len(codes)]} of the {_NUMBERS[len(LOW_RESOURCE)]} low-resource languages ({_listed(codes)})"


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(language(code).name for code in codes)
