"""Where to cut a score, and what the cut is worth: precision and recall on planted corruption."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.intervals import wilson

#: The part of a file that is planted noise when a cut is judged.
SHARE = 0.2


@dataclass(frozen=True)
class Worth:
    """Precision and recall x100 with their 95 % intervals (Wilson), from counts of pairs.

    A pair is found if its badness is above the cut; precision is NaN where none is found.
    """

    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    found: int
    planted: int

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, x100; 0 where nothing planted was found."""
        both = self.precision + self.recall
        return 0.0 if not both > 0 else 2 * self.precision * self.recall / both


def worth(clean: NDArray[np.floating], noise: NDArray[np.floating], cut: float) -> Worth:
    """What a cut finds of `noise` among `clean` [n], both badness (higher is worse)."""
    right, wrong = int((noise > cut).sum()), int((clean > cut).sum())
    found = right + wrong
    precision = 100.0 * right / found if found else float("nan")
    p_low, p_high = wilson(right, found) if found else (float("nan"), float("nan"))
    r_low, r_high = wilson(right, len(noise))
    return Worth(precision, p_low, p_high, 100.0 * right / len(noise), r_low, r_high, found, len(noise))


def best_cut(clean: NDArray[np.floating], noise: NDArray[np.floating]) -> float:
    """The cut with the highest F1, midway between two scores; the lowest of equals."""
    values = np.concatenate([clean, noise]).astype(np.float64)
    planted = np.concatenate([np.zeros(len(clean)), np.ones(len(noise))])
    order = np.argsort(-values, kind="stable")
    right = np.cumsum(planted[order])
    found = np.arange(1, len(values) + 1)
    f1 = 2 * right / (found + len(noise))
    ranked = values[order]
    last = np.append(ranked[1:] < ranked[:-1], True)  # a cut cannot part equal scores
    best = int(np.flatnonzero(last)[::-1][np.argmax(f1[last][::-1])])
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)
