"""One number of a run, with its interval and what it was counted on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.statistics.intervals import mean_interval, wilson


@dataclass(frozen=True)
class Score:
    """`value` of a measure, with a 95 % interval (NaN where none is known) over `items` items.

    `language` is "" and `layer` -1 where the measure has none. Rates are x100.
    """

    name: str
    split: str
    language: str
    value: float
    low: float = math.nan
    high: float = math.nan
    items: int = 0
    layer: int = -1


def share_score(name: str, split: str, language: str, right: NDArray[np.bool_], layer: int = -1) -> Score:
    """The share of `right` [n] that is true, x100, with its Wilson interval.

    >>> score = share_score("retrieval_accuracy@1", "retrieval", "sw", np.array([True] * 60 + [False] * 40))
    >>> [score.value, round(score.low, 1), round(score.high, 1), score.items]
    [60.0, 50.2, 69.1, 100]
    """
    low, high = wilson(int(right.sum()), len(right))
    return Score(name, split, language, 100.0 * float(right.mean()), low, high, len(right), layer)


def mean_score(name: str, split: str, language: str, values: NDArray[np.floating]) -> Score:
    """The mean of `values` [n] with its normal interval; NaN for the interval of one value."""
    error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else math.nan
    mean = float(values.mean())
    return Score(name, split, language, mean, *mean_interval(mean, error), len(values))
