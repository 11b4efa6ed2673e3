"""Copies of a model, whole or cut between two layers, that share its weights."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)
_SLICED = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "ernie")  # their layers end in their own norm


def share_weights(model: Module) -> Module:
    """A copy of `model` whose parameters and buffers are the same tensors in memory."""
    memo: dict[int, Any] = {id(p): p for p in model.parameters()}
    memo.update({id(b): b for b in model.buffers()})
    return copy.deepcopy(model, memo)


def first_layers(model: Any, layer: int) -> Any | None:
    """The model cut after `layer` blocks, sharing its weights, or None for a kind of model that cannot be cut so."""
    inner = model._modules.get("encoder")  # its own, not one that a wrapper passes on
    blocks = getattr(inner, "layer", None)
    if model.config.model_type not in _SLICED or not isinstance(blocks, nn.ModuleList):
        return None
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
    lower = first_layers(model, layer)
    if lower is None or "embeddings" not in model._modules:
        return None
    cut, short = copy.copy(model), copy.copy(model._modules["encoder"])
    short._modules = {**short._modules, "layer": short._modules["layer"][layer:]}
    cut._modules = {**model._modules, "embeddings": _Given(), "encoder": short}
    return cut


class _Given(nn.Module):
    """In the place of the embeddings: what it is given."""

    def forward(self, inputs_embeds: torch.Tensor, **_: Any) -> torch.Tensor:
        return inputs_embeds
