"""Controls that train nothing: each language's mean, and its top principal components, taken out of its vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Removal:
    """What is removed from one language's vectors: mean [d] and orthonormal components [k, d].

    Both come from training bitext, never from what is tested. Centring: Libovicky et al., arXiv 2004.05160; top
    components of each language (LIR): Yang et al., arXiv 2109.04727.
    """

    mean: NDArray[np.float64]
    components: NDArray[np.float64]

    def __call__(self, vectors: Vectors) -> Vectors:
        """Vectors [n, d] without them, of length 1 again."""
        left = vectors - self.mean
        left = left - (left @ self.components.T) @ self.components
        length = np.linalg.norm(left, axis=1, keepdims=True)
        return np.asarray(left / np.maximum(length, 1e-12), np.float32)


def fit_removal(vectors: Vectors, centre: bool, components: int) -> Removal:
    """From vectors [n, d] of training sentences of one language; `components` directions of most variance.

    Without `centre` the components are those of the raw vectors, as LIR takes them.
    """
    mean = vectors.mean(0, np.float64) if centre else np.zeros(vectors.shape[1])
    if components <= 0:
        return Removal(mean, np.zeros((0, vectors.shape[1])))
    directions = np.linalg.svd(np.asarray(vectors, np.float64) - mean, full_matrices=False)[2]
    return Removal(mean, np.asarray(directions[:components]))
