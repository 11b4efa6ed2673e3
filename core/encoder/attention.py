"""What each token of a text receives of its sentence's attention, at one layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.states import Text, _states
from core.errors import BadInput
from core.reading.sharing import first_layers, is_chain


def attention_received(encoder: Encoder, texts: Sequence[Text], layer: int) -> list[NDArray[np.float64]]:
    """Attention paid to each of a text's own tokens by all tokens, summed over them, mean over heads: [n] each.

    `layer` L is the L-th block, from 1; tokens are those of `token_states`. Raises `BadInput` for a layer that is not
    there and for a kind of model whose attention cannot be read.
    """
    if not 1 <= layer <= encoder.layers:
        raise BadInput(f"The encoder {encoder.name} has attention in layers 1 to {encoder.layers}, not in {layer}.")
    model = first_layers(encoder.model, layer)
    if model is None or not is_chain(encoder.model):
        raise BadInput(f"The attention of {encoder.name} cannot be read; choose another marginal.")
    rows = _states(encoder, texts, False, lambda ids, mask: _received(model, layer, ids, mask)[..., None])
    return [row.states[:, 0].astype(np.float64) for row in rows]


def _received(model: Any, layer: int, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """[b, n]; queries and keys are caught where the block computes them."""
    attention = model.encoder.layer[layer - 1].attention.self
    caught: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        return lambda module, given, made: caught.__setitem__(name, made)

    hooks = [getattr(attention, name).register_forward_hook(keep(name)) for name in ("query", "key")]
    try:
        model(input_ids=ids, attention_mask=mask)
    finally:
        for hook in hooks:
            hook.remove()
    heads = int(attention.num_attention_heads)
    shape = (*ids.shape, heads, -1)
    query, key = (caught[name].reshape(shape).transpose(1, 2) for name in ("query", "key"))
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    weights = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf")).softmax(-1)
    received: torch.Tensor = (weights * mask[:, None, :, None]).sum(2).mean(1)
    return received
