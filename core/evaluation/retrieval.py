"""Retrieval by sentence vectors: ranked candidates, and accuracy at 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder


def rank_vectors(
    queries: NDArray[np.floating], candidates: NDArray[np.floating], top: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Indices and cosine scores [q, top] of the nearest candidates, best first; ties go to the lower index."""
    scores = queries @ candidates.T
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    return order, np.take_along_axis(scores, order, 1).astype(np.float32)


def rank(
    encoder: Encoder, queries: Sequence[str], candidates: Sequence[str], top: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Indices and cosine scores [q, top] of the candidates nearest to each query, best first."""
    from core.encoder.vectors import sentence_vectors

    return rank_vectors(sentence_vectors(encoder, queries), sentence_vectors(encoder, candidates), top)


def right_at_one(queries: NDArray[np.floating], candidates: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the i-th query's nearest candidate is the i-th: [n]."""
    best = rank_vectors(queries, candidates, 1)[0][:, 0]
    return np.asarray(best == np.arange(len(queries)))
