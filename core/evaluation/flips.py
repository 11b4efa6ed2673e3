"""Two runs on the same items: what one fixed and broke, with the exact McNemar test."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar

from core.statistics.intervals import bonett_price


@dataclass(frozen=True)
class Flips:
    """Counts of items that `first` and `second` have right: both, one, none of them; and what follows from them.

    difference is the accuracy (x100) of `second` minus that of `first`, with its 95 % interval; `p` is of the exact
    McNemar test, two-sided, and 1 where no item changed.
    """

    both_right: int
    broken: int
    fixed: int
    both_wrong: int
    difference: float
    low: float
    high: float
    p: float

    @property
    def items(self) -> int:
        return self.both_right + self.broken + self.fixed + self.both_wrong


def read_flips(table: pd.DataFrame) -> Flips:
    """From correct_a, correct_b, items (the table of `store.results.flips.flips`): `fixed` are right only with b.

    The interval is `core.statistics.intervals.bonett_price`.
    """
    counts = {(bool(a), bool(b)): int(n) for a, b, n in table.itertuples(index=False, name=None)}
    right, broken = counts.get((True, True), 0), counts.get((True, False), 0)
    fixed, wrong = counts.get((False, True), 0), counts.get((False, False), 0)
    items = right + broken + fixed + wrong
    if not items:
        return Flips(0, 0, 0, 0, math.nan, math.nan, math.nan, math.nan)
    p = float(mcnemar([[0, broken], [fixed, 0]], exact=True).pvalue) if broken + fixed else 1.0
    low, high = bonett_price(broken, fixed, items)
    difference = (fixed - broken) / items
    return Flips(right, broken, fixed, wrong, 100 * difference, low, high, p)
