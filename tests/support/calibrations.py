"""Calibrations of a bitext's scores without an encoder: own pairs near, what was planted far by as much as is asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.bitext import noise
from core.bitext.score_calibration import PlantedScores, ScoreCalibration

#: How much farther a planted pair is than its own, in each score as it is stored.
FAR = np.float32([0.5, 0.1, -0.05, 0.0, -0.08])


def own_scores(count: int, seed: int = 0) -> np.ndarray:
    """Scores [n, 5] such as good pairs have."""
    drawn = np.random.default_rng(seed)
    ranges = [(0.1, 0.4), (0.0, 0.5), (0.8, 0.9), (-0.1, 0.1), (1.04, 1.12)]
    return np.column_stack([drawn.uniform(low, high, count) for low, high in ranges]).astype(np.float32)


def calibration(
    own: np.ndarray, share: float = 0.25, far: Mapping[str, float] | None = None, pairs: int | None = None
) -> ScoreCalibration:
    """A calibration with a share of the pairs planted in each kind, `far` times `FAR` away (1 unless given)."""
    planted = {}
    for kind in (*noise.KINDS, *noise.GOOD):
        times = (far or {}).get(kind, 0.0 if kind in noise.GOOD else 1.0)
        at = np.random.default_rng(len(kind)).permutation(len(own))[: max(2, round(share * len(own)))]
        planted[kind] = PlantedScores(at.astype(np.int64), own[at] + np.float32(times) * FAR, np.zeros(len(at), bool))
    return ScoreCalibration(own, np.zeros(len(own), bool), planted, pairs or len(own))
