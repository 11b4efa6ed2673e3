"""How far a bitext's scores can be trusted: damage planted in its own pairs, and what a cut finds of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.combined import COMBINED, Weights, fit
from core.bitext.cut import (
    SHARE,
    DetectionMetrics,
    already_noisy,
    best_cut,
    expected_metrics,
    expected_pairs,
    f1_at,
)
from core.bitext.noise_score import NAMES, noise_score

#: Hard negatives, by which a single score's cut is chosen: the targets of neighbouring pairs speak of the same things.
#: Where none could be planted, random ones.
CHOSEN_BY = (noise.OFF_BY_ONE, noise.RANDOM)
#: What the combined score is fitted on and its cut is chosen by, in equal parts: damage that scores can see at all.
FITTED = (noise.RANDOM, noise.OFF_BY_ONE, noise.JOINED, noise.TRUNCATED, noise.GARBLED)
#: The scores that a cut may be of.
SCORES = (COMBINED, *NAMES)
#: Below this recall (x100) a kind counts as not found.
FOUND = 50.0
_VERSION = 2
#: Parts of the sample, each judged by weights fitted on the others.
_FOLDS = 5


@dataclass(frozen=True)
class PlantedScores:
    """Scores [m, 5] of planted pairs of one kind, the sample's pairs [m] they were made from (-1: from none of them),
    and which of them the check's own filters flag [m]."""

    at: NDArray[np.int64]
    scores: NDArray[np.float32]
    filtered: NDArray[np.bool_]


