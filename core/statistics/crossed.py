"""Differences over premises and seeds, both drawn: crossed random effects, and an interval that holds its size.

A value y[s, p] is what premise p says of the difference at seed s. With d the difference, a the effect of a seed, b
that of a premise and e the rest, y = d + a[s] + b[p] + e[s, p]. Mean squares give the three variances (two-way layout,
random effects, one value a cell; Searle, Casella and McCulloch 1992, section 4.7), and the variance of the mean of k
seeds and P premises is var(a)/k + var(b)/P + var(e)/(kP): the seeds' part A = var(a)/k + var(e)/(kP), the premises'
part B = var(b)/P.

The reference quantile is Cochran and Cox's (1957, section 4.14): the two parts' t quantiles weighted by the parts,
q = (A t[k-1] + B t[P-1]) / (A + B). Satterthwaite's degrees of freedom are too many with three seeds (size .08 at .05),
k - 1 for everything too few (size .01); this one stays at or below its level (`tests/core/statistics/test_crossed.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtrit

from core.errors import BadInput
from core.statistics.intervals import LEVEL
from core.statistics.significance import MARGIN

#: With two seeds the size reaches .06 and an interval is points wide: such a difference is described, not tested.
FEWEST_SEEDS = 3


@dataclass(frozen=True)
class Components:
    """Variances of a difference (x100, squared): between seeds, between premises, and what is left in one cell."""

    seed: float
    premise: float
    residual: float

    def parts(self, seeds: int, premises: int) -> tuple[float, float]:
        """(A, B): the part of the mean's variance that falls with the number of seeds, and that of premises alone."""
        return (self.seed + self.residual / premises) / seeds, self.premise / premises


@dataclass(frozen=True)
class CrossedEstimate:
    """A difference x100 with its 95 % interval; `p` two-sided, `p_equivalent` of the two one-sided tests.

    `tested` is False below `FEWEST_SEEDS`: p and p_equivalent are then 1, and the interval is of the premises alone
    where there is a single seed.
    """

    difference: float
    error: float
    low: float
    high: float
    p: float
    p_equivalent: float
    seeds: int
    premises: int
    components: Components
    tested: bool


def components(values: NDArray[np.floating]) -> Components:
    """The variances behind `values` [k, P]; a negative estimate is 0. With one seed all of it counts as the premises'.

    >>> components(np.array([[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]))
    Components(seed=0.5, premise=4.0, residual=0.0)
    """
    k, size = _shape(values)
    mean = values.mean()
    by_seed, by_premise = values.mean(1), values.mean(0)
    if k == 1:
        return Components(0.0, float(by_premise.var(ddof=1)), 0.0)
    rest = values - by_seed[:, None] - by_premise[None] + mean
    residual = float((rest**2).sum()) / ((k - 1) * (size - 1))
    seed = max(float(by_seed.var(ddof=1)) - residual / size, 0.0)
    premise = max(float(by_premise.var(ddof=1)) - residual / k, 0.0)
    return Components(seed, premise, residual)


def crossed(values: NDArray[np.floating], margin: float = MARGIN, level: float = LEVEL) -> CrossedEstimate:
    """Estimate the mean of `values` [k seeds, P premises], x100. Raises `BadInput` for fewer than two premises."""
    k, size = _shape(values)
    found = components(values)
    difference = float(values.mean())
    if k == 1:
        parts = (0.0, found.premise / size)
    else:
        # The seeds' part is their observed variance, which holds var(e)/P as it stands: never below what was seen.
        parts = (float(values.mean(1).var(ddof=1)) / k, found.premise / size)
    error = math.sqrt(sum(parts))
    low, high, p, p_equivalent = from_parts(difference, parts, k, size, margin, level)
    tested = k >= FEWEST_SEEDS
    if not tested:
        p = p_equivalent = 1.0
    return CrossedEstimate(difference, error, low, high, p, p_equivalent, k, size, found, tested)


def from_parts(
    difference: float, parts: tuple[float, float], seeds: int, premises: int, margin: float = MARGIN,
    level: float = LEVEL,
) -> tuple[float, float, float, float]:  # fmt: skip
    """(low, high, p, p_equivalent) of a difference x100 with the variance parts (A of seeds, B of premises)."""
    error = math.sqrt(sum(parts))
    reach = error * quantile(1 - level / 2, parts, seeds, premises)
    if error == 0:
        p, p_equivalent = float(difference == 0), float(abs(difference) >= margin)
    else:
        p = min(1.0, 2 * tail(abs(difference) / error, parts, seeds, premises))
        p_equivalent = tail((margin - abs(difference)) / error, parts, seeds, premises)
    return difference - reach, difference + reach, p, p_equivalent


def quantile(share: float, parts: tuple[float, float], seeds: int, premises: int) -> float:
    """Cochran and Cox's quantile at `share` of a difference with the variance parts (A, B)."""
    a, b = parts
    premise_quantile = float(stdtrit(premises - 1, share))
    if seeds < 2 or a == 0:
        return premise_quantile
    return (a * float(stdtrit(seeds - 1, share)) + b * premise_quantile) / (a + b)


def tail(statistic: float, parts: tuple[float, float], seeds: int, premises: int) -> float:
    """The one-sided p at which `quantile` equals `statistic` (any sign); between 1e-12 and 1 - 1e-12."""
    low, high = 1e-12, 1 - 1e-12
    if statistic >= quantile(1 - low, parts, seeds, premises):
        return low
    if statistic <= quantile(1 - high, parts, seeds, premises):
        return high
    return float(brentq(lambda p: quantile(1 - p, parts, seeds, premises) - statistic, low, high, xtol=1e-13))


def _shape(values: NDArray[np.floating]) -> tuple[int, int]:
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise BadInput("A difference over seeds and premises needs at least one seed and two premises.")
    if not np.isfinite(values).all():
        raise BadInput("A difference over seeds and premises holds a value that is not a number.")
    return values.shape[0], values.shape[1]
