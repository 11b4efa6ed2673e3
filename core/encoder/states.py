"""Hidden states of a text's own tokens, at one layer or at all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.tokens import MOST_TOKENS, Tokens, buckets, clean, pad, tokenise, windows
from core.encoder.words import Span, word_spans, words_of_pieces
from core.errors import BadInput
from core.reading.reader import reader

Text = str | Sequence[str]
_BATCH_TOKENS = 1024


@dataclass(frozen=True)
class TokenStates:
    """A text's own tokens, without special tokens and prefix.

    `word_of[k]` is the index in `words` of token k, int64 [n]; `states` is float32 [n, d] ([layers + 1, n,
    d] from `layer_states`). `truncated` tells that the end of the text did not fit; words that lost all
    tokens are left out, unless the words were given.
    """

    text: str
    tokens: list[str]
    words: list[str]
    word_of: NDArray[np.int64]
    states: NDArray[np.float32]
    truncated: bool


def token_states(
    encoder: Encoder, texts: Sequence[Text], layer: int, prefix: bool = False, whole: bool = False
) -> list[TokenStates]:
    """States at `layer` of each text's tokens; 0 is what the embeddings give, L what L blocks give.

    A text is a string, or a sequence of words already split (then `words` are those). `prefix` True reads
    the text after the encoder's prefix. `whole` reads a text that is longer than the encoder's reach in overlapping
    windows, up to `tokens.MOST_TOKENS`; else its end is left out. Raises BadInput for a layer that the encoder has not
    and for a text without any word.
    """
    if not 0 <= layer <= encoder.layers:
        raise BadInput(
            f"The encoder {encoder.name} has layers 0 to {encoder.layers}; layer {layer} is not one of them."
        )
    return _states(encoder, texts, prefix, lambda ids, mask: states_of(encoder, ids, mask, [layer])[0], whole)


def layer_states(
    encoder: Encoder, texts: Sequence[Text], prefix: bool = False, whole: bool = False
) -> list[TokenStates]:
    """As `token_states`, with the states of every layer: float32 [layers + 1, n, d]."""
    return _states(encoder, texts, prefix, lambda ids, mask: _all(encoder, ids, mask), whole)


def states_of(encoder: Encoder, ids: torch.Tensor, mask: torch.Tensor, layers: Sequence[int]) -> list[torch.Tensor]:
    """States [b, n, d], float32, of padded ids and mask [b, n] at each of `layers`, as the encoder is to be read."""
    return reader(encoder.model, encoder.reading).states(ids, mask, layers)


def _all(encoder: Encoder, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """[b, layers + 1, n, d]."""
    return torch.stack(states_of(encoder, ids, mask, range(encoder.layers + 1)), dim=1)


@dataclass(frozen=True)
class _Reading:
    text: str
    row: Tokens
    content: list[int]
    words: list[str]
    word_of: NDArray[np.int64]


def _states(
    encoder: Encoder,
    texts: Sequence[Text],
    prefix: bool,
    forward: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    whole: bool = False,
) -> list[TokenStates]:
    joined = [clean(text if isinstance(text, str) else " ".join(text)) for text in texts]
    rows = tokenise(encoder, joined, prefix, MOST_TOKENS if whole else None)
    readings = [_read(*each) for each in zip(texts, joined, rows, strict=True)]
    parts = [(index, part) for index, row in enumerate(rows) for part in windows(row, encoder.max_tokens)]
    read: list[dict[int, NDArray[np.float32]]] = [{} for _ in texts]
    for batch in buckets([len(part.ids) for _, part in parts], _BATCH_TOKENS):
        with torch.inference_mode():
            hidden = forward(*pad(encoder, [parts[at][1] for at in batch])).float().cpu().numpy()
        for states, at in zip(hidden, batch, strict=True):
            index, part = parts[at]
            # Fancy indexing copies, so that the padded batch is not kept alive.
            read[index][part.own[0]] = states[..., part.read, :]
    return [_made(encoder, reading, pieces) for reading, pieces in zip(readings, read, strict=True)]


def _made(encoder: Encoder, reading: _Reading, pieces: dict[int, NDArray[np.float32]]) -> TokenStates:
    """The states of one text, its windows put together in order, without the tokens that belong to no word."""
    ordered = [pieces[first] for first in sorted(pieces)]
    states = ordered[0] if len(ordered) == 1 else np.concatenate(ordered, axis=-2)
    kept = {at: k for k, at in enumerate(reading.row.content)}
    if len(reading.content) < len(kept):
        states = states[..., [kept[at] for at in reading.content], :]
    tokens = encoder.tokenizer.convert_ids_to_tokens([reading.row.ids[at] for at in reading.content])
    return TokenStates(reading.text, tokens, reading.words, reading.word_of, states, reading.row.truncated)


def _read(given: Text, text: str, row: Tokens) -> _Reading:
    """Find the words, and the tokens that belong to one: a tokeniser may have tokens for spaces alone."""
    if isinstance(given, str):
        reached = max((b for _, b in row.offsets), default=0) if row.truncated else len(text)
        spans = word_spans(text[:reached], row.offsets)
        read = sorted(set(words_of_pieces(spans, row.offsets).tolist()) - {-1})
        spans = [spans[at] for at in read]
    else:
        spans = _given_spans(given)
    word_of = words_of_pieces(spans, row.offsets)
    content = [at for at, word in zip(row.content, word_of, strict=True) if word >= 0]
    if not content:
        shown = f"{text[:40]!r} holds no word" if text.strip() else "one is empty"
        raise BadInput(f"A text has nothing to read ({shown}): give a sentence.")
    return _Reading(text, row, content, [text[a:b] for a, b in spans], word_of[word_of >= 0])


def _given_spans(words: Sequence[str]) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return spans
