"""The bitext of a run as batches: the same sentences, in the same order, for every arm of a seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
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
        self.between = signs_between(encoder)
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
        return collate_bitext(rows, [language for language, _ in chosen], self.pad, self.between)


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


def collate_bitext(
    rows: list[tuple[EncodedText, EncodedText]], languages: list[int], pad: int, between: int | None = None
) -> BitextBatch:
    """Pad encoded pairs to one batch; with `between` (see `join_texts`) also the same sentences two by two, as
    `BitextBatch.joint`."""
    batch = BitextBatch(
        collate_texts([s for s, _ in rows], pad),
        collate_texts([t for _, t in rows], pad),
        torch.tensor(languages),
    )
    if between is None:
        return batch
    couples = _couples(languages)
    english, target = (
        collate_texts([join_texts(rows[a][side], rows[b][side], between) for a, b in couples], pad) for side in (0, 1)
    )
    together = BitextBatch(english, target, torch.tensor([languages[a] for a, _ in couples]))
    return replace(batch, joint=together)


def _couples(languages: list[int]) -> list[tuple[int, int]]:
    """Rows two by two within each language; the last of an odd number goes with the first."""
    couples = []
    for code in dict.fromkeys(languages):
        rows = [row for row, own in enumerate(languages) if own == code]
        couples += [(a, rows[(k + 1) % len(rows)]) for k, a in enumerate(rows) if k % 2 == 0]
    return couples


def signs_between(encoder: Encoder) -> int:
    """How many special tokens a tokeniser puts between two texts besides the one that ends the first."""
    count = encoder.tokenizer.num_special_tokens_to_add
    return int(count(pair=True) - count(pair=False) - 1)


def join_texts(first: EncodedText, second: EncodedText, between: int) -> EncodedText:
    """Two sentences as one pair, in the form in which premise and hypothesis are read (`<s> first </s></s> second </s>`
    with one sign `between`); `part` is 1 on the first one's own tokens and 2 on the second one's."""
    lead = int(np.argmax(second.own))
    ids = np.concatenate([first.ids, np.repeat(first.ids[-1:], between), second.ids[lead:]])
    nothing = np.zeros(between, np.int8)
    part = np.concatenate([first.own.astype(np.int8), nothing, 2 * second.own[lead:].astype(np.int8)])
    return EncodedText(ids, part > 0, part)
