"""Who computes a model's states: one interface, the engines behind it, and the choice between them."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any, Protocol

from torch import Tensor, nn

from core.errors import BadInput
from core.reading.formats import AUTO, Reading, check_backend, check_format
from core.reading.library import LibraryReader
from core.reading.packed import PackedReader, refusal
from core.reading.precision import native_precision


class Reader(Protocol):
    """What gives states. Those of padding mean nothing; all are float32."""

    def states(self, ids: Tensor, mask: Tensor, layers: Sequence[int]) -> list[Tensor]:
        """Of padded ids and mask [b, n] the states [b, n, d] after so many blocks, for each of `layers` (0: those that
        enter the first)."""
        ...

    def upper(self, states: Tensor, mask: Tensor, layer: int, wanted: Sequence[int]) -> list[Tensor]:
        """From the states [b, n, d] that enter block `layer`, counted from 0, as `states` gives them: those after so
        many blocks of all, for each of `wanted`, none below `layer`."""
        ...


#: Engines that hold a copy of a model's weights, by model and reading, with what the weights were when it was made.
_made: weakref.WeakKeyDictionary[nn.Module, dict[Reading, tuple[Any, Reader]]] = weakref.WeakKeyDictionary()
_lock = threading.RLock()


def reader(model: Any, reading: Reading) -> Reader:
    """The engine that reads `model` so. What it needs of the weights is prepared once and again when they change.

    Raises `BadInput` for a model that the engine cannot read, or a device that it is not for.
    """
    if reading == Reading():
        return LibraryReader(model, "float32")
    weights = _state_of(model)
    with _lock:
        readers = _made.setdefault(model, {})
        if reading not in readers or readers[reading][0] != weights:
            make: Any = PackedReader if reading.backend == "packed" else LibraryReader
            readers[reading] = weights, make(model, reading.precision)
        return readers[reading][1]


def choose(model: Any, precision: str | None = None, backend: str | None = None) -> Reading:
    """The reading that is asked for, checked; None or "auto" is the best that this model and its device have.

    That is bfloat16 where the device multiplies it in hardware, and packed layers on a processor for a model built as
    BERT is. Raises `BadInput` for a name that is none and for what cannot be.
    """
    device = next(model.parameters()).device
    form = native_precision(device) if precision in (None, AUTO) else check_format(str(precision))
    reason = refusal(model, form)
    if backend in (None, AUTO):
        return Reading(form, "torch" if reason else "packed")
    engine = check_backend(str(backend))
    if engine == "packed" and reason:
        raise BadInput(f"{reason}; use --backend torch.")
    if form == "int8" and device.type != "cpu":
        raise BadInput("int8 is for processors; use --device cpu, or --precision float32 or bfloat16.")
    return Reading(form, engine)


def _state_of(model: nn.Module) -> list[tuple[int, int, int]]:
    """Changes when a weight is replaced or written to."""
    return [(id(p), p.data_ptr(), 0 if p.is_inference() else p._version) for p in model.parameters()]
