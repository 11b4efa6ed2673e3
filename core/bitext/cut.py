"""Where to cut a score, and what the cut is worth: precision and recall on planted damage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.statistics.intervals import predictive, wilson

#: The part of a file that is damage of one kind where precision is told.
SHARE = 0.2
#: The part of a bitext that is damage of one kind where an interval is told, and the fewest pairs that it counts as.
EXPECTED, FEWEST = 0.05, 10


@dataclass(frozen=True)
class DetectionMetrics:
    """Precision and recall x100 with their 95 % intervals; `found` of `planted` pairs were flagged. NaN where nothing
    was planted or nothing is flagged."""

    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    found: int
    planted: int  # the name is a key of stored JSON

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, x100; 0 where no damage was found."""
        both = self.precision + self.recall
        return 0.0 if not both > 0 else 2 * self.precision * self.recall / both


def detection_metrics(clean: NDArray[np.floating], noise: NDArray[np.floating], cut: float) -> DetectionMetrics:
    """What a cut finds of `noise` among `clean` [n], both noise scores (higher is worse), each known for what it is;
    Wilson intervals, `found` counting the clean ones too."""
    right, wrong = int((noise > cut).sum()), int((clean > cut).sum())
    found = right + wrong
    precision = 100.0 * right / found if found else float("nan")
    p_low, p_high = wilson(right, found) if found else (float("nan"), float("nan"))
    r_low, r_high = wilson(right, len(noise))
    return DetectionMetrics(precision, p_low, p_high, 100.0 * right / len(noise), r_low, r_high, found, len(noise))


def expected_metrics(
    own: NDArray[np.bool_], before: NDArray[np.bool_], after: NDArray[np.bool_], further: int, damaged: float = 0.0
) -> DetectionMetrics:
    """What a rule will find of damage that a bitext may hold, from damage planted in it.

    `own` [n] says which of the bitext's pairs the rule flags as they are, `before` [m] which of those that damage was
    planted in, and `after` [m] which it flags then. `further` is how many such pairs the bitext is thought to hold,
    `damaged` an upper bound (0 to 1) of the share of `own` that is damaged and found.

    The bitext's own pairs are not all clean: a pair that the rule flags anyway is found whatever is planted in it, and
    is either damaged itself or a false alarm, nobody knows which. So recall is counted where nothing was flagged
    before, and its interval (`core.statistics.intervals.predictive`) reaches up to that of all pairs, which would be
    right if all that is flagged were false alarms. Precision is that of a file of which `SHARE` is such damage: with
    every own pair that is flagged a false alarm, and up to its bound with `damaged` of them rightly flagged.
    """
    quiet = ~before
    planted, found = int(quiet.sum()), int((after & quiet).sum())
    alarms, (alarms_low, alarms_high) = own.mean(), (x / 100 for x in wilson(int(own.sum()), len(own)))
    alarms_low = max(0.0, alarms_low - damaged)
    if not planted:
        nan = float("nan")
        return DetectionMetrics(nan, nan, nan, nan, nan, nan, 0, 0)
    recall = found / planted
    low = predictive(found, planted, further)[0] / 100
    high = predictive(int(after.sum()), len(after), further)[1] / 100

    def precision(of_damage: float, of_clean: float) -> float:
        both = SHARE * of_damage + (1 - SHARE) * of_clean
        return 100 * SHARE * of_damage / both if both else float("nan")

    lowest, highest = precision(low, alarms_high), precision(high, alarms_low)
    return DetectionMetrics(
        precision(recall, float(alarms)), lowest, highest, 100 * recall, 100 * low, 100 * high, found, planted
    )


def expected_pairs(pairs: int) -> int:
    """How many pairs of one kind a bitext of `pairs` is thought to hold, for its intervals."""
    return max(FEWEST, round(EXPECTED * pairs))


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
