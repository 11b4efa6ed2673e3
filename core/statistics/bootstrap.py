"""The cluster bootstrap: whole premises, queries or sentences are drawn again, jointly over languages and runs.

Items of one premise and translations of one item are not independent, so neither rows nor items are drawn
(Davison and Hinkley 1997, section 3.8). Everything that is drawn again in this project is drawn here; intervals of
the draws are the percentiles of `core.statistics.intervals.percentile_interval`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REPETITIONS = 4000
_CHUNK = 500
#: Numbers drawn at once by `resample_in_slices`, which holds its memory to this however long the file is.
_CELLS = 4_000_000


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


def resample_ratios(
    sums: NDArray[np.floating], counts: NDArray[np.floating], weights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """[repetitions, U]: weighted sums / weighted counts of each unit; NaN where a repetition draws none of its items.

    sums and counts are [U, P] by cluster, weights [repetitions, P] from `draw_weights`; products are taken in the
    precision of the weights. The ratio is formed anew in every repetition, because clusters may hold unequal numbers
    of items.
    """
    top = (weights @ sums.T.astype(weights.dtype)).astype(np.float64)
    bottom = (weights @ counts.T.astype(weights.dtype)).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(bottom > 0, top / bottom, np.nan))


def resample(
    sums: NDArray[np.floating], counts: NDArray[np.floating], unit_weights: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> NDArray[np.float64]:  # fmt: skip
    """[repetitions]: sum over units of unit_weights [U] x the ratios of `resample_ratios`.

    A repetition that draws no item of a unit (it is possible only where a unit has few clusters) is left out.
    """
    ratios = resample_ratios(sums, counts, weights)
    return np.asarray(ratios[np.isfinite(ratios).all(1)] @ unit_weights)


def resample_in_slices(
    sums: NDArray[np.floating], counts: NDArray[np.floating], repetitions: int, seed: int = 0
) -> NDArray[np.float64]:
    """[repetitions]: one ratio sums [P] / counts [P] over many clusters, drawn a slice of repetitions at a time.

    Where all of them do not fit in `_CELLS` numbers, 500 are drawn in place of more. Repetitions without any count
    are left out; if that leaves none, the ratio itself stands for them.
    """
    at_once = max(1, min(repetitions, _CELLS // len(sums)))
    total = repetitions if at_once == repetitions else 500
    drawn = []
    for start in range(0, total, at_once):
        weights = draw_weights(len(sums), min(at_once, total - start), seed + start).astype(np.float64)
        drawn.append(resample(sums[None], counts[None], np.ones(1), weights))
    ratios = np.concatenate(drawn)
    return ratios if ratios.size else np.array([sums.sum() / counts.sum()])


def resample_means(
    values: NDArray[np.floating], repetitions: int = REPETITIONS, seed: int = 0
) -> NDArray[np.float64]:  # fmt: skip
    """[repetitions, m]: the column means of values [q, m] with rows drawn again."""
    weights = draw_weights(len(values), repetitions, seed)
    means = np.empty((repetitions, values.shape[1]))
    for start in range(0, repetitions, _CHUNK):  # the weights are made double a slice at a time
        means[start : start + _CHUNK] = weights[start : start + _CHUNK].astype(np.float64) @ values / len(values)
    return means


def resampling_variance(draws: NDArray[np.floating]) -> float:
    """Variance of draws [repetitions] (n - 1 below), those that are NaN left out; 0 with fewer than two."""
    finite = draws[np.isfinite(draws)]
    return float(finite.var(ddof=1)) if len(finite) > 1 else 0.0
