"""Tests and intervals of differences: premises and seeds as two sources of variance, Holm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.statistics.intervals import LEVEL, student_quantile

POWER = 0.80
#: Differences of at most so many points (x100) count as no difference.
MARGIN = 1.0


class SeedVariance(NamedTuple):
    """Variance between seeds of one seed's paired difference (x100, squared), and its degrees of freedom."""

    variance: float
    degrees: float


@dataclass(frozen=True)
class Estimate:
    """A difference (x100) with its 95 % interval; `p` two-sided, `p_equivalent` of the two one-sided tests.

    `error` is the standard error, `degrees` Satterthwaite's degrees of freedom.
    """

    difference: float
    error: float
    degrees: float
    low: float
    high: float
    p: float
    p_equivalent: float

    def smallest(self, level: float = LEVEL) -> float:
        """The smallest true difference (x100) that a two-sided test at `level` finds with 80 % power."""
        from scipy.stats import t as student

        quantiles = student.ppf([1 - level / 2, POWER], self.degrees)
        return float(quantiles.sum() * self.error)


def estimate(
    difference: float, sampling: float, premises: int, seeds: int, between: SeedVariance | None, margin: float = MARGIN
) -> Estimate:
    """SE^2 = SE^2 of the cluster bootstrap (`sampling`) + s^2 of the seeds / `seeds`.

    Degrees of freedom after Satterthwaite (1946), the bootstrap's part having `premises` - 1. `between` None
    leaves the seeds out: then the interval speaks of these runs only. As the seeds were all read on the same finite
    items, a part of their variance is also in `sampling`: the sum errs on the careful side.
    """
    from scipy.stats import t as student

    parts = [(sampling, max(premises - 1.0, 1.0))]
    if between is not None:
        parts.append((between.variance / seeds, between.degrees))
    variance = sum(part for part, _ in parts)
    if variance <= 0:  # every premise and every seed shows the same difference
        p = float(difference == 0)
        same = float(abs(difference) >= margin)
        return Estimate(difference, 0.0, math.inf, difference, difference, p, same)
    error = math.sqrt(variance)
    degrees = variance**2 / sum(part**2 / free for part, free in parts)
    reach = error * student_quantile(degrees)
    p = 2 * float(student.sf(abs(difference) / error, degrees))
    p_equivalent = float(student.sf((margin - abs(difference)) / error, degrees))
    return Estimate(difference, error, degrees, difference - reach, difference + reach, p, p_equivalent)


def paired_seed_variance(differences: NDArray[np.floating]) -> SeedVariance | None:
    """From the differences [k] of the same two arms at k seeds; None with fewer than two."""
    if len(differences) < 2:
        return None
    return SeedVariance(float(np.var(differences, ddof=1)), len(differences) - 1.0)


def pooled_seed_variance(
    values: NDArray[np.floating], arms: Sequence[str], seeds: Sequence[int]
) -> SeedVariance | None:
    """The variance of a paired difference that arms with a single seed borrow.

    values [n] are of runs (arm, seed). Arms with two seeds or more are fitted by arm + seed; a difference of two
    arms at one seed has twice the residual variance. With the same seeds in every arm this is the mean of
    `paired_seed_variance` over all pairs of arms. None where nothing is left to estimate it from.
    """
    rows = [i for i, arm in enumerate(arms) if list(arms).count(arm) > 1 and np.isfinite(values[i])]
    if not rows:
        return None
    columns = [np.array([key[i] for i in rows]) for key in (list(arms), list(seeds))]
    design = np.hstack([(np.unique(column)[None] == column[:, None]).astype(float) for column in columns])
    degrees = len(rows) - int(np.linalg.matrix_rank(design))
    if degrees < 1:
        return None
    kept = values[rows]
    fitted = design @ np.linalg.lstsq(design, kept, rcond=None)[0]
    return SeedVariance(2 * float(((kept - fitted) ** 2).sum()) / degrees, float(degrees))


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for their number by Holm (1979), in their order.

    >>> [round(x, 3) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    # Not statsmodels' multipletests, which collects garbage at every call; a test holds the two equal.
    given = np.asarray(p, np.float64)
    order = given.argsort(kind="stable")
    corrected = np.empty_like(given)
    corrected[order] = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1)).clip(max=1.0)
    return [float(value) for value in corrected]
