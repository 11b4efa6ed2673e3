"""How far a bitext's scores can be trusted: planted corruption of its own pairs, and what a cut finds of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bitext import noise
from core.bitext.cut import SHARE, Worth, best_cut, worth
from core.bitext.scores import NAMES, Centres, Known, badness, score_pairs
from core.data.bitext import Pair
from core.encoder.encoder import Encoder
from core.progress import Progress, silent

#: Pairs that corruption is planted among; a fifth of what is judged is then noise of one kind.
SAMPLE = 1000
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
        return max(NAMES, key=lambda name: (self.worth(name, CHOSEN_BY, self.cut(name)).f1, -NAMES.index(name)))

    def cut(self, name: str) -> float:
        """The cut of a score, as badness, with the highest F1 on shuffled pairs."""
        return best_cut(self.bad(self.clean, name), self.bad(self.spoilt[CHOSEN_BY], name))

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


def measure(
    encoder: Encoder, pairs: Sequence[Pair], centre: Centres, clean: NDArray[np.float32] | None = None, seed: int = 0,
    progress: Progress = silent, known: Known | None = None,
    kinds: Sequence[str] = noise.KINDS,
) -> Trust:  # fmt: skip
    """Plant noise of every kind among `pairs` and score it; `clean` are the pairs' own scores if known.

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
    return Trust(clean, spoilt)
