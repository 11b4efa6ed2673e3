"""From a soft plan or a matrix of similarities to hard links between words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.transport.growing import grow, grow_diagonal, near_best

Links = list[tuple[int, int]]

RULES = ("argmax", "threshold", "itermax", "match", "grow", "grow-diag", "near-best")
#: Those of them that a threshold is for.
THRESHOLDED = ("threshold", "grow", "grow-diag", "near-best")
#: Itermax: how much a cell counts whose row or column is linked already, and how often links are sought.
ALPHA = 0.9
ROUNDS = 2


def gather_words(
    plan: NDArray[np.floating], source_words: NDArray[np.integer], target_words: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Sum a plan over subwords [n, m] into a plan over words.

    source_words [n] and target_words [m] hold each subword's word index, from 0 without gaps.
    """
    rows, columns = int(source_words.max()) + 1, int(target_words.max()) + 1
    gathered = np.zeros((rows, columns))
    np.add.at(gathered, (source_words[:, None], target_words[None, :]), plan)
    return gathered


def gather_links(links: Iterable[tuple[int, int]], source_words: NDArray[np.integer],
                 target_words: NDArray[np.integer]) -> Links:  # fmt: skip
    """Links between words: two words are linked if any of their subwords are (SimAlign, section 2.2)."""
    return sorted({(int(source_words[i]), int(target_words[j])) for i, j in links})


def mutual_argmax(scores: NDArray[np.floating]) -> Links:
    """Cells that are the largest of their row and of their column (SimAlign's argmax, arXiv 2004.08728)."""
    best_column, best_row = scores.argmax(1), scores.argmax(0)
    return [(i, int(j)) for i, j in enumerate(best_column) if best_row[j] == i and scores[i, j] > 0]


def above(shares: NDArray[np.floating] | NDArray[np.bool_], threshold: float) -> Links:
    """Cells above a threshold, in order."""
    return [(int(i), int(j)) for i, j in zip(*np.nonzero(shares > threshold), strict=True)]


def itermax(scores: NDArray[np.floating], rounds: int = ROUNDS, alpha: float = ALPHA) -> Links:
    """Mutual argmax again and again over what is left (SimAlign's itermax, arXiv 2004.08728, section 2.3).

    In each round after the first a cell whose row and column are both linked is out, and one of which either is
    linked counts `alpha` times its score. With no more than two rows or columns, or once every row or every column
    is linked, the first round's links stay. Scores are not negative.
    """
    n, m = scores.shape
    linked = np.zeros((n, m), bool)
    for i, j in _mutual(scores):
        linked[i, j] = True
    if min(n, m) <= 2:
        return above(linked, 0.5)
    for _ in range(rounds - 1):
        row = np.asarray(linked.any(1, keepdims=True))
        column = np.asarray(linked.any(0, keepdims=True))
        if row.all() or column.all():
            break
        weighed = np.where(row & column, 0.0, np.where(row | column, alpha, 1.0)) * scores
        new = [(i, j) for i, j in _mutual(weighed) if not (row[i, 0] and column[0, j])]
        if not new:
            break
        for i, j in new:
            linked[i, j] = True
    return above(linked, 0.5)


def match(scores: NDArray[np.floating]) -> Links:
    """The one-to-one links of largest sum, as many as the shorter side has words (SimAlign's match): the assignment
    problem, solved by SciPy [Crouse 2016].
    """
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True)]


def bidirectional_softmax(products: NDArray[np.floating], threshold: float = 1e-3) -> Links:
    """Cells that a softmax over their row and one over their column both give more than `threshold`.

    `products` [n, m] are inner products of states, not cosines (awesome-align, arXiv 2101.08231, section 2.2).
    """
    over_row = np.exp(products - products.max(1, keepdims=True))
    over_column = np.exp(products - products.max(0, keepdims=True))
    over_row /= over_row.sum(1, keepdims=True)
    over_column /= over_column.sum(0, keepdims=True)
    return above(np.minimum(over_row, over_column), threshold)


def shares(plan: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """How much of the mass of its two ends each cell carries (geometric mean): P_ij / sqrt(a_i b_j), [n, m], in [0, 1].

    1 is a pair of words of equal mass that send and receive nothing else. a [n] and b [m] are positive.
    """
    return np.asarray(plan / np.sqrt(a[:, None] * b[None, :]), np.float64)


def link(scores: NDArray[np.floating], rule: str, threshold: float = 0.0) -> Links:
    """The links that one of `RULES` finds; `threshold` is for those of `THRESHOLDED`.

    grow: the mutual argmax and what exceeds the threshold right beside it (`growing.grow`); grow-diag: of each word
    its best where that exceeds the threshold, both directions joined by `growing.grow_diagonal`, so that a word whose
    best is lower has no link; near-best: cells that reach that share of the best of both words.
    """
    if rule == "argmax":
        return mutual_argmax(scores)
    if rule == "threshold":
        return above(scores, threshold)
    if rule == "itermax":
        return itermax(scores)
    if rule == "match":
        return match(scores)
    if rule == "grow":
        return above(grow(_mask(mutual_argmax(scores), scores.shape), scores, threshold), 0.5)
    if rule == "grow-diag":
        n, m = scores.shape
        forward, backward = np.zeros((n, m), bool), np.zeros((n, m), bool)
        forward[np.arange(n), scores.argmax(1)] = True
        backward[scores.argmax(0), np.arange(m)] = True
        enough = scores > threshold
        return above(grow_diagonal(forward & enough, backward & enough), 0.5)
    if rule == "near-best":
        return above(near_best(scores, threshold), 0.5)
    raise ValueError(f"unknown rule {rule!r}; one of {', '.join(RULES)}")


def _mask(links: Links, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    linked = np.zeros(shape, bool)
    for i, j in links:
        linked[i, j] = True
    return linked


def _mutual(scores: NDArray[np.floating]) -> Links:
    """As `mutual_argmax`, whatever the sign of the scores."""
    best_column, best_row = scores.argmax(1), scores.argmax(0)
    return [(i, int(j)) for i, j in enumerate(best_column) if best_row[j] == i]
