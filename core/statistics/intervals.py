"""95 % intervals: of a proportion, of a difference of paired proportions, of a mean, and of bootstrap draws."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

#: Intervals are of 1 - LEVEL.
LEVEL = 0.05
#: `normal_quantile` to the two places with which stored scores were made.
ROUNDED_QUANTILE = 1.96


def wilson(correct: float, items: int, confidence: float = 1 - LEVEL) -> tuple[float, float]:
    """Wilson score interval of correct / items, x100; (0, 100) where there are no items. `correct` need not be whole:
    where `items` counts clusters it is a sum of their shares.

    >>> [round(x, 1) for x in wilson(60, 100)]
    [50.2, 69.1]
    """
    if items <= 0:
        return 0.0, 100.0
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(correct, items, alpha=1 - confidence, method="wilson")
    return 100.0 * float(low), 100.0 * float(high)


def predictive(correct: int, items: int, further: int, confidence: float = 1 - LEVEL) -> tuple[float, float]:
    """Equal-tailed interval, x100, of the proportion among `further` new items, `correct` of `items` having been seen.

    Beta-binomial with Jeffreys' prior (Brown, Cai and DasGupta 2001, Statistical Science 16(2); Geisser 1993,
    Predictive Inference): wider than an interval of the rate itself, since few new items scatter. (0, 100) without
    items.

    >>> [round(x, 1) for x in predictive(60, 100, 30)], [round(x, 1) for x in predictive(60, 100, 100_000)]
    ([40.0, 80.0], [50.2, 69.2])
    """
    if items <= 0 or further <= 0:
        return 0.0, 100.0
    from scipy.stats import betabinom

    spread = betabinom(further, correct + 0.5, items - correct + 0.5)
    low, high = spread.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    return 100.0 * float(low) / further, 100.0 * float(high) / further


def bonett_price(broken: int, fixed: int, items: int) -> tuple[float, float]:
    """Bonett and Price's adjusted Wald interval of (fixed - broken) / items, x100 (2012, Journal of Educational and
    Behavioral Statistics 37(4)).

    The two are paired proportions: of `items` one side alone has `broken` right and the other alone `fixed`. One item
    is added to each of these two cells. `items` is at least 1.

    >>> [round(x, 1) for x in bonett_price(5, 12, 87)]
    [-1.6, 17.3]
    """
    up, down = (fixed + 1) / (items + 2), (broken + 1) / (items + 2)
    reach = normal_quantile() * math.sqrt((up + down - (up - down) ** 2) / (items + 2))
    return 100 * max(-1.0, up - down - reach), 100 * min(1.0, up - down + reach)


def normal_quantile() -> float:
    """How many standard errors a normal interval reaches to either side: 1.96 at 95 %.

    >>> round(normal_quantile(), 3)
    1.96
    """
    from scipy.stats import norm

    return float(norm.ppf(1 - LEVEL / 2))


def mean_interval(mean: float, error: float) -> tuple[float, float]:
    """Normal interval of a mean with that standard error; read back by `variance_within`.

    >>> [round(x, 2) for x in mean_interval(10.0, 0.5)]
    [9.02, 10.98]
    """
    return mean - ROUNDED_QUANTILE * error, mean + ROUNDED_QUANTILE * error


def variance_within(low: NDArray[np.floating], high: NDArray[np.floating]) -> NDArray[np.float64]:
    """The squared standard errors [n] that normal intervals, bounds [n], were made with.

    >>> variance_within(np.array([9.02]), np.array([10.98])).round(6).tolist()
    [0.25]
    """
    return np.asarray(((high - low) / (2 * ROUNDED_QUANTILE)) ** 2)


def student_quantile(degrees: float) -> float:
    """`normal_quantile` of Student's t with that many degrees of freedom.

    >>> round(student_quantile(4), 3)
    2.776
    """
    from scipy.stats import t as student

    return float(student.ppf(1 - LEVEL / 2, degrees))


def percentile_interval(draws: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high [...]: the percentiles of bootstrap draws [repetitions, ...] that leave `LEVEL` outside.

    Interpolated linearly between order statistics (Efron and Tibshirani 1993, section 13.3).
    """
    low, high = np.quantile(draws, [LEVEL / 2, 1 - LEVEL / 2], axis=0)
    return low, high
