"""Which layer of an encoder links words best, told without gold links: the one whose plans make up their mind.

A layer whose states of a word and its translation lie near each other gives plans whose words send most of their mass
to one word that sends most of its own back. The criterion is that agreement, and needs nothing but sentence pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.alignment.word_links import LinkSettings, link_states
from core.encoder.encoder import Encoder
from core.encoder.states import Text, TokenStates, layer_states
from core.errors import BadInput

#: Pairs that are read; more hardly change the choice.
MOST_PAIRS = 64


@dataclass(frozen=True)
class LayerChoice:
    """The chosen layer and every layer's agreement, 0 to 1."""

    layer: int
    agreement: dict[int, float]


def agreement(lefts: Sequence[TokenStates], rights: Sequence[TokenStates], settings: LinkSettings) -> float:
    """What part of the words' mass mutual links carry, 0 to 1, the mean over pairs of states [n, d] at one layer.

    Of each pair the shares (`transport.links.shares`) of its mutual links, times 2 / (n + m) words: 1 where every word
    sends all its mass to one word that sends nothing elsewhere.
    """
    linked = link_states(lefts, rights, replace(settings, decoding="transport-argmax"))
    sizes = [len(one.source_words) + len(one.target_words) for one in linked]
    return float(np.mean([2 * sum(one.scores) / size for one, size in zip(linked, sizes, strict=True)]))


def choose_layer(
    encoder: Encoder, pairs: Sequence[tuple[Text, Text]], settings: LinkSettings, layers: Sequence[int] | None = None
) -> LayerChoice:
    """The layer of highest agreement on the first `MOST_PAIRS` pairs; without `layers` of all but the embeddings.

    Raises `BadInput` without a pair that has words on both sides.
    """
    read = [pair for pair in pairs if all(len(side) for side in pair)][:MOST_PAIRS]
    if not read:
        raise BadInput("No pair has words on both sides, so there is nothing to choose a layer by.")
    lefts, rights = (layer_states(encoder, [pair[side] for pair in read]) for side in (0, 1))
    found = {}
    for layer in range(1, encoder.layers + 1) if layers is None else layers:
        here = [[replace(row, states=row.states[layer]) for row in side] for side in (lefts, rights)]
        found[layer] = agreement(here[0], here[1], settings)
    return LayerChoice(max(found, key=lambda layer: found[layer]), found)
