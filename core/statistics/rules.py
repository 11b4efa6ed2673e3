"""The two rules by which studies answer: one estimate of a difference, from what seeds and clusters of items say.

Both take the seeds' part A = s^2 / k (observed variance between the k seeds' differences) and the clusters' part B.
"first", the rule of the first study: B from the cluster bootstrap, Student's t with Satterthwaite's degrees of freedom
(`core.statistics.significance.estimate`). With three seeds whose part is larger than the items' it calls up to .08
ahead at .05, so that no new study uses it. "crossed": B from the components of variance, Cochran and Cox's quantile
(`core.statistics.crossed`).

A study uses one rule for everything. What has fewer than `FEWEST_SEEDS` seeds or `FEWEST_CLUSTERS` clusters is
described: it has an interval, no p and no mark.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.statistics.crossed import FEWEST_SEEDS, components, from_parts
from core.statistics.intervals import LEVEL
from core.statistics.significance import MARGIN, SeedVariance, estimate, paired_seed_variance

Method = Literal["first", "crossed"]
#: Where the variance between seeds is from: of these arms, borrowed by a single run, of arms that are not trained, or
#: from nowhere (the interval is then of the items alone).
SeedSource = Literal["own", "pooled", "none", "unknown"]
#: Fewer clusters of items give no test: a variance over them would claim more than they hold.
FEWEST_CLUSTERS = 20


@dataclass(frozen=True)
class Judged:
    """A difference x100 with its 95 % interval; p and p_equivalent are 1 where it is not `tested`.

    `smallest` is the difference that the first rule finds with 80 % power, by the errors that were found; NaN under
    "crossed", whose power is planned (`core.statistics.power`) and never read off a result.
    """

    difference: float
    low: float
    high: float
    p: float
    p_equivalent: float
    tested: bool
    source: SeedSource
    error: float
    degrees: float

    def smallest(self, level: float = LEVEL) -> float:
        """The minimum detectable effect at `level`; NaN where the rule gives none."""
        if not math.isfinite(self.error) or math.isnan(self.degrees):
            return math.nan
        from scipy.stats import t as student

        from core.statistics.significance import POWER

        return float(student.ppf([1 - level / 2, POWER], self.degrees).sum() * self.error)


def judge(
    method: Method, by_seed: NDArray[np.floating], sampling: float, clusters: int, margin: float = MARGIN,
    level: float = LEVEL, borrowed: SeedVariance | None = None, trained: bool = True,
) -> Judged:  # fmt: skip
    """Judge the mean of `by_seed` [k], x100, by the rule `method`.

    `sampling` is the clusters' part of its variance (`clusters_part`), `borrowed` the seeds' variance that a single run
    takes over for its interval. With `trained` False nothing varies between seeds, and a test needs no second one.
    """
    k, difference = len(by_seed), float(np.mean(by_seed))
    own = paired_seed_variance(by_seed) if trained else None
    between = own if own is not None else borrowed if trained and method == "first" else None
    source: SeedSource = "none" if not trained else "own" if own else "pooled" if between else "unknown"
    tested = (k >= FEWEST_SEEDS or not trained) and clusters >= FEWEST_CLUSTERS
    if method == "first":
        found = estimate(difference, sampling, clusters, k, between, margin)
        low, high, p, same, error, degrees = (
            found.low, found.high, found.p, found.p_equivalent, found.error, found.degrees,
        )  # fmt: skip
    else:
        parts = (0.0 if own is None else own.variance / k, sampling)
        low, high, p, same = from_parts(difference, parts, k, max(clusters, 2), margin, level)
        error, degrees = math.sqrt(sum(parts)), math.nan
    if not tested:
        p = same = 1.0
    return Judged(difference, low, high, p, same, tested, source, error, degrees)


def by_seed(
    sums: NDArray[np.floating], counts: NDArray[np.floating], weights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """[k]: the weighted mean over units of sums [k, U, P] / counts [U, P], clusters added up; `weights` [U]."""
    return np.asarray((sums.sum(-1) / counts.sum(-1)) @ weights, np.float64)


def linearised(
    sums: NDArray[np.floating], counts: NDArray[np.floating], weights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """[k, P'] what each cluster says of the difference at each seed, clusters without an item left out.

    The mean over clusters is `by_seed`. Where units lack items of a cluster the ratio is linearised, as a cluster
    bootstrap would treat it (Davison and Hinkley 1997, section 2.7).
    """
    used = counts.sum(0) > 0
    totals = counts.sum(-1)
    rate = sums.sum(-1) / totals
    surplus = sums[..., used] - rate[..., None] * counts[:, used]
    values = rate[..., None] + int(used.sum()) * surplus / totals[:, None]
    return np.asarray(np.einsum("kup,u->kp", values, weights), np.float64)


def clusters_part(values: NDArray[np.floating]) -> float:
    """The part of the mean's variance that is the clusters', by the components of `linearised` values [k, P]."""
    if values.shape[1] < 2:
        return 0.0
    return float(components(values).premise / values.shape[1])
