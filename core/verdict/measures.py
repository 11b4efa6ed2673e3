"""What is counted of the answers, item by item, and its sums by premise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.verdict.answers import ABSENT, ITEMS_A_PREMISE, Answers

ENGLISH = "en"


@dataclass(frozen=True)
class Marks:
    """R runs, U units (languages), I items: `yes` [R, U, I] where the thing holds, `known` where it can be said."""

    units: tuple[str, ...]
    yes: NDArray[np.bool_]
    known: NDArray[np.bool_]
    premise: NDArray[np.int64]

    def shared(self, rows: Sequence[int]) -> NDArray[np.bool_]:
        """[U, I]: what all the runs `rows` have, the only items on which they are compared."""
        return np.asarray(self.known[list(rows)].all(axis=0))


def correct(answers: Answers) -> Marks:
    """The prediction is the gold label; a unit is a language."""
    known = answers.predicted != ABSENT
    return Marks(answers.languages, (answers.predicted == answers.gold) & known, known, _premise(answers))


def agrees_with_english(answers: Answers) -> Marks:
    """The prediction is the one the same run makes for the item in English; a unit is another language."""
    known = answers.predicted != ABSENT
    if ENGLISH not in answers.languages:
        empty = np.zeros((len(answers.runs), 0, len(answers.items)), bool)
        return Marks((), empty, empty, _premise(answers))
    at = answers.languages.index(ENGLISH)
    others = [i for i in range(len(answers.languages)) if i != at]
    shared = known[:, others] & known[:, [at]]
    same = answers.predicted[:, others] == answers.predicted[:, [at]]
    return Marks(tuple(answers.languages[i] for i in others), same & shared, shared, _premise(answers))


def agrees_everywhere(answers: Answers) -> Marks:
    """The run predicts one label for the item in every language there is; the one unit is called `all`.

    Known only where every language has an answer; with a single language there is no such unit.
    """
    known = (answers.predicted != ABSENT).all(1, keepdims=True)
    same = (answers.predicted == answers.predicted[:, :1]).all(1, keepdims=True)
    if len(answers.languages) < 2:
        return Marks((), same[:, :0], known[:, :0], _premise(answers))
    return Marks(("all",), same & known, known, _premise(answers))


def rates(marks: Marks, rows: Sequence[int]) -> NDArray[np.float64]:
    """[rows, U], x100, on the items that all of `rows` have; NaN where they share none."""
    shared = marks.shared(rows)
    counts = shared.sum(-1)
    yes = (marks.yes[list(rows)] & shared).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100.0 * yes / np.where(counts > 0, counts, np.nan))


def premise_sums(marks: Marks, values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums over the items of each premise: values [..., I] to [..., P]."""
    starts = np.flatnonzero(np.diff(marks.premise, prepend=marks.premise[0] - 1))
    return np.add.reduceat(values.astype(np.float64), starts, axis=-1)


def _premise(answers: Answers) -> NDArray[np.int64]:
    return answers.items // ITEMS_A_PREMISE
