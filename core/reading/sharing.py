"""Copies of a model, whole or cut between two layers, that share its weights."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import torch
from torch import nn

from core.reading.blocks import Lower, Upper, blocks_path

Module = TypeVar("Module", bound=nn.Module)
_SLICED = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "ernie")  # their layers end in their own norm


def share_weights(model: Module) -> Module:
    """A copy of `model` whose parameters and buffers are the same tensors in memory."""
    memo: dict[int, Any] = {id(p): p for p in model.parameters()}
    memo.update({id(b): b for b in model.buffers()})
    return copy.deepcopy(model, memo)


def first_layers(model: Any, layer: int) -> Any | None:
    """The model cut after `layer` blocks, sharing its weights, or None for a kind of model that cannot be cut so.

    Called with ids and mask it gives an object whose `last_hidden_state` are the states of that layer.
    """
    if not is_chain(model):
        path = blocks_path(model)
        if path is None:
            return None
        return model if layer == model.config.num_hidden_layers else Lower(model, path, layer)
    inner = model._modules["encoder"]
    blocks = inner.layer
    if layer == len(blocks):
        return model
    cut, short = copy.copy(model), copy.copy(inner)
    short._modules = {**inner._modules, "layer": blocks[:layer]}
    cut._modules = {**model._modules, "encoder": short}
    return cut


def last_layers(model: Any, layer: int) -> Any | None:
    """The blocks of the model above `layer`, sharing its weights, or None where the model cannot be cut so.

    Called with the states [b, n, d] that `first_layers` gives as `inputs_embeds`, and the mask, it gives what the whole
    model gives.
    """
    if not is_chain(model) or "embeddings" not in model._modules or "embeddings_project" in model._modules:
        path = blocks_path(model)
        return None if path is None else Upper(model, path, layer)
    cut, short = copy.copy(model), copy.copy(model._modules["encoder"])
    short._modules = {**short._modules, "layer": short._modules["layer"][layer:]}
    cut._modules = {**model._modules, "embeddings": _Given(), "encoder": short}
    return cut


def is_chain(model: Any) -> bool:
    """Whether the model is BERT's kind: embeddings, then blocks that need nothing but states and mask."""
    inner = model._modules.get("encoder")  # its own, not one that a wrapper passes on
    return model.config.model_type in _SLICED and isinstance(getattr(inner, "layer", None), nn.ModuleList)


class _Given(nn.Module):
    """In the place of the embeddings: what it is given."""

    def forward(self, inputs_embeds: torch.Tensor, **_: Any) -> torch.Tensor:
        return inputs_embeds
