"""The cluster bootstrap: whole premises are drawn again, jointly over languages and runs.

Items of one premise and translations of one item are not independent, so neither rows nor items are drawn
(Davison and Hinkley 1997, section 3.8).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REPETITIONS = 4000
_CHUNK = 500


def draw_weights(clusters: int, repetitions: int = REPETITIONS, seed: int = 0) -> NDArray[np.float32]:
    """[repetitions, clusters]: how often each cluster is drawn; a row sums to `clusters`.

    >>> draw_weights(5, 2).sum(1).tolist()
    [5.0, 5.0]
    """
    random = np.random.default_rng(seed)
    weights = np.empty((repetitions, clusters), np.float32)
    for start in range(0, repetitions, _CHUNK):
        rows = min(_CHUNK, repetitions - start)
        drawn = random.integers(0, clusters, (rows, clusters)) + clusters * np.arange(rows)[:, None]
        weights[start : start + rows] = np.bincount(drawn.ravel(), minlength=rows * clusters).reshape(rows, clusters)
    return weights


def resample(
    sums: NDArray[np.floating], counts: NDArray[np.floating], unit_weights: NDArray[np.floating],
    weights: NDArray[np.float32],
) -> NDArray[np.float64]:  # fmt: skip
    """[repetitions]: sum over units of unit_weights [U] x (weighted sums / weighted counts).

    sums and counts are [U, P] by premise, weights [repetitions, P] from `draw_weights`. The ratio is formed anew
    in every repetition, because premises may hold unequal numbers of items. A repetition that draws no item of a
    unit (it is possible only where a unit has few premises) is left out.
    """
    top = (weights @ sums.T.astype(np.float32)).astype(np.float64)
    bottom = (weights @ counts.T.astype(np.float32)).astype(np.float64)
    kept = (bottom > 0).all(1)
    return np.asarray((top[kept] / bottom[kept]) @ unit_weights)
