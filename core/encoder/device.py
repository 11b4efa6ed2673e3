"""Where computing is done: the processor, or a GPU that is asked for and is there.

A run's identity does not hold its device, as it does not hold the machine or the number of threads: the configuration
says what is computed, and every random number is drawn on the processor from the seed and then moved, so that all
devices see the same draws. What a device changes is rounding. A figure is stored with the precision, the device and the
versions that made it, in the record of its run.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import torch

from core.encoder.encoder import Encoder
from core.errors import BadInput

DEVICES = ("auto", "cpu", "cuda", "mps")


def find_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" is cuda where there is one, else cpu (mps only where it is asked for).

    Raises `BadInput` for a name that is none, and for a device that this machine has not.
    """
    if name not in DEVICES:
        raise BadInput(f"The device is {', '.join(DEVICES[:-1])} or {DEVICES[-1]}, not {name[:40]!r}.")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise BadInput(
            "There is no CUDA device here: torch sees none"
            + (" (this torch was built without CUDA)" if torch.version.cuda is None else "")
            + "; use --device auto or cpu."
        )
    if name == "mps" and not torch.backends.mps.is_available():
        raise BadInput("There is no Apple GPU (mps) here; use --device auto or cpu.")
    return torch.device(name)


def device_of(encoder: Encoder) -> torch.device:
    """Where the encoder's weights lie."""
    found: torch.device = next(encoder.model.parameters()).device
    return found


def on_device(encoder: Encoder, device: torch.device) -> Encoder:
    """`encoder` with its weights on `device`; the same object where they are there already."""
    if device_of(encoder).type == device.type:
        return encoder
    head = None if encoder.head is None else encoder.head.to(device)
    return dataclasses.replace(encoder, model=copy.deepcopy(encoder.model).to(device), head=head)


def describe_backend(device: torch.device) -> dict[str, Any]:
    """What a record says of the device: its kind, its name where it has one, and the versions below torch."""
    if device.type != "cuda":
        return {"device": device.type}
    return {"device": "cuda", "name": torch.cuda.get_device_name(device), "cuda": torch.version.cuda}
