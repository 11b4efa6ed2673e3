"""Which weights an arm trains: LoRA on every linear map, or the layers in full; frozen weights are shared."""

from __future__ import annotations

from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from torch import nn

from core.config import ModelConfig
from core.errors import BadInput
from core.reading.blocks import is_trained
from core.reading.sharing import share_weights


def trainable_backbone(model: nn.Module, config: ModelConfig, seed: int) -> nn.Module:
    """A copy of the frozen encoder `model` with the weights that `config` trains.

    With LoRA (Hu et al., ICLR 2022) the frozen weights stay shared with `model`; in full tuning the trained
    layers are copied. Initial adapter weights depend on `seed` alone.
    """
    backbone = share_weights(model)
    if config.tuning == "lora":
        names = [
            name
            for name, module in backbone.named_modules()
            if isinstance(module, nn.Linear) and is_trained(backbone, name, config.first_layer)
        ]
        if not names:
            raise BadInput(
                "This encoder has no linear map in a layer that is to be trained; choose another encoder, or train in "
                'full (tuning = "full").'
            )
        lora = LoraConfig(r=config.rank, lora_alpha=config.alpha, lora_dropout=0.0, target_modules=names)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            backbone = inject_adapter_in_model(lora, backbone)
        return backbone
    if config.tuning != "full":
        raise ValueError(f"tuning is 'lora' or 'full', not {config.tuning!r}")
    for name, module in backbone.named_modules():
        for key, parameter in list(module._parameters.items()):
            if parameter is not None and is_trained(backbone, f"{name}.{key}", config.first_layer):
                module._parameters[key] = nn.Parameter(parameter.detach().clone())
    return backbone


def trainable_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """What must be saved of a model: every trainable parameter, and the standardisation buffers."""
    state = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    state.update({name: b.detach() for name, b in model.named_buffers() if name in ("centre", "scale")})
    return state


@torch.no_grad()
def load_trainable_state(model: nn.Module, state: dict[str, torch.Tensor]) -> None:
    """Put a saved state back; raises `KeyError` naming a tensor that is missing, too many or misshapen."""
    own = dict(model.named_parameters()) | dict(model.named_buffers())
    expected = set(trainable_state(model))
    if expected != set(state):
        raise KeyError(f"the weights do not fit the model: {sorted(expected ^ set(state))[:3]}")
    for name, value in state.items():
        if own[name].shape != value.shape:
            raise KeyError(f"the weights do not fit the model: {name} is {tuple(value.shape)}")
        own[name].copy_(value)


def merged_backbone(backbone: nn.Module) -> nn.Module:
    """A frozen copy with every LoRA map replaced by one linear map, W + scale B A; the rest stays shared."""
    merged = share_weights(backbone)
    for name, module in list(merged.named_modules()):
        if isinstance(module, LoraLayer):
            adapter: Any = module
            base = adapter.get_base_layer()
            linear = nn.Linear(base.in_features, base.out_features, bias=base.bias is not None)
            linear.weight = nn.Parameter((base.weight + adapter.get_delta_weight("default")).detach())
            linear.bias = base.bias
            parent, _, child = name.rpartition(".")
            setattr(merged.get_submodule(parent), child, linear)
    return merged.requires_grad_(False).eval()
