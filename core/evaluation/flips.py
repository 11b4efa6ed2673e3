"""Two runs on the same items: what one fixed and broke. One run against one run is described, and no test is made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.statistics.bootstrap import REPETITIONS, draw_weights, resample_ratios, resampling_variance
from core.statistics.rules import Method, by_seed, clusters_part, judge, linearised


@dataclass(frozen=True)
class Flips:
    """Counts of items that `first` and `second` have right: both, one, none of them; and what follows from them.

    difference is the accuracy (x100) of `second` minus that of `first`, with its 95 % interval over premises.
    """

    both_right: int
    broken: int
    fixed: int
    both_wrong: int
    difference: float
    low: float
    high: float

    @property
    def items(self) -> int:
        return self.both_right + self.broken + self.fixed + self.both_wrong


def read_flips(
    table: pd.DataFrame, method: Method = "crossed", known: tuple[float, float] | None = None,
    repetitions: int = REPETITIONS,
) -> Flips:  # fmt: skip
    """From correct_a, correct_b, premise, items (the table of `store.results.flips.flips`): `fixed` are right only
    with b.

    The interval is of the items alone, premises drawn by the rule `method`; or `known`, where the answer sheet has this
    very contrast. NaN without items.
    """
    if table.empty or not int(table["items"].sum()):
        return Flips(0, 0, 0, 0, math.nan, math.nan, math.nan)
    a, b = table["correct_a"].astype(bool).to_numpy(), table["correct_b"].astype(bool).to_numpy()
    items = table["items"].to_numpy(int)
    right, broken, fixed, wrong = (int(items[cell].sum()) for cell in (a & b, a & ~b, ~a & b, ~a & ~b))
    difference = 100.0 * (fixed - broken) / int(items.sum())
    low, high = known or _interval(
        table["premise"].to_numpy(), (b.astype(float) - a) * items, items, method, repetitions
    )
    return Flips(right, broken, fixed, wrong, difference, low, high)


def _interval(
    premises: np.ndarray, changes: np.ndarray, items: np.ndarray, method: Method, repetitions: int
) -> tuple[float, float]:
    names, place = np.unique(premises, return_inverse=True)
    sums, counts = 100.0 * np.bincount(place, changes)[None], np.bincount(place, items).astype(float)[None]
    values, one = sums[None], np.ones(1)
    if method == "first":
        part = resampling_variance(resample_ratios(sums, counts, draw_weights(len(names), repetitions))[:, 0])
    else:
        part = clusters_part(linearised(values, counts, one))
    judged = judge(method, by_seed(values, counts, one), part, len(names))
    return judged.low, judged.high
