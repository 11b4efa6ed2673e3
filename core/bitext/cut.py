"""Where to cut a score, and what the cut is worth: precision and recall on synthetic noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.statistics.intervals import wilson

#: The part of a file that is synthetic noise when a cut is judged.
SHARE = 0.2


@dataclass(frozen=True)
class DetectionMetrics:
    """Precision and recall x100 with their 95 % intervals (Wilson), from counts of pairs.

    A pair is found if its noise score is above the cut; precision is NaN where none is found.
    """

    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    found: int
    planted: int  # of the synthetic noise, found or not; the name is a key of stored JSON

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, x100; 0 where no synthetic noise was found."""
        both = self.precision + self.recall
        return 0.0 if not both > 0 else 2 * self.precision * self.recall / both


def detection_metrics(clean: NDArray[np.floating], noise: NDArray[np.floating], cut: float) -> DetectionMetrics:
    """What a cut finds of `noise` among `clean` [n], both noise scores (higher is worse)."""
    right, wrong = int((noise > cut).sum()), int((clean > cut).sum())
    found = right + wrong
    precision = 100.0 * right / found if found else float("nan")
    p_low, p_high = wilson(right, found) if found else (float("nan"), float("nan"))
    r_low, r_high = wilson(right, len(noise))
    return DetectionMetrics(precision, p_low, p_high, 100.0 * right / len(noise), r_low, r_high, found, len(noise))


def already_noisy(clean: NDArray[np.floating], noise: NDArray[np.floating]) -> float:
    """The share of `clean` [n] that is noise of this kind already, from noise scores alone: an upper bound.

    If a share k of `clean` is like `noise`, at least k times noise's own share lies beyond any cut, so that the least
    ratio of the two over all cuts bounds k (Blanchard, Lee and Scott, JMLR 2010); only cuts beyond which a quarter of
    the noise lies are asked, for fewer of it tell nothing. 0.9 at most.
    """
    cuts = np.unique(noise)[:-1] if len(np.unique(noise)) > 1 else noise
    beyond = (noise[None, :] > cuts[:, None]).mean(1)
    cuts, beyond = cuts[beyond >= 0.25], beyond[beyond >= 0.25]
    if not len(cuts):
        return 0.0
    return float(min(0.9, ((clean[None, :] > cuts[:, None]).mean(1) / beyond).min()))


def best_cut(clean: NDArray[np.floating], noise: NDArray[np.floating], already: float = 0.0) -> float:
    """The cut with the highest F1, midway between two scores; the lowest of equals.

    Of `clean`, a share `already` is taken to be noise too: finding it is not counted as an error.
    """
    values = np.concatenate([clean, noise]).astype(np.float64)
    synthetic = np.concatenate([np.zeros(len(clean)), np.ones(len(noise))])
    order = np.argsort(-values, kind="stable")
    right = np.cumsum(synthetic[order])
    wrong = np.arange(1, len(values) + 1) - right
    f1 = _f1(right, wrong, len(clean), len(noise), already)
    ranked = values[order]
    last = np.append(ranked[1:] < ranked[:-1], True)  # a cut cannot part equal scores
    best = int(np.flatnonzero(last)[::-1][np.argmax(f1[last][::-1])])
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)


def f1_at(clean: NDArray[np.floating], noise: NDArray[np.floating], cut: float, already: float = 0.0) -> float:
    """F1 x100 of a cut, a share `already` of `clean` taken to be noise too."""
    right, wrong = np.array([(noise > cut).sum()]), np.array([(clean > cut).sum()])
    return 100.0 * float(_f1(right, wrong, len(clean), len(noise), already)[0])


def _f1(right: NDArray[Any], wrong: NDArray[Any], clean: int, noise: int, already: float) -> NDArray[np.float64]:
    rest = np.maximum(0.0, wrong - already * clean * right / noise)
    return np.asarray(2 * right / (right + rest + noise), np.float64)
