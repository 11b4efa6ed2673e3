"""Texts to token ids: the one way in, for any encoder, that is safe for untrusted text and for threads."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.words import Span

_SURROGATES = re.compile("[\ud800-\udfff]")
# A tokeniser holds truncation and padding as state: whoever calls one with other settings holds this meanwhile.
TOKENISER_LOCK = threading.RLock()
_LONGEST_PIECE = 64  # characters; what cannot be within the encoder's reach is not tokenised at all
#: Tokens of a text that is read whole in windows; a plan between two such texts still fits into memory.
MOST_TOKENS = 4096


@dataclass(frozen=True)
class Tokens:
    """Ids of one text with special tokens and prefix. `content` lists the positions of the text's own tokens.

    `offsets[k]` is the span in the text (without the prefix) of the token at position `content[k]`.
    """

    ids: list[int]
    content: list[int]
    offsets: list[Span]
    truncated: bool


def clean(text: str) -> str:
    """The text with lone surrogates, which no tokeniser takes, as U+FFFD; its length stays."""
    return _SURROGATES.sub("\ufffd", text)


def tokenise(
    encoder: Encoder, texts: Sequence[str], prefix: bool = False, room: int | None = None
) -> list[Tokens]:  # fmt: skip
    """Tokenise single texts, each cut at the end to `room` tokens (None: `encoder.max_tokens`).

    Nothing in a text becomes a special token. Threads may call this on one encoder at the same time.
    """
    if not texts:
        return []
    start = encoder.prefix if prefix else ""
    room = encoder.max_tokens if room is None else room
    reach = room * _LONGEST_PIECE
    whole = [clean(text) for text in texts]
    with TOKENISER_LOCK:
        encoded = encoder.tokenizer(
            [start + text[:reach] for text in whole],
            padding=False,
            truncation=False,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_token_type_ids=False,
            return_attention_mask=False,
            split_special_tokens=True,
            verbose=False,
        )
    rows = zip(whole, encoded["input_ids"], encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True)
    return [_cut(*row, len(start), room, len(row[0]) > reach) for row in rows]


def prompt_tokens(encoder: Encoder, prompt: str) -> int:
    """How many tokens of a text are the prompt's, the special ones before it too: as sentence-transformers counts."""
    ids = tokenise(encoder, [prompt])[0].ids if prompt else []
    return len(ids) - (bool(ids) and ids[-1] in encoder.tokenizer.all_special_ids)


def count_cut(encoder: Encoder, texts: Iterable[str], prefix: bool = False) -> int:
    """How many of `texts` are longer than the encoder reads, so that their end does not count."""
    # No tokeniser makes more tokens of a text than twice its bytes: what is surely short is not tokenised again.
    room = encoder.max_tokens - 2 * len(encoder.prefix.encode()) * prefix - 4
    long = (text for text in texts if 2 * len(text.encode("utf-8", "replace")) > room)
    cut = 0
    while part := list(islice(long, 4096)):
        cut += sum(row.truncated for row in tokenise(encoder, part, prefix))
    return cut


def _cut(
    text: str, ids: list[int], offsets: list[Span], special: list[int], start: int, room: int, truncated: bool
) -> Tokens:
    """Keep the special tokens and as many of the others as there is room for."""
    own = [at for at, flag in enumerate(special) if not flag]
    excess = max(len(ids) - room, 0)
    dropped = set(own[len(own) - excess :])
    kept = [at for at in range(len(ids)) if at not in dropped]
    # A token that ends where the prefix ends belongs to the prefix; an empty span stands at the beginning.
    content = [k for k, at in enumerate(kept) if not special[at] and offsets[at][1] > start]
    spans = [(max(offsets[kept[k]][0] - start, 0), offsets[kept[k]][1] - start) for k in content]
    return Tokens([ids[at] for at in kept], content, spans, truncated or excess > 0)


@dataclass(frozen=True)
class Window:
    """A part of a text that the encoder reads at once: ids with the text's special tokens and prefix. Its tokens at
    the positions `read` are taken as the text's own tokens number `own` (indices into `Tokens.content`)."""

    ids: list[int]
    read: list[int]
    own: list[int]


def window_starts(count: int, size: int, step: int) -> list[int]:
    """Where windows of `size` over `count` tokens begin, `step` apart; the last is whole, so that it may be nearer.

    >>> window_starts(10, 4, 3), window_starts(11, 4, 3), window_starts(3, 4, 3)
    ([0, 3, 6], [0, 3, 6, 7], [0])
    """
    return [*range(0, count - size, step), max(0, count - size)]


def windows(row: Tokens, room: int) -> list[Window]:
    """A text in windows of at most `room` tokens that overlap by half, each token taken from the one in which it
    stands farthest from an edge; one window for a text that fits."""
    content = row.content
    if len(row.ids) <= room or not content:
        return [Window(row.ids, content, list(range(len(content))))]
    first, last = content[0], content[-1]
    head, body, tail = row.ids[:first], row.ids[first : last + 1], row.ids[last + 1 :]
    size = max(2, room - len(head) - len(tail))
    starts = window_starts(len(body), size, size // 2)
    middles = [start + (size - 1) / 2 for start in starts]
    place = [at - first for at in content]
    nearest = [int(np.argmin([abs(at - middle) for middle in middles])) for at in place]
    found = []
    for number, start in enumerate(starts):
        own = [k for k, window in enumerate(nearest) if window == number]
        ids = head + body[start : start + size] + tail
        found.append(Window(ids, [len(head) + place[k] - start for k in own], own))
    return [window for window in found if window.own]


def buckets(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Indices in batches of similar length, longest first; a padded batch holds at most `batch_tokens` tokens."""
    batches: list[list[int]] = []
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    room = 0
    for index in order:
        if room == 0:
            batches.append([])
            room = max(batch_tokens // max(lengths[index], 1), 1)
        batches[-1].append(index)
        room -= 1
    return batches


def pad(encoder: Encoder, rows: Sequence[Tokens | Window]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask [b, longest], int64, padded on the right, on the device of the encoder's model."""
    longest = max(len(row.ids) for row in rows)
    ids: NDArray[np.int64] = np.full((len(rows), longest), encoder.tokenizer.pad_token_id, dtype=np.int64)
    mask: NDArray[np.int64] = np.zeros((len(rows), longest), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = row.ids
        mask[index, : len(row.ids)] = 1
    device = next(encoder.model.parameters()).device
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
