"""Damage planted among a bitext's own pairs, its scores and what the filters say: for `ScoreCalibration`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.check import BIT, DEFAULT_ON, DUPLICATE, Settings, check
from core.bitext.noise_score import NAMES
from core.bitext.records import Layout
from core.bitext.records import Pair as Row
from core.bitext.score_calibration import PlantedScores, ScoreCalibration
from core.bitext.scores import Known, Reference, score_pairs
from core.data.bitext import Pair
from core.encoder.encoder import Encoder
from core.progress import Progress, silent

#: Pairs of a bitext in which damage is planted, and at most so many of each kind.
SAMPLE, PLANTED = 1000, 200
#: What a pair may be flagged for by itself: the default filters without what came before it.
_JUDGED = sum(BIT[reason] for reason in DEFAULT_ON if reason != DUPLICATE)


def measure(
    encoder: Encoder, pairs: Sequence[Pair], against: Reference, own: NDArray[np.float32] | None = None,
    following: Sequence[str | None] | None = None, languages: tuple[str, str] = ("und", "und"),
    total: int | None = None, seed: int = 0, progress: Progress = silent, known: Known | None = None,
    kinds: Sequence[str] = (*noise.KINDS, *noise.GOOD),
) -> ScoreCalibration:  # fmt: skip
    """Plant damage and good pairs of every kind among `pairs` and score them.

    `against` is the reference of these very pairs; `own` their scores if known; `following` [n] the target after each
    in the file (`noise.plant`); `total` how many pairs the whole bitext has.
    """
    known = {} if known is None else known
    if own is None:
        own = score_pairs(encoder, pairs, against, known=known, own=range(len(pairs)))
    typical = float(np.median(own[:, NAMES.index("length")]))
    planted = {}
    for done, kind in enumerate(kinds):
        made = noise.plant(pairs, kind, PLANTED, seed, following, languages)
        scores = score_pairs(encoder, made.pairs, against, known=known, own=made.at)
        planted[kind] = PlantedScores(
            np.asarray(made.at, np.int64), scores.reshape(-1, len(NAMES)), filtered(made.pairs, languages, typical)
        )
        progress(done + 1, len(kinds))
    return ScoreCalibration(own, filtered(pairs, languages, typical), planted, total or len(pairs))


def add_good(
    encoder: Encoder, calibration: ScoreCalibration, pairs: Sequence[Pair], against: Reference, good: Sequence[Pair],
    languages: tuple[str, str],
) -> ScoreCalibration:  # fmt: skip
    """The calibration with pairs that a person says are good. Where the sample `pairs` has their source, or else their
    target, its own translation of it is passed over among neighbours."""
    places = {pair[1]: i for i, pair in enumerate(pairs)} | {pair[0]: i for i, pair in enumerate(pairs)}
    own = [places.get(source, places.get(target, -1)) for source, target in good]
    given = PlantedScores(
        np.full(len(good), -1),
        score_pairs(encoder, good, against, own=own),
        filtered(good, languages, calibration.typical),
    )
    return replace(calibration, planted=calibration.planted | {noise.GIVEN: given})


def filtered(pairs: Sequence[Pair], languages: tuple[str, str], typical: float) -> NDArray[np.bool_]:
    """Which pairs [n] the check's default filters would leave out, each judged by itself."""
    layout = Layout("source", "target", *languages)
    rows = (Row(i, *pair) for i, pair in enumerate(pairs, start=1))
    masks = [found[1] for found in check(rows, layout, typical, Settings()) if not isinstance(found[1], str)]
    return (np.asarray(masks, np.int64) & _JUDGED) > 0
