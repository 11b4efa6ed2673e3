"""Predictions of many runs as dense arrays: what each run answered to each item in each language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import BadInput
from core.languages import sort_codes
from core.verdict.gold_agreement import find_disagreement

PROBABILITIES = ("entailment", "neutral", "contradiction")
COLUMNS = ("run_id", "arm", "seed", "language", "item_id", "gold", *PROBABILITIES)

#: Three items share a premise: item_id // 3 names it.
ITEMS_A_PREMISE = 3
#: Stands for "this run has no answer here" in `Answers.predicted`, and "no run has" in `Answers.gold`.
ABSENT = -1


Clusters = Callable[[NDArray[np.int64]], NDArray[np.int64]]


@dataclass(frozen=True)
class Answers:
    """R runs, L languages, I items: `predicted` [R, L, I] and `gold` [L, I] hold labels 0, 1, 2 or `ABSENT`.

    `runs` has run_id, arm, seed, a row for each run, sorted by arm and seed; `items` [I] are item ids, ascending.
    """

    runs: pd.DataFrame
    languages: tuple[str, ...]
    items: NDArray[np.int64]
    gold: NDArray[np.int8]
    predicted: NDArray[np.int8]
    #: The number of each item id's cluster, of items that belong together; None: `ITEMS_A_PREMISE` consecutive ids.
    clusters: Clusters | None = None

    @property
    def premises(self) -> NDArray[np.int64]:
        """[I]: the number of each item's cluster."""
        return self.items // ITEMS_A_PREMISE if self.clusters is None else self.clusters(self.items)

    @property
    def arms(self) -> list[str]:
        """Arms, alphabetically."""
        return list(dict.fromkeys(self.runs["arm"]))

    def seeds(self, arm: str) -> dict[int, int]:
        """Seed -> row of the arm's run."""
        runs = self.runs[self.runs["arm"] == arm]
        return {int(seed): int(row) for row, seed in zip(runs.index, runs["seed"], strict=True)}


def read_answers(table: pd.DataFrame) -> Answers:
    """Dense answers from a table with `COLUMNS`, one row a run, language and item.

    Raises `BadInput` if a column is missing, a row is there twice, a probability is not a number, two runs share
    arm and seed, or runs disagree on an item's gold label.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise BadInput(f"The predictions have no column {missing[0]!r}; they need {', '.join(COLUMNS)}.")
    if table.empty:
        raise BadInput("There are no predictions to compare; train runs first.")
    runs = _runs(table)
    row = pd.Index(runs["run_id"]).get_indexer(pd.Index(table["run_id"]))
    languages = tuple(sort_codes([str(code) for code in table["language"].unique()]))
    column = pd.Index(languages).get_indexer(pd.Index(table["language"]))
    items, place = np.unique(table["item_id"].to_numpy(np.int64), return_inverse=True)
    size = (len(runs), len(languages), len(items))
    if len(np.unique(np.ravel_multi_index((row, column, place), size))) < len(table):
        raise BadInput("The predictions hold an item twice for one run and language; import the runs again.")
    probabilities = table[list(PROBABILITIES)].to_numpy(np.float64)
    if not np.isfinite(probabilities).all():
        raise BadInput("The predictions hold a probability that is not a number; train the run again.")
    given = table["gold"].to_numpy(np.int64)
    if given.min() < 0 or given.max() > 2:
        raise BadInput("The predictions hold a gold label other than 0, 1 and 2; import the runs again.")
    gold = np.full(size[1:], ABSENT, np.int8)
    gold[column, place] = given
    if (gold[column, place] != given).any():
        odd = find_disagreement(table)
        names = ", ".join(odd.odd or odd.tied)
        raise BadInput(
            f"The runs disagree on an item's gold label: they were evaluated on different data ({names} "
            f"{'and the rest' if odd.odd else 'with each other'}); `python -m core doctor` says more."
        )
    predicted = np.full(size, ABSENT, np.int8)
    predicted[row, column, place] = probabilities.argmax(1)
    return Answers(runs, languages, items, gold, predicted)


def _runs(table: pd.DataFrame) -> pd.DataFrame:
    runs = table[["run_id", "arm", "seed"]].drop_duplicates()
    runs = runs.sort_values(["arm", "seed", "run_id"], ignore_index=True)
    if runs["run_id"].duplicated().any():
        raise BadInput("The predictions give one run two arms or seeds; import the runs again.")
    twice = runs[runs.duplicated(["arm", "seed"])]
    if len(twice):
        arm, seed = twice["arm"].iloc[0], twice["seed"].iloc[0]
        raise BadInput(f"Two runs are {arm} with seed {seed}; compare runs of one configuration an arm.")
    return runs
