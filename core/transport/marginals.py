"""How much mass each token of a sentence has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MARGINALS = ("uniform", "norm", "frequency", "attention")
#: The weight a token gets is SMOOTHING / (SMOOTHING + its probability).
SMOOTHING = 1e-3
#: No token has less than this share of what it would have in a uniform marginal.
_LEAST = 1e-3


def uniform(count: int) -> NDArray[np.float64]:
    """Equal mass for `count` tokens, 1 in all."""
    return np.full(count, 1.0 / count)


def norm_weighted(states: Array) -> NDArray[np.float64]:
    """Mass in proportion to the length of each state of [n, d] (Word Rotator's Distance, arXiv 2004.15003)."""
    return proportional(np.linalg.norm(np.asarray(states, np.float64), axis=1))


def frequency_weighted(probabilities: Sequence[float] | Array) -> NDArray[np.float64]:
    """Mass in proportion to s / (s + p) for each token's probability p in text: frequent tokens weigh little.

    Smooth inverse frequency (Arora et al. 2017, ICLR), s = `SMOOTHING`.
    """
    return proportional(SMOOTHING / (SMOOTHING + np.asarray(probabilities, np.float64)))


def proportional(weights: Array) -> NDArray[np.float64]:
    """Positive masses that sum to 1, in proportion to weights that are not negative (all zero: uniform).

    Attention is such a weight: what each token receives from the others of its sentence.
    """
    weights = np.nan_to_num(np.asarray(weights, np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)
    total = weights.sum()
    if total <= 0:
        return uniform(len(weights))
    mass = np.maximum(weights / total, _LEAST / len(weights))
    return np.asarray(mass / mass.sum(), np.float64)
