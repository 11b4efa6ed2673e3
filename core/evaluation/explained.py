"""Does alignment explain accuracy? Change in transport cost to English against change in accuracy, by language."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import linregress

from core.statistics.intervals import student_quantile

COLUMNS = ("arm", "language", "seeds", "pairs", "cost", "cost_low", "cost_high", "difference", "low", "high", "items")


@dataclass(frozen=True)
class Slope:
    """Points of accuracy for each tenth of cost that is *saved*, over `languages` points, with a 95 % interval.

    `low` and `high` are NaN with fewer than three points; `share` is the share of the variance explained (r squared).
    """

    arm: str
    languages: int
    slope: float
    low: float
    high: float
    share: float


def changes(costs: pd.DataFrame, accuracy: pd.DataFrame, against: str) -> pd.DataFrame:
    """`COLUMNS`, a row for each arm and language that has both: changes relative to the arm `against`.

    `costs` has arm, seed, language, value, low, high, items: a run's transport cost on held-out pairs with English,
    with its interval. `accuracy` has arm, value (the language), difference, low, high, items: x100, of the same
    comparison (`core.evaluation.slices.by_language`). Costs are compared seed by seed and averaged. As only each run's
    own interval is stored, the interval of a change in cost is made as if the runs' errors were independent; they were
    measured on the same pairs, so it is wider than it need be.
    """
    cells = costs[costs["language"] != ""].copy()
    cells["error"] = (cells["high"] - cells["low"]) / 2
    joined = cells[cells["arm"] != against].merge(
        cells[cells["arm"] == against], on=["seed", "language"], suffixes=("", "_base")
    )
    rows = []
    for (arm, code), pairs in joined.groupby(["arm", "language"], sort=False):
        same = accuracy[(accuracy["arm"] == arm) & (accuracy["value"] == code)]
        if same.empty:
            continue
        cost = float((pairs["value"] - pairs["value_base"]).mean())
        reach = float(np.sqrt((pairs["error"] ** 2 + pairs["error_base"] ** 2).sum()) / len(pairs))
        gain = same.iloc[0]
        rows.append(
            (
                arm, code, len(pairs), int(pairs["items"].max()), cost, cost - reach, cost + reach,
                float(gain["difference"]), float(gain["low"]), float(gain["high"]), int(gain["items"]),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def slopes(table: pd.DataFrame) -> list[Slope]:
    """One least-squares slope an arm over its languages, with Student's interval (n - 2 degrees of freedom)."""
    lines = []
    for arm, points in table.groupby("arm", sort=False):
        saved, gained = -10.0 * points["cost"].to_numpy(float), points["difference"].to_numpy(float)
        if len(points) < 3 or np.ptp(saved) == 0:
            lines.append(Slope(str(arm), len(points), math.nan, math.nan, math.nan, math.nan))
            continue
        fit = linregress(saved, gained)
        reach = student_quantile(len(points) - 2) * float(fit.stderr)
        slope = float(fit.slope)
        lines.append(Slope(str(arm), len(points), slope, slope - reach, slope + reach, float(fit.rvalue) ** 2))
    return lines
