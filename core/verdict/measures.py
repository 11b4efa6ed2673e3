"""What is counted of the answers, item by item, and its sums by premise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.verdict.answers import ABSENT, Answers

ENGLISH = "en"


@dataclass(frozen=True)
class Indicator:
    """R runs, U units (languages), I items: `value` [R, U, I] where it holds, `observed` where that is known."""

    units: tuple[str, ...]
    value: NDArray[np.bool_]
    observed: NDArray[np.bool_]
    premise: NDArray[np.int64]

    def shared(self, rows: Sequence[int]) -> NDArray[np.bool_]:
        """[U, I]: what all the runs `rows` have, the only items on which they are compared."""
        return np.asarray(self.observed[list(rows)].all(axis=0))


def correct(answers: Answers) -> Indicator:
    """The prediction is the gold label; a unit is a language."""
    observed = answers.predicted != ABSENT
    return Indicator(answers.languages, (answers.predicted == answers.gold) & observed, observed, answers.premises)


def agrees_with_english(answers: Answers) -> Indicator:
    """The prediction is the one the same run makes for the item in English; a unit is another language."""
    observed = answers.predicted != ABSENT
    if ENGLISH not in answers.languages:
        empty = np.zeros((len(answers.runs), 0, len(answers.items)), bool)
        return Indicator((), empty, empty, answers.premises)
    at = answers.languages.index(ENGLISH)
    others = [i for i in range(len(answers.languages)) if i != at]
    shared = observed[:, others] & observed[:, [at]]
    same = answers.predicted[:, others] == answers.predicted[:, [at]]
    return Indicator(tuple(answers.languages[i] for i in others), same & shared, shared, answers.premises)


def agrees_everywhere(answers: Answers) -> Indicator:
    """The run predicts one label for the item in every language there is; the one unit is called `all`.

    Observed only where every language has an answer; with a single language there is no such unit.
    """
    observed = (answers.predicted != ABSENT).all(1, keepdims=True)
    same = (answers.predicted == answers.predicted[:, :1]).all(1, keepdims=True)
    if len(answers.languages) < 2:
        return Indicator((), same[:, :0], observed[:, :0], answers.premises)
    return Indicator(("all",), same & observed, observed, answers.premises)


def rates(indicator: Indicator, rows: Sequence[int]) -> NDArray[np.float64]:
    """[rows, U], x100, on the items that all of `rows` have; NaN where they share none."""
    shared = indicator.shared(rows)
    counts = shared.sum(-1)
    holds = (indicator.value[list(rows)] & shared).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100.0 * holds / np.where(counts > 0, counts, np.nan))


def premise_sums(indicator: Indicator, values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums over the items of each premise: values [..., I] to [..., P], premises by their numbers."""
    premise, values = indicator.premise, values.astype(np.float64)
    if (np.diff(premise) < 0).any():  # clusters of a benchmark whose items do not follow one another
        order = premise.argsort(kind="stable")
        premise, values = premise[order], values[..., order]
    starts = np.flatnonzero(np.diff(premise, prepend=premise[0] - 1))
    return np.add.reduceat(values, starts, axis=-1)
