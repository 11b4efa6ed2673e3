"""How far a bitext's scores can be trusted: synthetic noise made of its own pairs, and what a cut finds of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.cut import DetectionMetrics, already_noisy, best_cut, detection_metrics, f1_at
from core.bitext.noise_score import NAMES, noise_score

#: What misaligned bitext has most of, and so what the best score is chosen by.
CHOSEN_BY = noise.SHUFFLED


@dataclass(frozen=True)
class ScoreCalibration:
    """Scores of a sample as it is, `clean` [n, 4], and of its spoilt pairs by kind, each [n / 4, 4]."""

    clean: NDArray[np.float32]
    spoilt: dict[str, NDArray[np.float32]]

    @property
    def typical(self) -> float:
        """The sample's median log length ratio."""
        return float(np.median(self.clean[:, NAMES.index("length")]))

    @property
    def best(self) -> str:
        """The score with the highest F1 on shuffled pairs, each at its own best cut; the first of equals."""
        return max(NAMES, key=lambda name: (round(self._f1(name), 6), -NAMES.index(name)))

    def cut(self, name: str) -> float:
        """The cut of a score, as noise score, with the highest F1 on shuffled pairs.

        What the sample itself already holds of them is estimated, lest finding it count as an error.
        """
        clean, synthetic = self.noise_score(self.clean, name), self.noise_score(self.spoilt[CHOSEN_BY], name)
        return best_cut(clean, synthetic, already_noisy(clean, synthetic))

    def _f1(self, name: str) -> float:
        clean, synthetic = self.noise_score(self.clean, name), self.noise_score(self.spoilt[CHOSEN_BY], name)
        return f1_at(clean, synthetic, self.cut(name), already_noisy(clean, synthetic))

    def metrics(self, name: str, kind: str, cut: float) -> DetectionMetrics:
        """What a cut, as noise score, finds of one kind of noise."""
        return detection_metrics(self.noise_score(self.clean, name), self.noise_score(self.spoilt[kind], name), cut)

    def document(self) -> dict[str, Any]:
        """As JSON, to be stored."""
        return {
            "names": list(NAMES),
            "clean": np.round(self.clean, 5).tolist(),
            "spoilt": {kind: np.round(scores, 5).tolist() for kind, scores in self.spoilt.items()},
        }

    @staticmethod
    def from_document(document: dict[str, Any]) -> ScoreCalibration:
        """Back from `document`."""
        return ScoreCalibration(
            np.asarray(document["clean"], np.float32),
            {kind: np.asarray(rows, np.float32) for kind, rows in document["spoilt"].items()},
        )

    def noise_score(self, scores: NDArray[np.float32], name: str) -> NDArray[np.float64]:
        """Noise score [n] of scores [n, 4] of this bitext."""
        return noise_score(scores, name, self.typical)
