"""What a study of k seeds can show: half-width, power and the smallest effect it finds, from variance components.

The statistic is that of `core.statistics.crossed`. Its seeds part is drawn with k - 1 degrees of freedom, its premises
part is taken as known (thousands of items): given a draw of the seeds' variance the difference is normal, so power is a
one-dimensional integral over a chi-squared variable, done by quadrature. Planned, never computed from the difference
that was found (Hoenig and Heisey 2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtrit
from scipy.stats import chi2, norm

from core.statistics.crossed import FEWEST_SEEDS, Components
from core.statistics.intervals import LEVEL
from core.statistics.significance import POWER

_NODES = 400


@dataclass(frozen=True)
class Plan:
    """For k seeds: the mean half-width of the 95 % interval and the effect found with 80 % power, x100.

    `mde` is at `LEVEL`, `mde_corrected` at the level that Holm leaves the first of a family of `family` questions.
    """

    k: int
    half_width: float
    mde: float
    mde_corrected: float
    family: int


def power(effect: float, found: Components, seeds: int, premises: int, level: float = LEVEL) -> float:
    """The chance that a study of so many seeds and premises calls an effect (x100) ahead, two-sided at `level`."""
    if seeds < FEWEST_SEEDS:
        return 0.0
    error = math.sqrt(sum(found.parts(seeds, premises)))
    if error == 0:
        return float(effect != 0)
    reach = _reach(found, seeds, premises, level)
    beyond = norm.sf((reach - effect) / error) + norm.cdf((-reach - effect) / error)
    return float(np.asarray(beyond).mean())


def smallest_effect(found: Components, seeds: int, premises: int, level: float = LEVEL, wanted: float = POWER) -> float:
    """The smallest effect (x100) that is called ahead with the power `wanted`; infinite below `FEWEST_SEEDS`."""
    if seeds < FEWEST_SEEDS:
        return math.inf
    error = math.sqrt(sum(found.parts(seeds, premises)))
    if error == 0:
        return 0.0
    upper = error
    while power(upper, found, seeds, premises, level) < wanted:
        upper *= 2
    return float(brentq(lambda x: power(x, found, seeds, premises, level) - wanted, 0.0, upper, xtol=1e-4))


def half_width(found: Components, seeds: int, premises: int, level: float = LEVEL) -> float:
    """The mean half-width of the interval, x100."""
    return float(_reach(found, seeds, premises, level).mean()) if seeds > 1 else math.inf


def plan(found: Components, premises: int, family: int = 1, seeds: range = range(3, 11)) -> list[Plan]:
    """A `Plan` for each number of seeds."""
    return [
        Plan(
            k,
            half_width(found, k, premises),
            smallest_effect(found, k, premises),
            smallest_effect(found, k, premises, LEVEL / max(family, 1)),
            family,
        )
        for k in seeds
    ]


def _reach(found: Components, seeds: int, premises: int, level: float) -> NDArray[np.float64]:
    """[nodes]: the half-width at equally likely draws of the seeds' variance."""
    a, b = found.parts(seeds, premises)
    shares = (np.arange(_NODES) + 0.5) / _NODES
    drawn = a * chi2.ppf(shares, seeds - 1) / (seeds - 1)
    whole = drawn + b
    parts = drawn * stdtrit(seeds - 1, 1 - level / 2) + b * stdtrit(premises - 1, 1 - level / 2)
    return np.asarray(np.where(whole > 0, parts / np.sqrt(np.where(whole > 0, whole, 1.0)), 0.0))
