"""The bitext of a retrieval run as batches: the same pairs in the same order for every arm of a seed."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.encoder.tokens import Tokens, pad, tokenise
from core.errors import MissingData
from core.query_encoders.settings import QueryTraining
from core.training.schedule import bitext_batches


@dataclass(frozen=True)
class Side:
    """Sentences read with the encoder's prefix: ids and attention [B, n]; `own` marks the sentence's own tokens."""

    ids: Tensor
    attention: Tensor
    own: Tensor

    def rows(self, order: Tensor) -> Side:
        """The rows `order`, in that order."""
        return Side(self.ids[order], self.attention[order], self.own[order])


@dataclass(frozen=True)
class Pairs:
    """English and target sentences row by row; `language` [B] indexes the run's languages."""

    english: Side
    target: Side
    language: Tensor

    @property
    def tokens(self) -> int:
        return int(self.english.attention.sum() + self.target.attention.sum())


Encoded = tuple[Tokens, Tokens]


class PairBatches:
    """Batches of pairs, one an update: `batches(update)`."""

    def __init__(
        self, encoder: Encoder, catalog: Catalog, languages: tuple[str, ...], training: QueryTraining, seed: int
    ) -> None:
        self.encoder = encoder
        self.pairs = [
            short(encoder, catalog.training_bitext(code).pairs, training.bitext_pairs, training.max_tokens)
            for code in languages
        ]
        for code, rows in zip(languages, self.pairs, strict=True):
            if not rows:
                raise MissingData(f"The bitext of {code} has no pair of at most {training.max_tokens} subwords.")
        lengths = [[len(target.ids) for _, target in rows] for rows in self.pairs]
        self.order = bitext_batches(lengths, training.bitext_batch, training.updates, seed)

    def __call__(self, update: int) -> Pairs:
        chosen = self.order[update]
        rows = [self.pairs[language][index] for language, index in chosen]
        return collate(self.encoder, rows, [language for language, _ in chosen])


def short(encoder: Encoder, pairs: tuple[tuple[str, str], ...], limit: int, max_tokens: int) -> list[Encoded]:
    """The first `limit` pairs with both sides of at most `max_tokens` subwords, none without a token of its own."""
    rows: list[Encoded] = []
    for start in range(0, len(pairs), 2000):
        part = pairs[start : start + 2000]
        sides = [tokenise(encoder, [pair[side] for pair in part], prefix=True) for side in (0, 1)]
        rows += [pair for pair in zip(*sides, strict=True)
                 if all(0 < len(side.content) and len(side.ids) <= max_tokens for side in pair)]  # fmt: skip
        if len(rows) >= limit:
            break
    return rows[:limit]


def collate(encoder: Encoder, rows: list[Encoded], languages: list[int]) -> Pairs:
    """Encoded pairs padded to one batch."""
    english, target = (_side(encoder, [row[side] for row in rows]) for side in (0, 1))
    return Pairs(english, target, torch.tensor(languages))


def _side(encoder: Encoder, rows: list[Tokens]) -> Side:
    ids, attention = pad(encoder, rows)
    own = torch.zeros_like(ids, dtype=torch.bool)
    for row, tokens in enumerate(rows):
        own[row, tokens.content] = True
    return Side(ids, attention, own)
