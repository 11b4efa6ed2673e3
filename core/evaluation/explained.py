"""Does alignment go with accuracy? Change in how translations are found against change in accuracy, by language.

Alignment is the mean reciprocal rank of a sentence's translation, both ways between a language and English, over
sentences that no arm trained on. The training objective is no measure of it: transport cost falls for shuffled pairs
too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import linregress

from core.statistics.bootstrap import REPETITIONS, resample_means
from core.statistics.intervals import percentile_interval, student_quantile

COLUMNS = (
    "arm", "language", "seeds", "sentences", "mrr", "mrr_low", "mrr_high", "difference", "low", "high", "items",
)  # fmt: skip
#: Points of mean reciprocal rank x100 that a slope is told for.
STEP = 10.0


@dataclass(frozen=True)
class Slope:
    """Points of accuracy for each `STEP` points of mean reciprocal rank gained, over `languages` points, with a 95 %
    interval.

    `low` and `high` are NaN with fewer than three points; `share` is the share of the variance that goes with it (r
    squared).
    """

    arm: str
    languages: int
    slope: float
    low: float
    high: float
    share: float


def changes(
    ranks: pd.DataFrame, accuracy: pd.DataFrame, against: str, repetitions: int = REPETITIONS
) -> pd.DataFrame:  # fmt: skip
    """`COLUMNS`, a row for each arm and language that has both: changes x100 relative to the arm `against`.

    `ranks` has arm, seed, language, sentence, reciprocal: 1 / rank of the sentence's translation, 0 where it was not
    among those listed (`store.results.rankings.reciprocal_ranks`). `accuracy` has arm, value (the language),
    difference, low, high, items: x100, of the same comparison (`core.evaluation.slices.by_language`). Ranks are
    compared sentence by sentence at each seed, averaged over seeds, and sentences drawn again for the interval.
    """
    if ranks.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    keys = ["seed", "language", "sentence"]
    means = ranks.groupby(["arm", *keys], as_index=False)["reciprocal"].mean()
    joined = means[means["arm"] != against].merge(means[means["arm"] == against], on=keys, suffixes=("", "_base"))
    joined["gain"] = 100.0 * (joined["reciprocal"] - joined["reciprocal_base"])
    rows = []
    for (arm, code), pairs in joined.groupby(["arm", "language"], sort=False):
        same = accuracy[(accuracy["arm"] == arm) & (accuracy["value"] == code)]
        if same.empty:
            continue
        by_sentence = pairs.groupby("sentence")["gain"].mean().to_numpy()
        drawn = resample_means(by_sentence[:, None], repetitions)[:, 0]
        low, high = (float(bound) for bound in percentile_interval(drawn))
        gain = same.iloc[0]
        rows.append(
            (
                arm, code, pairs["seed"].nunique(), len(by_sentence), float(by_sentence.mean()), low, high,
                float(gain["difference"]), float(gain["low"]), float(gain["high"]), int(gain["items"]),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def slopes(table: pd.DataFrame) -> list[Slope]:
    """One least-squares slope an arm over its languages, with Student's interval (n - 2 degrees of freedom)."""
    lines = []
    for arm, points in table.groupby("arm", sort=False):
        found, gained = points["mrr"].to_numpy(float) / STEP, points["difference"].to_numpy(float)
        if len(points) < 3 or np.ptp(found) == 0:
            lines.append(Slope(str(arm), len(points), math.nan, math.nan, math.nan, math.nan))
            continue
        fit = linregress(found, gained)
        reach = student_quantile(len(points) - 2) * float(fit.stderr)
        slope = float(fit.slope)
        lines.append(Slope(str(arm), len(points), slope, slope - reach, slope + reach, float(fit.rvalue) ** 2))
    return lines
