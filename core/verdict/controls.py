"""What the controls explain: each beside the arm it explains, as differences from the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arms.names import FIRST, SECOND
from core.languages import LOW_RESOURCE
from core.verdict.analysis import Analysis
from core.verdict.contrast import Contrasts
from core.verdict.measures import correct
from core.verdict.questions import Measure
from core.verdict.verdict import Result


@dataclass(frozen=True)
class Explanation:
    """One question, the kinds of method it is about and the controls that answer it."""

    question: str
    about: tuple[str, ...]
    controls: tuple[str, ...]


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation("Is it the transport, or just the bitext?", (FIRST,), ("mean-matching",)),
    Explanation("Does it need the pairing, or only the distributions?", (FIRST,), ("transport-shuffled",)),
    Explanation("Is it the alignment, or the anchor that keeps English in place?", (FIRST,), ("anchor-only",)),
    Explanation("Would as much computing on English alone do?", (FIRST, SECOND), ("english-compute",)),
    Explanation("Which part of transport does it?", (FIRST,), ("transport-token", "transport-posterior")),
    Explanation(
        "Which part of the adversary does it?",
        (SECOND,),
        ("adversarial-language", "adversarial-perturbation"),
    ),
    Explanation("Does it take the worst disturbance, or any?", (SECOND,), ("smoothing",)),
    Explanation("Does hiding the language help at all, without training?", (SECOND,), ("erase-language",)),
    Explanation("Is training needed, or is it a mere shift?", (FIRST, SECOND), ("centring",)),
    Explanation("Is it alignment, or a shift of the answers?", (FIRST, SECOND), ("balanced-prior",)),
    Explanation("What do the updates after the warm start do at all?", (FIRST, SECOND), ("warm-start-only",)),
    Explanation("Does alignment beat translation?", (FIRST, SECOND), ("translate-test",)),
    Explanation("Do the two add up?", (FIRST, SECOND), ("hybrid",)),
    Explanation("Would another adversary do better?", (SECOND,), ("adversarial-critic", "adversarial-contrastive")),
    Explanation("Would a dictionary do?", (FIRST,), ("lexical-injection",)),
)
#: About arms of a study that no explanation names: its other controls, and arms from elsewhere.
OTHERS, ADDED = "How do the study's other arms stand?", "How do arms from elsewhere stand?"
COLUMNS = (
    "question", "arm", "control", "difference", "low", "high", "p", "tested", "value", "baseline", "languages", "seeds",
    "premises", "items", "seed_variance", "ahead_by", "ahead_low", "ahead_high", "ahead_seeds",
)  # fmt: skip


def explain(contrasts: Contrasts, asked: Sequence[Result] = ()) -> pd.DataFrame:
    """`COLUMNS`, x100 but p; for each question that the arms allow the arms it is about, then its controls.

    `difference` is low-resource accuracy (the study's aligned languages) minus the baseline's with its 95 % interval;
    all rows of a question are on the languages that all of its arms have (translation covers two). p is that of the
    question `asked` of the same two arms in the same languages, corrected as it is there; NaN where none is asked or
    it is not tested. Beside a control `ahead_by` says how far the first arm it explains is ahead of it. `seed_variance`
    is as in `core.verdict.verdict.Result`. Rows go by the study's roles: what no explanation names comes last.
    """
    analysis, arms = contrasts.analysis, contrasts.answers.arms
    aligned = analysis.aligned or LOW_RESOURCE
    tested = {(one.first, one.second, frozenset(one.languages)): one for one in asked if one.name in _LOW_NAMES}
    rows: list[dict[str, Any]] = []
    for question, about, controls in _explained(analysis, arms):
        codes = _shared(contrasts, [analysis.baseline, *about, *controls], aligned)
        if not codes:
            continue
        measure = Measure("low-resource accuracy", correct, frozenset(codes).__contains__, len(aligned))
        for arm in (*about, *controls):
            row = _compare(contrasts, measure, arm, analysis.baseline)
            if row is None:
                continue
            question_asked = tested.get((arm, analysis.baseline, frozenset(codes)))
            row |= {
                "question": question,
                "arm": arm,
                "control": arm in controls,
                "languages": " ".join(codes),
                "p": question_asked.p if question_asked is not None and question_asked.tested else np.nan,
            }
            if about and arm in controls and (direct := _compare(contrasts, measure, about[0], arm)):
                row |= {
                    "ahead_by": direct["difference"], "ahead_low": direct["low"], "ahead_high": direct["high"],
                    "ahead_seeds": direct["seeds"],
                }  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


_LOW_NAMES = frozenset({"low-resource accuracy", "accuracy in languages with bitext"})


def _explained(analysis: Analysis, arms: Sequence[str]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """(question, arms it is about, controls) of those arms that are there."""
    if analysis.baseline not in arms:
        return []
    found, named = [], {analysis.baseline, *analysis.main}
    for one in EXPLANATIONS:
        controls = tuple(arm for arm in one.controls if arm in arms and arm not in analysis.main)
        about = tuple(dict.fromkeys(arm for kind in one.about for arm in analysis.explained(kind, arms)))
        named |= set(controls)
        if controls:
            found.append((one.question, about, controls))
    rest = [arm for arm in arms if arm not in named]
    main = tuple(arm for arm in analysis.main if arm in arms)
    for question, own in ((OTHERS, True), (ADDED, False)):
        controls = tuple(arm for arm in rest if analysis.has(arm) is own)
        if controls and main:
            found.append((question, main, controls))
    return found


def _shared(contrasts: Contrasts, arms: Sequence[str], aligned: Sequence[str]) -> tuple[str, ...]:
    """The aligned languages that every run of these arms has."""
    answers = contrasts.answers
    indicator = correct(answers)
    rows = [row for arm in arms for row in answers.seeds(arm).values()]
    there = np.atleast_1d(indicator.shared(rows).any(-1))
    return tuple(code for code, known in zip(indicator.units, there, strict=True) if known and code in aligned)


def _compare(contrasts: Contrasts, measure: Measure, first: str, second: str) -> dict[str, Any] | None:
    found = contrasts.contrast(measure, first, second)
    if found is None or found[0].same:
        return None
    contrast, judged = found
    return {
        "difference": judged.difference, "low": judged.low, "high": judged.high, "tested": judged.tested,
        "value": contrast.first_value, "baseline": contrast.second_value, "seeds": len(contrast.seeds),
        "premises": contrast.premises, "items": contrast.items, "seed_variance": judged.source,
    }  # fmt: skip
