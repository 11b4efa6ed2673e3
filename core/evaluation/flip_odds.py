"""Does a flip of an item go with its own premise coming nearer? Odds associations with the premise's change in cost.

They describe which items flip, within a language, in runs as they are; nothing is manipulated, and no cause is shown.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from core.statistics.intervals import normal_quantile

COLUMNS = ("arm", "layer", "flip", "odds", "low", "high", "p", "deviation", "items", "flips", "premises")
#: Fewer flips than this say nothing of their odds.
FEWEST = 10


def flip_odds(answers: pd.DataFrame, against: str) -> pd.DataFrame:
    """`COLUMNS`, two rows for each arm and layer: "fixed" among the items `against` gets wrong, "broken" among those
    it gets right.

    `answers` has arm, seed, language, layer, item_id, cost, right: the transport cost between the item's premise and
    the English one under the run of that arm and seed, and whether the run's answer is right. odds is the odds ratio of
    the flip for each standard deviation (`deviation`, of those items) by which the arm lowers that cost relative to
    `against`: logistic regression with an intercept a language, errors clustered by premise (three items share one,
    and its translations belong together). NaN with fewer than `FEWEST` flips, or as few that do not flip.
    """
    keys = ["seed", "language", "layer", "item_id"]
    base = answers[answers["arm"] == against]
    both = answers[answers["arm"] != against].merge(base, on=keys, suffixes=("", "_base"))
    both["saved"] = both["cost_base"] - both["cost"]
    rows = []
    for key, paired in both.groupby(["arm", "layer"], sort=False):
        arm, layer = str(key[0]), int(str(key[1]))
        for flip, start in (("fixed", False), ("broken", True)):
            candidates = paired[paired["right_base"].astype(bool) == start]
            flipped = candidates["right"].astype(bool).to_numpy() != start
            odds, low, high, p, deviation = _odds(candidates, flipped)
            premises = (candidates["item_id"] // 3).nunique()
            rows.append(
                (arm, layer, flip, odds, low, high, p, deviation, len(candidates), int(flipped.sum()), premises)
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _odds(candidates: pd.DataFrame, flipped: NDArray[np.bool_]) -> tuple[float, float, float, float, float]:
    """Odds ratio, its interval, p, and the standard deviation it is for."""
    import statsmodels.api as sm

    nothing = (math.nan,) * 4
    saved = candidates["saved"].to_numpy(float)
    deviation = float(saved.std()) if len(saved) else math.nan
    if min(int(flipped.sum()), int((~flipped).sum())) < FEWEST or not deviation > 0:
        return *nothing, deviation
    # A language without a flip, or with nothing else, has no finite intercept and tells nothing of the slope.
    rate = pd.Series(flipped).groupby(candidates["language"].to_numpy()).transform("mean").to_numpy()
    kept = (rate > 0) & (rate < 1)
    dummies = pd.get_dummies(candidates["language"][kept]).to_numpy(float)
    x = np.column_stack([saved[kept] / deviation, dummies])
    groups = (candidates["item_id"].to_numpy() // 3)[kept]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            model = sm.GLM(flipped[kept].astype(float), x, family=sm.families.Binomial())
            fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
        except (Warning, ValueError, np.linalg.LinAlgError):
            return *nothing, deviation
    slope, error = float(fit.params[0]), float(fit.bse[0])
    reach = normal_quantile() * error
    with np.errstate(over="ignore"):
        ends = np.exp([slope, slope - reach, slope + reach])
    return float(ends[0]), float(ends[1]), float(ends[2]), float(2 * norm.sf(abs(slope) / error)), deviation
