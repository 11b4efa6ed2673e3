"""The ratio margin of a pair: its cosine beside those of each side's nearest neighbours on the other side.

    margin(x, y) = cos(x, y) / (sum over z in NN_k(x) of cos(x, z) / 2k + sum over z in NN_k(y) of cos(y, z) / 2k)

Artetxe and Schwenk 2019, Margin-based parallel corpus mining with multilingual sentence embeddings (ACL), eq. 1 and the
variant *ratio*; LASER mines with it, k = 4. A text that is near to everything needs a higher cosine than others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 4
_AT_ONCE = 1024
#: The least that the neighbours' mean cosine counts as, lest a ratio to nearly nothing say much.
_LEAST = 1e-3


@dataclass(frozen=True)
class Pool:
    """Sentence vectors of both sides of a bitext's sample, [p, d] each, unit length, row i of one beside row i."""

    sources: NDArray[np.float32]
    targets: NDArray[np.float32]


def ratio_margin(
    sources: NDArray[np.floating], targets: NDArray[np.floating], pool: Pool, own: NDArray[np.integer]
) -> NDArray[np.float32]:
    """The margins [n] of pairs of unit vectors [n, d]; about 1 is what unrelated texts have, more is nearer.

    Neighbours are sought in `pool`, and the pair's own other side always counts as one of them, as in a search among
    the whole bitext. `own` [n] is the row of the pool that a pair was made from, whose two texts are passed over (a
    spoilt pair must not be found by its true translation lying beside it); -1 for a pair that is not in the pool.
    """
    margins = np.zeros(len(sources), np.float32)
    for start in range(0, len(sources), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        x, y = np.asarray(sources[rows], np.float32), np.asarray(targets[rows], np.float32)
        cosine = (x * y).sum(1)
        forward = _mean_of_nearest(x @ pool.targets.T, cosine, own[rows])
        backward = _mean_of_nearest(y @ pool.sources.T, cosine, own[rows])
        margins[rows] = cosine / np.maximum((forward + backward) / 2, _LEAST)
    return margins


def _mean_of_nearest(
    near: NDArray[np.float32], cosine: NDArray[np.float32], own: NDArray[np.integer]
) -> NDArray[np.float32]:
    """The mean of the k highest cosines [n] of `near` [n, p] and the pair's own, row `own` left out."""
    there = np.flatnonzero(own >= 0)
    near[there, own[there]] = -np.inf
    found = np.column_stack([near, cosine])
    k = min(NEIGHBOURS, found.shape[1] - int(len(there) > 0 and found.shape[1] > 1))
    highest = np.partition(found, found.shape[1] - k, axis=1)[:, -k:]
    return np.asarray(highest.mean(1), np.float32)
