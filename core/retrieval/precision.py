"""Number formats in which sentences are read for retrieval: those of training, and 8-bit integers."""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import torch
from torch import nn
from torch.ao.quantization import per_channel_dynamic_qconfig

from core.encoder.device import device_of
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.model.adapters import share_weights
from core.model.precision import CPU, Precision, lower_frozen_maps, products_in

Format = Precision | Literal["int8"]
FORMATS = (*get_args(Precision), "int8")


def check_format(name: str) -> Format:
    """`name` if it is a known format; raises `BadInput` naming the formats."""
    if name not in FORMATS:
        raise BadInput(f"The precision is {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {name[:40]!r}.")
    return name  # type: ignore[return-value]


def lowered(encoder: Encoder, form: Format) -> Encoder:
    """`encoder` with its linear maps in `form`; what reads it does so within `reading_in(form)`.

    int8: weights in 8 bits with a scale of each output, inputs in 8 bits with a scale of each call (torch's dynamic
    quantisation). The feed-forward layers' second maps, whose inputs have outliers, stay float32: with them the mean
    cosine to float32 is .988, without .996. It is for processors without bfloat16; the README says what it loses.
    """
    if form == "float32":
        return encoder
    if form == "int8" and device_of(encoder).type != "cpu":
        raise BadInput("int8 is for processors; use --device cpu, or --precision float32 or bfloat16.")
    model = share_weights(encoder.model)
    if form == "int8":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch means to move it to another package
            quantise: Any = torch.ao.quantization.quantize_dynamic
            names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
            small = [name for name in names if "attention" in name or not name.endswith("output.dense")]
            quantise(model, dict.fromkeys(small, per_channel_dynamic_qconfig), inplace=True)
    else:
        model = lower_frozen_maps(model, form)
    return dataclasses.replace(copy.copy(encoder), model=model)


@contextmanager
def reading_in(form: Format, device: torch.device = CPU) -> Iterator[None]:
    """Within, an encoder that was `lowered` to `form` is read on `device`."""
    with products_in("float32" if form == "int8" else form, device):
        yield
