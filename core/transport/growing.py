"""Links that grow from certain ones: neighbours of mutual links, and the union of two directions.

Masks are bool [n, m] over the words of two sentences; scores are not negative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
#: How a cell's neighbours lie: beside it, or at its corners too.
_BESIDE = ((0, 1), (0, -1), (1, 0), (-1, 0))
_AROUND = (*_BESIDE, (1, 1), (1, -1), (-1, 1), (-1, -1))


def grow(certain: Mask, scores: NDArray[np.floating], threshold: float) -> Mask:
    """The certain links, and each cell right above, below or beside one of them whose score exceeds `threshold`.

    What a threshold alone links anywhere is linked here only beside what is certain: a score that is high by chance,
    as in long texts and where states are weak, stands alone.

    >>> certain = np.eye(3, dtype=bool)
    >>> scores = np.array([[0.9, 0.3, 0.3], [0.1, 0.8, 0.0], [0.0, 0.0, 0.7]])
    >>> [tuple(map(int, cell)) for cell in np.argwhere(grow(certain, scores, 0.25))]
    [(0, 0), (0, 1), (1, 1), (2, 2)]
    """
    return np.asarray(certain | (_neighbours(certain, _BESIDE) & (scores > threshold)))


def grow_diagonal(forward: NDArray[Any], backward: NDArray[Any]) -> NDArray[Any]:
    """Grow-diag-final-and: from the links that both directions have towards those that one has [Koehn, Och and Marcu
    2003, NAACL, section 4.5; the last step as in Moses].

    Cells around a link, corners too, join while one of their words has none; then cells whose words both have none.
    Which of two cells joins first decides where both would take the same word: links go by row, and of their
    neighbours those beside them come before the corners, where Moses begins above.
    """
    union, linked = forward.copy(), forward.copy()
    union[backward], linked[~backward] = True, False
    n, m = union.shape
    row, column = np.asarray(linked.any(1)), np.asarray(linked.any(0))
    grown = True
    while grown:
        grown = False
        for i, j in np.argwhere(linked):
            for down, right in _AROUND:
                k, h = i + down, j + right
                if 0 <= k < n and 0 <= h < m and union[k, h] and not linked[k, h] and not (row[k] and column[h]):
                    linked[k, h] = row[k] = column[h] = grown = True
    for direction in (forward, backward):
        for i, j in np.argwhere(direction & ~linked):
            if not row[i] and not column[j]:
                linked[i, j] = row[i] = column[j] = True
    return linked


def near_best(scores: NDArray[np.floating], share: float) -> Mask:
    """Cells that reach `share` of the best of their row and of the best of their column; a word whose best is 0 has
    none. With a share of 1 the mutual argmax."""
    best = np.maximum(scores.max(1, keepdims=True), scores.max(0, keepdims=True))
    return np.asarray((scores >= share * best) & (scores > 0))


def weigh_positions(scores: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Scores [n, m] times exp(-strength |i / n - j / m|), positions counted from the words' middles: the prior of
    fast_align [Dyer, Chahuneau and Smith 2013, NAACL, section 2] on what another model has found."""
    n, m = scores.shape
    apart = np.abs((np.arange(n)[:, None] + 0.5) / n - (np.arange(m)[None, :] + 0.5) / m)
    return np.asarray(scores * np.exp(-strength * apart))


def _neighbours(linked: Mask, directions: tuple[tuple[int, int], ...]) -> Mask:
    n, m = linked.shape
    padded = np.pad(linked, 1)
    around = [padded[1 + i : 1 + i + n, 1 + j : 1 + j + m] for i, j in directions]
    return np.asarray(np.logical_or.reduce(around))
