"""Synthetic noise among a bitext's own pairs, and its scores: what `ScoreCalibration` is made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.cut import SHARE
from core.bitext.score_calibration import ScoreCalibration
from core.bitext.scores import Centres, Known, score_pairs
from core.data.bitext import Pair
from core.encoder.encoder import Encoder
from core.progress import Progress, silent

#: Pairs that synthetic noise is put among; a fifth of what is judged is then noise of one kind.
SAMPLE = 1000


def measure(
    encoder: Encoder, pairs: Sequence[Pair], centre: Centres, clean: NDArray[np.float32] | None = None, seed: int = 0,
    progress: Progress = silent, known: Known | None = None,
    kinds: Sequence[str] = noise.KINDS,
) -> ScoreCalibration:  # fmt: skip
    """Put synthetic noise of every kind among `pairs` and score it; `clean` are the pairs' own scores if known.

    The pairs themselves count as clean. Where they are not, precision is shown lower than it is.
    """
    known = {} if known is None else known
    if clean is None:
        clean = score_pairs(encoder, pairs, centre, known=known)
    spoilt = {}
    part = SHARE / (1.0 - SHARE)
    for done, kind in enumerate(kinds):
        at = noise.places(len(pairs), part, seed + done)
        spoilt[kind] = score_pairs(encoder, noise.plant(pairs, kind, at, seed), centre, known=known)
        progress(done + 1, len(kinds))
    return ScoreCalibration(clean, spoilt)
