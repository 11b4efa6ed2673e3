"""One score of the five: a logistic regression on what was planted, since each finds kinds that the others miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.bitext.noise_score import NAMES, noise_score

COMBINED = "combined"
#: Own pairs that a first fit takes for damage are left out of the second, as a bitext's own pairs are not all clean.
_ROUNDS = 2
_REGULARISATION = 1.0


@dataclass(frozen=True)
class Weights:
    """`weights` [5] of the standardised scores in the order of `NAMES`, with their means and spreads [5]."""

    weights: tuple[float, ...]
    intercept: float
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    def score(self, scores: NDArray[np.floating], typical: float) -> NDArray[np.float64]:
        """The log odds [n] that pairs of these scores [n, 5] are damaged; higher is worse."""
        features = (_features(scores, typical) - np.array(self.means)) / np.array(self.spreads)
        return np.asarray(features @ np.array(self.weights) + self.intercept, np.float64)


def fit(own: NDArray[np.floating], damaged: NDArray[np.floating], typical: float) -> Weights:
    """Fitted to tell `damaged` [m, 5] from a bitext's `own` pairs [n, 5]; both count the same whatever their numbers.

    With nothing planted every weight is 0.
    """
    from sklearn.linear_model import LogisticRegression

    clean, noise = _features(own, typical), _features(damaged, typical)
    means = clean.mean(0)
    spreads = np.maximum(clean.std(0), 1e-6)
    if not len(noise):
        return Weights((0.0,) * len(NAMES), 0.0, tuple(means.tolist()), tuple(spreads.tolist()))
    kept = np.ones(len(clean), bool)
    for _ in range(_ROUNDS):
        features = (np.concatenate([clean[kept], noise]) - means) / spreads
        labels = np.r_[np.zeros(int(kept.sum())), np.ones(len(noise))]
        model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=1000).fit(features, labels)
        weights, intercept = model.coef_[0], float(model.intercept_[0])
        kept = ((clean - means) / spreads) @ weights + intercept < 0
        if kept.sum() < 2:
            break
    return Weights(tuple(weights.tolist()), intercept, tuple(means.tolist()), tuple(spreads.tolist()))


def _features(scores: NDArray[np.floating], typical: float) -> NDArray[np.float64]:
    columns: Sequence[NDArray[np.float64]] = [noise_score(scores, name, typical) for name in NAMES]
    return np.column_stack(columns)
