"""How far a bitext's scores can be trusted: planted corruption of its own pairs, and what a cut finds of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.badness import NAMES, badness
from core.bitext.cut import Worth, already_noisy, best_cut, f1_at, worth

#: What misaligned bitext has most of, and so what the best score is chosen by.
CHOSEN_BY = noise.SHUFFLED


@dataclass(frozen=True)
class Trust:
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
        """The cut of a score, as badness, with the highest F1 on shuffled pairs.

        What the sample itself already holds of them is estimated, lest finding it count as an error.
        """
        clean, noise = self.bad(self.clean, name), self.bad(self.spoilt[CHOSEN_BY], name)
        return best_cut(clean, noise, already_noisy(clean, noise))

    def _f1(self, name: str) -> float:
        clean, noise = self.bad(self.clean, name), self.bad(self.spoilt[CHOSEN_BY], name)
        return f1_at(clean, noise, self.cut(name), already_noisy(clean, noise))

    def worth(self, name: str, kind: str, cut: float) -> Worth:
        """What a cut, as badness, finds of one kind of noise."""
        return worth(self.bad(self.clean, name), self.bad(self.spoilt[kind], name), cut)

    def document(self) -> dict[str, Any]:
        """As JSON, to be stored."""
        return {
            "names": list(NAMES),
            "clean": np.round(self.clean, 5).tolist(),
            "spoilt": {kind: np.round(scores, 5).tolist() for kind, scores in self.spoilt.items()},
        }

    @staticmethod
    def from_document(document: dict[str, Any]) -> Trust:
        """Back from `document`."""
        return Trust(
            np.asarray(document["clean"], np.float32),
            {kind: np.asarray(rows, np.float32) for kind, rows in document["spoilt"].items()},
        )

    def bad(self, scores: NDArray[np.float32], name: str) -> NDArray[np.float64]:
        """Badness [n] of scores [n, 4] of this bitext."""
        return badness(scores, name, self.typical)
