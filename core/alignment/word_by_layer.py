"""One word through the layers: what it lies nearest to, where its mass goes, and what of the cost is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.alignment.pair_plan import PairPlan
from core.encoder.states import TokenStates


@dataclass(frozen=True)
class WordAtLayer:
    """A word at one layer, seen from its own sentence.

    nearest: (word of the other sentence, distance), nearest first, the distance between the two nearest subwords of
    both words. sends_to: (word, mass) of the largest cells of its row or column; mass: what it moves in all;
    cost_share: the part of the plan's whole cost that its mass pays; mass_share: the part of all moved mass that is
    its own. A word with more of the cost than of the mass is hard to place.
    """

    layer: int
    nearest: list[tuple[int, float]]
    sends_to: list[tuple[int, float]]
    mass: float
    cost_share: float
    mass_share: float


def word_at_layers(
    plans: Sequence[PairPlan], source: TokenStates, target: TokenStates, side: int, word: int, top: int = 3
) -> list[WordAtLayer]:
    """The word `word` of the source (`side` 0) or target (1) in every plan of a pair."""
    layers = []
    for plan in plans:
        assert plan.layer is not None
        ground, mass = plan.ground, plan.plan_tokens
        own, other = source.word_of, target.word_of
        words = plan.plan
        if side == 1:
            ground, mass, words = ground.T, mass.T, words.T
            own, other = other, own
        rows = own == word
        near = _least_by_word(ground[rows].min(0), other)
        row = words[word]
        paid = float((mass * ground).sum())
        layers.append(
            WordAtLayer(
                layer=plan.layer,
                nearest=[(int(k), float(near[k])) for k in np.argsort(near, kind="stable")[:top]],
                sends_to=[(int(k), float(row[k])) for k in np.argsort(-row, kind="stable")[:top] if row[k] > 0],
                mass=float(row.sum()),
                cost_share=float((mass[rows] * ground[rows]).sum() / paid) if paid > 0 else 0.0,
                mass_share=float(row.sum() / max(float(words.sum()), 1e-30)),
            )
        )
    return layers


def _least_by_word(distances: NDArray[np.float64], word_of: NDArray[np.int64]) -> NDArray[np.float64]:
    least = np.full(int(word_of.max()) + 1, np.inf)
    np.minimum.at(least, word_of, distances)
    return least
