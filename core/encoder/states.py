"""Hidden states of a text's own tokens, at one layer or at all of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.encoder.encoder import Encoder
from core.encoder.tokens import Tokens, buckets, clean, pad, tokenise
from core.encoder.words import Span, word_spans, words_of_pieces
from core.errors import BadInput

Text = str | Sequence[str]
_SLICED = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "ernie")  # their layers end in their own norm
_BATCH_TOKENS = 4096


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


def token_states(encoder: Encoder, texts: Sequence[Text], layer: int, prefix: bool = False) -> list[TokenStates]:
    """States at `layer` of each text's tokens; 0 is what the embeddings give, L what L blocks give.

    A text is a string, or a sequence of words already split (then `words` are those). `prefix` True reads
    the text after the encoder's prefix. Raises BadInput for a layer that the encoder has not and for a text
    without any word.
    """
    if not 0 <= layer <= encoder.layers:
        raise BadInput(
            f"The encoder {encoder.name} has layers 0 to {encoder.layers}; layer {layer} is not one of them."
        )
    model = first_layers(encoder.model, layer)
    if model is not None:
        return _states(encoder, texts, prefix, lambda ids, mask: _last(model, ids, mask))
    return _states(encoder, texts, prefix, lambda ids, mask: _all(encoder.model, ids, mask)[:, layer])


def layer_states(encoder: Encoder, texts: Sequence[Text], prefix: bool = False) -> list[TokenStates]:
    """As `token_states`, with the states of every layer: float32 [layers + 1, n, d]."""
    return _states(encoder, texts, prefix, lambda ids, mask: _all(encoder.model, ids, mask))


def first_layers(model: Any, layer: int) -> Any | None:
    """The model cut after `layer` blocks, sharing its weights, or None for a kind of model that cannot be cut so."""
    blocks = getattr(getattr(model, "encoder", None), "layer", None)
    if model.config.model_type not in _SLICED or not isinstance(blocks, nn.ModuleList):
        return None
    if layer == len(blocks):
        return model
    cut = copy.copy(model)
    cut._modules = dict(model._modules)
    cut._modules["encoder"] = inner = copy.copy(model.encoder)
    inner._modules = dict(model.encoder._modules)
    inner._modules["layer"] = blocks[:layer]
    return cut


def _last(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(model(input_ids=ids, attention_mask=mask).last_hidden_state)


def _all(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """[b, layers + 1, n, d]."""
    hidden = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    return torch.stack(tuple(hidden), dim=1)


def _states(
    encoder: Encoder,
    texts: Sequence[Text],
    prefix: bool,
    forward: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> list[TokenStates]:
    joined = [clean(text if isinstance(text, str) else " ".join(text)) for text in texts]
    rows = tokenise(encoder, joined, prefix)
    for text, row in zip(joined, rows, strict=True):
        if not row.content:
            shown = f"{text[:40]!r} holds no word" if text.strip() else "It is empty"
            raise BadInput(f"A text has nothing to read: {shown}; give a sentence.")
    made: dict[int, TokenStates] = {}
    for batch in buckets([len(row.ids) for row in rows], _BATCH_TOKENS):
        with torch.inference_mode():
            hidden = forward(*pad(encoder, [rows[index] for index in batch])).float().cpu().numpy()
        for states, index in zip(hidden, batch, strict=True):
            # Fancy indexing copies, so that the padded batch is not kept alive.
            own = states[..., rows[index].content, :]
            made[index] = _describe(encoder, texts[index], joined[index], rows[index], own)
    return [made[index] for index in range(len(texts))]


def _describe(encoder: Encoder, given: Text, text: str, row: Tokens, states: NDArray[np.float32]) -> TokenStates:
    if isinstance(given, str):
        reached = max(b for _, b in row.offsets) if row.truncated else len(text)
        spans = word_spans(text[:reached], row.offsets)
        spans = [spans[at] for at in sorted(set(words_of_pieces(spans, row.offsets).tolist()) - {-1})]
    else:
        spans = _given_spans(given)
    word_of = words_of_pieces(spans, row.offsets)
    tokens = encoder.tokenizer.convert_ids_to_tokens([row.ids[at] for at in row.content])
    return TokenStates(text, tokens, [text[a:b] for a, b in spans], word_of, states, row.truncated)


def _given_spans(words: Sequence[str]) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return spans
