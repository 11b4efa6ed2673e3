"""How runs answer the items of a slice: right answers side by side, so that accuracies are counted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.slicing.table import ITEMS, SliceTable


@dataclass(frozen=True)
class SliceAnswers:
    """Of R runs on the n rows of a table: `there` [R, n], whether the run answered the item and it passes the page's
    filters, and `correct` [R, n]. `other_gold` counts answers to an item with another label than its text here has."""

    there: NDArray[np.bool_]
    correct: NDArray[np.bool_]
    other_gold: int

    @property
    def answered(self) -> NDArray[np.bool_]:
        """[n]: any run answered the item."""
        return np.asarray(self.there.any(0))


def make_answers(rows: pd.DataFrame, runs: int, table: SliceTable) -> SliceAnswers:
    """From run, language, item_id, gold, correct (`store.results.slices.item_answers`, codes in the table's order)."""
    at = table.rows(rows["language"].to_numpy(np.int64) * ITEMS + rows["item_id"].to_numpy(np.int64))
    same = (at >= 0) & (table.gold[at] == rows["gold"].to_numpy()) if len(table) else np.zeros(len(rows), bool)
    there, correct = np.zeros((runs, len(table)), bool), np.zeros((runs, len(table)), bool)
    run = rows["run"].to_numpy()[same]
    there[run, at[same]] = True
    correct[run, at[same]] = rows["correct"].to_numpy(bool)[same]
    return SliceAnswers(there, correct, int((~same & (at >= 0)).sum()))


@dataclass(frozen=True)
class Counted:
    """What a slice holds of the answered items: distinct `items`, `languages` (codes), pairs of item and language, and
    `by_arm` with arm, predictions, correct, accuracy (x100) in the slice and `outside` it, NaN without an item."""

    items: int
    languages: tuple[str, ...]
    pairs: int
    of: int
    by_arm: pd.DataFrame


def count_slice(mask: NDArray[np.bool_], answers: SliceAnswers, arms: Sequence[str], table: SliceTable) -> Counted:
    """Count a slice; `arms` names the arm of each run, of which all seeds are counted together."""
    answered = answers.answered
    inside = mask & answered
    rows = []
    for arm in dict.fromkeys(arms):
        own = [number for number, name in enumerate(arms) if name == arm]
        there, correct = answers.there[own], answers.correct[own]
        many, right = int((there & inside).sum()), int((correct & inside).sum())
        others, right_others = int(there.sum()) - many, int(correct.sum()) - right
        rows.append((arm, many, right, _rate(right, many), _rate(right_others, others)))
    return Counted(
        len(np.unique(table.item[inside])),
        tuple(table.codes[number] for number in np.unique(table.language[inside])),
        int(inside.sum()), int(answered.sum()),
        pd.DataFrame(rows, columns=["arm", "predictions", "correct", "accuracy", "outside"]),
    )  # fmt: skip


def _rate(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else float("nan")
