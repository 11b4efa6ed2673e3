"""AdamW with two rates, linear warm-up and linear decay, and its state as plain tensors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.config import TrainingConfig

#: Devices on which torch updates all weights in one call.
FUSED = ("cpu", "cuda", "mps")


def build_optimiser(model: nn.Module, config: TrainingConfig) -> torch.optim.AdamW:
    """The optimiser over the trainable parameters: encoder parts at `learning_rate`, heads at
    `head_learning_rate`; biases and norms are not decayed."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("backbone"), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": 0.0,
                "peak": config.learning_rate if encoder else config.head_learning_rate,
                "weight_decay": config.weight_decay if decayed else 0.0,
            }
            for (encoder, decayed), parameters in groups.items()
        ],
        fused=all(p.device.type in FUSED for parameters in groups.values() for p in parameters),
    )


def set_rate(optimiser: torch.optim.Optimizer, config: TrainingConfig, update: int) -> None:
    """Set every group's rate for an update: a linear rise to its peak, then a linear fall to zero."""
    warm = max(1, round(config.warmup * config.updates))
    if update < warm:
        share = (update + 1) / warm
    else:
        share = max(0.0, (config.updates - update) / max(1, config.updates - warm))
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * share


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The moments and step counts of an optimiser, by `index.name`."""
    state: dict[str, Tensor] = {}
    for index, values in optimiser.state_dict()["state"].items():
        state |= {f"{index}.{name}": torch.as_tensor(value) for name, value in values.items()}
    return state


def load_optimiser_state(optimiser: torch.optim.Optimizer, state: dict[str, Tensor]) -> None:
    """Put back what `optimiser_state` gave, into an optimiser over the same parameters."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        index, name = key.split(".", 1)
        moments.setdefault(int(index), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
