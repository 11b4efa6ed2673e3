"""The bitext of a run as batches: the same sentences, in the same order, for every arm of a seed."""

from __future__ import annotations

import torch

from core.arms.base import BitextBatch
from core.config import DataConfig
from core.data.records import Bitext
from core.encoder.encoder import Encoder
from core.errors import MissingData
from core.training.schedule import bitext_batches
from core.training.tokens import EncodedText, collate_texts, encode_texts


class BitextBatches:
    """Batches of sentence pairs, one an update: `batches(update)`.

    From each language's bitext the first `data.bitext_pairs` pairs whose sides both have at most
    `data.bitext_max_tokens` subwords.
    """

    def __init__(self, encoder: Encoder, bitexts: list[Bitext], data: DataConfig, updates: int, seed: int) -> None:
        self.pad: int = encoder.tokenizer.pad_token_id
        self.pairs = [short_pairs(encoder, bitext, data.bitext_pairs, data.bitext_max_tokens) for bitext in bitexts]
        for bitext, rows in zip(bitexts, self.pairs, strict=True):
            if not rows:
                raise MissingData(
                    f"The bitext of {bitext.target_language} has no pair of at most {data.bitext_max_tokens} subwords."
                )
        lengths = [[len(target.ids) for _, target in rows] for rows in self.pairs]
        self.order = bitext_batches(lengths, data.bitext_batch, updates, seed)

    def __call__(self, update: int) -> BitextBatch:
        chosen = self.order[update]
        rows = [self.pairs[language][index] for language, index in chosen]
        return collate_bitext(rows, [language for language, _ in chosen], self.pad)


def short_pairs(encoder: Encoder, bitext: Bitext, limit: int, max_tokens: int) -> list[tuple[EncodedText, EncodedText]]:
    """The first `limit` encoded pairs with both sides of at most `max_tokens` subwords."""
    rows: list[tuple[EncodedText, EncodedText]] = []
    for start in range(0, len(bitext.pairs), 2000):
        part = bitext.pairs[start : start + 2000]
        english = encode_texts(encoder, [s for s, _ in part], max_tokens + 1)
        target = encode_texts(encoder, [t for _, t in part], max_tokens + 1)
        rows += [
            (s, t)
            for s, t in zip(english, target, strict=True)
            if len(s.ids) <= max_tokens and len(t.ids) <= max_tokens and s.own.any() and t.own.any()
        ]
        if len(rows) >= limit:
            break
    return rows[:limit]


def collate_bitext(rows: list[tuple[EncodedText, EncodedText]], languages: list[int], pad: int) -> BitextBatch:
    """Pad encoded pairs to one batch."""
    return BitextBatch(
        collate_texts([s for s, _ in rows], pad),
        collate_texts([t for _, t in rows], pad),
        torch.tensor(languages),
    )
