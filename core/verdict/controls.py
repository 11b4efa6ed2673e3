"""What the controls explain: each beside the arm it explains, as differences from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arms.names import BASELINE, FIRST, SECOND
from core.languages import LOW_RESOURCE
from core.statistics.bootstrap import REPETITIONS
from core.statistics.significance import estimate, paired_seed_variance
from core.verdict.answers import Answers
from core.verdict.contrast import Contrasts
from core.verdict.measures import correct
from core.verdict.questions import Measure


@dataclass(frozen=True)
class Explanation:
    """One question, the arms it is about and the controls that answer it."""

    question: str
    about: tuple[str, ...]
    controls: tuple[str, ...]


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation("Is it the transport, or just the bitext?", (FIRST,), ("mean-matching",)),
    Explanation("Does it need the pairing, or only the distributions?", (FIRST,), ("transport-shuffled",)),
    Explanation("Which part of transport does it?", (FIRST,), ("transport-token", "transport-posterior")),
    Explanation(
        "Which part of the adversary does it?",
        (SECOND,),
        ("adversarial-language", "adversarial-perturbation"),
    ),
    Explanation("Is training needed, or is it a mere shift?", (FIRST, SECOND), ("centring",)),
    Explanation("Does alignment beat translation?", (FIRST, SECOND), ("translate-test",)),
    Explanation("Do the two add up?", (FIRST, SECOND), ("hybrid",)),
    Explanation("Would another adversary do better?", (SECOND,), ("adversarial-critic", "adversarial-contrastive")),
    Explanation("Would a dictionary do?", (FIRST,), ("lexical-injection",)),
)
COLUMNS = (
    "question", "arm", "control", "difference", "low", "high", "p", "value", "baseline", "languages", "seeds",
    "premises", "items", "seed_variance", "ahead_by", "ahead_low", "ahead_high",
)  # fmt: skip


def explain(answers: Answers, repetitions: int = REPETITIONS, seed: int = 0) -> pd.DataFrame:
    """`COLUMNS`, x100 but p; for each question that the arms allow the arms it is about, then its controls.

    `difference` is low-resource accuracy minus the baseline's with its 95 % interval, p is not corrected; all rows of
    a question are on the languages that all of its arms have (translation covers two). Beside a control `ahead_by`
    says how far the first arm it explains is ahead of it. `seed_variance` is "own", "pooled" (a single seed borrows
    that of the arms with several) or "unknown" (the interval is then of the items alone).
    """
    contrasts = Contrasts(answers, repetitions, seed)
    rows: list[dict[str, Any]] = []
    for explanation in EXPLANATIONS:
        about = [arm for arm in explanation.about if arm in answers.arms]
        controls = [arm for arm in explanation.controls if arm in answers.arms]
        if BASELINE not in answers.arms or not controls:
            continue
        codes = _shared(answers, [BASELINE, *about, *controls])
        if not codes:
            continue
        measure = Measure("low-resource accuracy", correct, frozenset(codes).__contains__, len(LOW_RESOURCE))
        for arm in (*about, *controls):
            row = _compare(contrasts, measure, arm, BASELINE)
            if row is None:
                continue
            row |= {
                "question": explanation.question,
                "arm": arm,
                "control": arm in controls,
                "languages": " ".join(codes),
            }
            if about and arm in controls and (direct := _compare(contrasts, measure, about[0], arm)):
                row |= {"ahead_by": direct["difference"], "ahead_low": direct["low"], "ahead_high": direct["high"]}
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def _shared(answers: Answers, arms: list[str]) -> tuple[str, ...]:
    """The low-resource languages that every run of these arms has."""
    indicator = correct(answers)
    rows = [row for arm in arms for row in answers.seeds(arm).values()]
    there = np.atleast_1d(indicator.shared(rows).any(-1))
    return tuple(code for code, known in zip(indicator.units, there, strict=True) if known and code in LOW_RESOURCE)


def _compare(contrasts: Contrasts, measure: Measure, first: str, second: str) -> dict[str, Any] | None:
    contrast = contrasts.contrast(measure, first, second)
    if contrast is None:
        return None
    between, kind = paired_seed_variance(contrast.by_seed), "own"
    if between is None:
        between = contrasts.pooled(measure)
        kind = "pooled" if between else "unknown"
    interval = estimate(contrast.difference, contrast.sampling, contrast.premises, len(contrast.seeds), between)
    return {
        "difference": interval.difference, "low": interval.low, "high": interval.high, "p": interval.p,
        "value": contrast.first_value, "baseline": contrast.second_value, "seeds": len(contrast.seeds),
        "premises": contrast.premises, "items": contrast.items, "seed_variance": kind,
    }  # fmt: skip
