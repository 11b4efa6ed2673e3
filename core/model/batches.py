"""Text to padded id batches: pairs read jointly, sentences read alone; own tokens marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.encoder.tokens import TOKENISER_LOCK, clean
from core.model.nli import PairBatch, TextBatch


@dataclass(frozen=True)
class EncodedPair:
    """Ids of `<s> premise </s></s> hypothesis </s>`; `part` is 1 on premise, 2 on hypothesis tokens, else 0."""

    ids: NDArray[np.int32]
    part: NDArray[np.int8]
    label: int


@dataclass(frozen=True)
class EncodedText:
    """Ids of `<s> text </s>`; `own` is true on the text's own tokens. Two texts read jointly have `part`, 1 and 2 on
    the own tokens of each."""

    ids: NDArray[np.int32]
    own: NDArray[np.bool_]
    part: NDArray[np.int8] | None = None


def encode_pairs(
    encoder: Encoder, pairs: Sequence[tuple[str, str]], labels: Sequence[int] | None, max_tokens: int
) -> list[EncodedPair]:
    """Tokenise pairs; the longer side is cut first where a pair exceeds `max_tokens`, or the encoder's reach."""
    max_tokens = min(max_tokens, encoder.max_tokens)
    premises, hypotheses = [clean(p) for p, _ in pairs], [clean(h) for _, h in pairs]
    with TOKENISER_LOCK:
        encoded = encoder.tokenizer(premises, hypotheses, truncation="longest_first", max_length=max_tokens)
    result = []
    for row, ids in enumerate(encoded["input_ids"]):
        part = [0 if s is None else s + 1 for s in encoded.encodings[row].sequence_ids]
        label = -1 if labels is None else labels[row]
        result.append(EncodedPair(np.asarray(ids, np.int32), np.asarray(part, np.int8), label))
    return result


def encode_items(encoder: Encoder, items: Sequence[NLIItem], max_tokens: int) -> list[EncodedPair]:
    """Tokenise NLI items in their order."""
    pairs = [(item.premise, item.hypothesis) for item in items]
    return encode_pairs(encoder, pairs, [item.label for item in items], max_tokens)


def encode_texts(encoder: Encoder, texts: Sequence[str], max_tokens: int) -> list[EncodedText]:
    """Tokenise single sentences in their order, cut at `max_tokens` (or the encoder's reach), without its prefix."""
    max_tokens = min(max_tokens, encoder.max_tokens)
    with TOKENISER_LOCK:
        encoded = encoder.tokenizer([clean(text) for text in texts], truncation=True, max_length=max_tokens)
    result = []
    for row, ids in enumerate(encoded["input_ids"]):
        own = [s is not None for s in encoded.encodings[row].sequence_ids]
        result.append(EncodedText(np.asarray(ids, np.int32), np.asarray(own, np.bool_)))
    return result


def collate_pairs(pairs: Sequence[EncodedPair], pad: int) -> PairBatch:
    """Pad encoded pairs to the longest."""
    ids, part = _padded([p.ids for p in pairs], pad), _padded([p.part for p in pairs], 0)
    lengths = torch.tensor([len(p.ids) for p in pairs])
    attention = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
    return PairBatch(ids, attention.long(), part == 1, part == 2, torch.tensor([p.label for p in pairs]))


def collate_texts(texts: Sequence[EncodedText], pad: int) -> TextBatch:
    """Pad encoded texts to the longest."""
    ids, own = _padded([t.ids for t in texts], pad), _padded([t.own for t in texts], 0)
    lengths = torch.tensor([len(t.ids) for t in texts])
    attention = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
    if all(t.part is None for t in texts):
        return TextBatch(ids, attention.long(), own == 1)
    part = _padded([t.own.astype(np.int8) if t.part is None else t.part for t in texts], 0)
    return TextBatch(ids, attention.long(), own == 1, (part == 1, part == 2))


def _padded(rows: Sequence[NDArray[np.generic]], fill: int) -> torch.Tensor:
    out = np.full((len(rows), max(len(r) for r in rows)), fill, np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return torch.from_numpy(out)


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices grouped by length, longest first, so that rows x longest stays within `budget` tokens."""
    batches: list[list[int]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if current and lengths[current[0]] * (len(current) + 1) > budget:
            batches.append(current)
            current = []
        current.append(index)
    if current:
        batches.append(current)
    return batches
