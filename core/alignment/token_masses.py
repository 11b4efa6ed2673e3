"""The marginals of sentences as an encoder reads them: uniform, norm-, frequency- or attention-weighted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.encoder.attention import attention_received
from core.encoder.encoder import Encoder
from core.encoder.states import Text, TokenStates
from core.encoder.tokens import TOKENISER_LOCK
from core.errors import BadInput
from core.transport.marginals import frequency_weighted, norm_weighted, proportional, uniform


def token_masses(
    encoder: Encoder, texts: Sequence[Text], rows: Sequence[TokenStates], kind: str, layer: int
) -> list[NDArray[np.float64]]:
    """The mass of each token of `rows`, the states that `token_states` gave for `texts` at `layer`.

    frequency: the probability of a token is that of the tokeniser's own unigram model; attention: that of the
    block which made the states (for layer 0 the first). Raises `BadInput` where the encoder has none.
    """
    if kind == "uniform":
        return [uniform(len(row.tokens)) for row in rows]
    if kind == "norm":
        return [norm_weighted(row.states) for row in rows]
    if kind == "frequency":
        scores = _unigram(encoder.tokenizer, encoder.name)
        known = [[scores.get(token, 0.0) for token in row.tokens] for row in rows]
        return [frequency_weighted(np.exp(values)) for values in known]
    if kind == "attention":
        return [proportional(weights) for weights in attention_received(encoder, texts, max(layer, 1))]
    raise ValueError(f"unknown marginal {kind!r}")


@lru_cache(maxsize=2)
def _unigram(tokenizer: Any, name: str) -> dict[str, float]:
    """Log-probability of each piece of a unigram tokeniser."""
    with TOKENISER_LOCK:
        model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    if model.get("type") != "Unigram":
        raise BadInput(f"The tokeniser of {name} knows no frequencies of tokens; choose another marginal.")
    return {piece: float(score) for piece, score in model["vocab"]}
