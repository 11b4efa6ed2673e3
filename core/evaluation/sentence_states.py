"""Mean states of held-out sentence pairs, layer by layer: what collapse, retrieval and probes are measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.model.batches import EncodedText, token_batches
from core.model.bitext_batch import collate_bitext
from core.model.nli import NLIModel

#: Encoded sentence pairs, English first, by the other side's language.
Rows = Mapping[str, Sequence[tuple[EncodedText, EncodedText]]]


@dataclass(frozen=True)
class SentenceStates:
    """Means over a sentence's own tokens at `layers`; by language (English, target), float32 [layers, n, d] each."""

    layers: tuple[int, ...]
    sides: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]

    def pair(self, language: str, layer: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The states (English, target) [n, d] of a language's pairs at a layer."""
        english, target = self.sides[language]
        at = self.layers.index(layer)
        return english[at], target[at]


@torch.inference_mode()
def read_sentences(model: NLIModel, rows: Rows, pad: int, layers: Sequence[int], budget: int = 2048) -> SentenceStates:
    """Read encoded pairs with `model`, each sentence alone, in batches of at most `budget` padded tokens.

    `layers` count from the embeddings, which are 0.
    """
    sides = {}
    for language, pairs in rows.items():
        shape = (len(layers), len(pairs), model.centre.shape[0])
        english, target = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for batch in token_batches([max(len(s.ids), len(t.ids)) for s, t in pairs], budget):
            bitext = collate_bitext([pairs[i] for i in batch], [0] * len(batch), pad).to(model.device)
            for out, text in ((english, bitext.english), (target, bitext.target)):
                states = model.hidden_states(text.ids, text.attention)
                for at, layer in enumerate(layers):
                    out[at, batch] = text.means(states[layer]).cpu().numpy()
        sides[language] = english, target
    return SentenceStates(tuple(layers), sides)
