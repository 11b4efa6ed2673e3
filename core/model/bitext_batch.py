"""Sentence pairs of several languages as batches, each side alone or two sentences joined."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.data.records import Bitext
from core.encoder.encoder import Encoder
from core.encoder.tokens import TOKENISER_LOCK
from core.model.batches import EncodedText, collate_texts, encode_texts
from core.model.nli import TextBatch


@dataclass(frozen=True)
class BitextBatch:
    """Sentence pairs of several languages: English and target sentences row by row.

    `language` [B] indexes the run's bitext languages. `joint` holds the same sentences two by two, read jointly as the
    classifier reads premise and hypothesis.
    """

    english: TextBatch
    target: TextBatch
    language: Tensor
    joint: BitextBatch | None = None

    @property
    def sentence_language(self) -> Tensor:
        """The language of each of `english.means`, [S]."""
        return self.language.repeat(max(1, len(self.english.parts)))

    def to(self, device: torch.device) -> BitextBatch:
        """The batch on `device`."""
        joint = None if self.joint is None else self.joint.to(device)
        return BitextBatch(self.english.to(device), self.target.to(device), self.language.to(device), joint)

    def read(self, joint: bool) -> BitextBatch:
        """The batch as an arm reads it."""
        return self.joint if joint and self.joint is not None else self


def short_pairs(encoder: Encoder, bitext: Bitext, limit: int, max_tokens: int) -> list[tuple[EncodedText, EncodedText]]:
    """The first `limit` encoded pairs with both sides of at most `max_tokens` subwords, and of so many that the
    encoder can read two joined."""
    max_tokens = min(max_tokens, encoder.max_tokens // 2)
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
    rows: list[tuple[EncodedText, EncodedText]], languages: list[int], pad: int, between: tuple[int, ...] | None = None
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


def signs_between(encoder: Encoder) -> tuple[int, ...]:
    """The special tokens that a tokeniser puts between the two texts of a pair."""
    with TOKENISER_LOCK:
        pair = encoder.tokenizer("a", "a").encodings[0]
    of = pair.sequence_ids
    return tuple(pair.ids[len(of) - of[::-1].index(0) : of.index(1)])


def join_texts(first: EncodedText, second: EncodedText, between: tuple[int, ...]) -> EncodedText:
    """Two sentences as one pair, in the form in which premise and hypothesis are read (`<s> first </s></s> second </s>`
    with two signs `between`); `part` is 1 on the first one's own tokens and 2 on the second one's."""
    end, lead = len(first.own) - int(np.argmax(first.own[::-1])), int(np.argmax(second.own))
    ids = np.concatenate([first.ids[:end], np.asarray(between, first.ids.dtype), second.ids[lead:]])
    nothing = np.zeros(len(between), np.int8)
    part = np.concatenate([first.own[:end].astype(np.int8), nothing, 2 * second.own[lead:].astype(np.int8)])
    return EncodedText(ids, part > 0, part)
