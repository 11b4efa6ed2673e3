"""Number formats of the encoder's matrix products: single precision, or bfloat16 where the processor has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from core.errors import BadInput

Precision = Literal["float32", "bfloat16"]
#: Kinds of device that choose the format of products by themselves where they are asked to.
AUTOCAST = ("cpu", "cuda", "mps")
CPU = torch.device("cpu")


def native_precision(device: torch.device = CPU) -> Precision:
    """bfloat16 where the device multiplies it in hardware (a processor with AVX-512 BF16 or AMX, a GPU from Ampere on),
    else float32."""
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device.type != "cpu":
        return "float32"
    cpu = torch.cpu
    return "bfloat16" if cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported() else "float32"


def check_precision(name: str) -> Precision:
    """`name` if it is a known format; raises `BadInput` naming the formats."""
    if name not in get_args(Precision):
        raise BadInput(f"The precision is {' or '.join(get_args(Precision))}, not {name!r}.")
    return name  # type: ignore[return-value]


@contextmanager
def without_autocast(device: torch.device) -> Iterator[None]:
    """Products within run in the format of what is multiplied."""
    if device.type in AUTOCAST and torch.is_autocast_enabled(device.type):
        with torch.autocast(device.type, enabled=False):
            yield
    else:
        yield


@contextmanager
def products_in(precision: Precision, device: torch.device = CPU) -> Iterator[None]:
    """Matrix products on `device` within run in `precision`; sums over tokens, norms and the residual stream stay
    float32.

    With gradients a processor computes attention as plain products: its fused backward pass in bfloat16 takes longer
    than the rest of the layer.
    """
    if precision == "float32":
        yield
        return
    with torch.autocast(device.type, dtype=torch.bfloat16):
        if torch.is_grad_enabled() and device.type == "cpu":
            with sdpa_kernel(SDPBackend.MATH):
                yield
        else:
            yield


@torch.no_grad()
def lower_frozen_maps(backbone: nn.Module, precision: Precision) -> nn.Module:
    """Replace the frozen linear maps of `backbone` by copies in `precision`, in place; trained weights stay float32."""
    if precision == "bfloat16":
        for module in backbone.modules():
            if isinstance(module, nn.Linear) and not module.weight.requires_grad:
                for name, value in list(module._parameters.items()):
                    if value is not None:
                        module._parameters[name] = nn.Parameter(value.to(torch.bfloat16), requires_grad=False)
    return backbone