@dataclass(frozen=True)
class ScoreCalibration:
    """Scores of a sample as it is, `own` [n, 5], which of it the filters flag [n], and what was planted, by kind.

    `pairs` is how many the whole bitext has. The combined score of the sample and of what was planted in it is that of
    weights fitted on the other four fifths, so that what it finds is not what it was shown.
    """

    own: NDArray[np.float32]
    filtered: NDArray[np.bool_]
    planted: dict[str, PlantedScores]
    pairs: int

    @property
    def typical(self) -> float:
        """The sample's median log length ratio."""
        return float(np.median(self.own[:, NAMES.index("length")]))

    @property
    def best(self) -> str:
        """The score with the highest F1 on `FITTED`, each at its own cut; the first of equals."""
        return max(SCORES, key=lambda name: (round(self._f1(name), 6), -SCORES.index(name)))

    def cut(self, name: str) -> float:
        """The cut of a score, as noise score, with the highest F1 on hard negatives; of the combined one, on `FITTED`.

        What the sample itself already holds of them is estimated, lest finding it count as an error.
        """
        own, planted = self._own(name), self._fitted(name) if name == COMBINED else self._hard(name)
        return best_cut(own, planted, already_noisy(own, planted))

    def metrics(self, name: str, kind: str, cut: float, filters: bool = False) -> DetectionMetrics:
        """What a cut, as noise score, will find of one kind; with `filters`, the cut and the check's filters together.

        Of a good kind `recall` is the share that is lost.
        """
        own, after = self._own(name) > cut, self._planted(name, kind) > cut
        if filters:
            own, after = own | self.filtered, after | self.planted[kind].filtered
        before = self._before(own, kind)
        return expected_metrics(own, before, after, expected_pairs(self.pairs), self._damaged(name, cut))

    def filter_metrics(self, kind: str) -> DetectionMetrics:
        """What the check's filters alone will find of one kind."""
        planted = self.planted[kind]
        before = self._before(self.filtered, kind)
        return expected_metrics(
            self.filtered, before, planted.filtered, expected_pairs(self.pairs), float(self.filtered.mean())
        )

    @property
    def good(self) -> list[str]:
        """The kinds of good pairs that are there."""
        return [kind for kind in (*noise.GOOD, noise.GIVEN) if kind in self.planted and len(self.planted[kind].at)]

    def _before(self, own: NDArray[np.bool_], kind: str) -> NDArray[np.bool_]:
        at = self.planted[kind].at
        return (at >= 0) & own[at]

    def missed(self, name: str, cut: float, filters: bool = False) -> dict[str, DetectionMetrics]:
        """The kinds of damage of which less than `FOUND` is found, and those that could not be planted."""
        every = {kind: self.metrics(name, kind, cut, filters) for kind in noise.KINDS}
        return {kind: found for kind, found in every.items() if not found.recall >= FOUND}

    def noise_score(self, scores: NDArray[np.floating], name: str) -> NDArray[np.float64]:
        """Noise score [n] of scores [n, 5] of this bitext's pairs, those in the sample too."""
        if name == COMBINED:
            return self._weights[0].score(scores, self.typical)
        return noise_score(scores, name, self.typical)

    def planted_noise_score(self, kind: str, name: str) -> NDArray[np.float64]:
        """Noise score [m] of what was planted of a kind."""
        return self._planted(name, kind)

    def document(self) -> dict[str, Any]:
        """As JSON, to be stored."""
        return {
            "version": _VERSION,
            "names": list(NAMES),
            "pairs": self.pairs,
            "own": np.round(self.own, 5).tolist(),
            "filtered": np.flatnonzero(self.filtered).tolist(),
            "planted": {
                kind: {
                    "at": planted.at.tolist(),
                    "scores": np.round(planted.scores, 5).tolist(),
                    "filtered": np.flatnonzero(planted.filtered).tolist(),
                }
                for kind, planted in self.planted.items()
            },
        }

    @staticmethod
    def from_document(document: dict[str, Any] | None) -> ScoreCalibration | None:
        """Back from `document`; None for none, or one of an earlier version, which has to be made again."""
        if document is None or document.get("version") != _VERSION:
            return None
        own = _table(document["own"])
        planted = {
            kind: PlantedScores(
                np.asarray(entry["at"], np.int64), _table(entry["scores"]), _flags(entry["filtered"], len(entry["at"]))
            )
            for kind, entry in document["planted"].items()
        }
        return ScoreCalibration(own, _flags(document["filtered"], len(own)), planted, int(document["pairs"]))

    @cached_property
    def _weights(self) -> list[Weights]:
        """Fitted on everything, then on all but each fold of the sample."""
        fold = np.arange(len(self.own)) % _FOLDS
        return [self._fit(np.ones(len(self.own), bool)), *(self._fit(fold != i) for i in range(_FOLDS))]

    def _fit(self, among: NDArray[np.bool_]) -> Weights:
        planted = [self.planted[kind].scores[among[self.planted[kind].at]] for kind in FITTED if kind in self.planted]
        return fit(self.own[among], np.concatenate(planted), self.typical)

    def _own(self, name: str) -> NDArray[np.float64]:
        return self._judged(self.own, np.arange(len(self.own)), name)

    def _planted(self, name: str, kind: str) -> NDArray[np.float64]:
        return self._judged(self.planted[kind].scores, self.planted[kind].at, name)

    def _judged(self, scores: NDArray[np.float32], at: NDArray[np.int64], name: str) -> NDArray[np.float64]:
        """Noise scores of pairs made from the sample's at `at`: combined, by weights that have not seen their fold."""
        if name != COMBINED:
            return self.noise_score(scores, name)
        _, *without = self._weights
        every = [weights.score(scores, self.typical) for weights in without]
        return np.choose(at % _FOLDS, every)

    def _hard(self, name: str) -> NDArray[np.float64]:
        return self._planted(name, next((kind for kind in CHOSEN_BY if len(self.planted[kind].at)), CHOSEN_BY[-1]))

    def _fitted(self, name: str) -> NDArray[np.float64]:
        """Planted pairs of `FITTED`, as many of each, thinned until they are `SHARE` of what is judged."""
        every = [self._planted(name, kind) for kind in FITTED]
        wanted = max(1, round(len(self.own) * SHARE / (1 - SHARE) / len(FITTED)))
        return np.concatenate([scores[:: max(1, len(scores) // wanted)] for scores in every])

    def _f1(self, name: str) -> float:
        own, planted = self._own(name), self._fitted(name)
        return f1_at(own, planted, self.cut(name), already_noisy(own, planted))

    def _damaged(self, name: str, cut: float) -> float:
        """An upper bound of the share of the sample that is damaged and beyond the cut: over the kinds that the cut
        finds, the sum of what the sample can hold of each, and no more than all that lies there."""
        own = self._own(name)
        total = 0.0
        for kind in noise.KINDS:
            after = self._planted(name, kind)
            found = float((after > cut).mean()) if len(after) else 0.0
            if 100 * found >= FOUND:
                total += found * already_noisy(own, after)
        return min(total, float((own > cut).mean()))


def _table(rows: list[list[float]]) -> NDArray[np.float32]:
    return np.asarray(rows, np.float32).reshape(-1, len(NAMES))


def _flags(positions: list[int], count: int) -> NDArray[np.bool_]:
    flags = np.zeros(count, bool)
    flags[positions] = True
    return flags
