"""A device that no machine has: tensors that compute on the processor and say that they lie elsewhere.

Within `PretendDevice()` whatever is sent to `DEVICE`, or made there, becomes an `Elsewhere`: a tensor whose values are
real, whose `device` is `DEVICE`, and which takes part in an operation only with its like. One that meets a processor's
tensor (of more than no dimension) raises, as on a GPU; so do a processor's generator for numbers drawn there, and
`numpy()`. Values, gradients and control flow are the processor's own, so that a whole update runs, Sinkhorn's
iterations and all. `DEVICE` is torch's "meta", which needs no hardware and has no autograd thread of its own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

DEVICE = torch.device("meta")
#: Operations whose purpose is to bring values from one device to another.
_TRANSFERS = ("aten::_to_copy", "aten::to", "aten::copy_", "aten::_foreach_copy_")


class Elsewhere(torch.Tensor):
    """A tensor whose values are in `within`, a processor's tensor."""

    within: torch.Tensor

    @staticmethod
    def __new__(cls, real: torch.Tensor) -> Elsewhere:
        with torch.inference_mode(False):
            made = torch.Tensor._make_wrapper_subclass(
                cls, real.shape, strides=real.stride(), storage_offset=real.storage_offset(), dtype=real.dtype,
                device=DEVICE, requires_grad=False,
            )  # fmt: skip
        made.within = real
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"Elsewhere({self.within!r})"

    def tolist(self) -> Any:
        return self.within.tolist()

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class PretendDevice(TorchDispatchMode):
    """Within, `DEVICE` is a device like any other."""

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    flat = [x for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)]
    there = [x for x in flat if isinstance(x, Elsewhere)]
    here = [x for x in flat if not isinstance(x, Elsewhere)]
    name = str(function._schema.name)
    asked = next((x for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.device)), None)
    transfer = name in _TRANSFERS
    if there and not transfer and any(x.dim() > 0 for x in here):
        raise RuntimeError(f"Tensors of two devices meet in {name}: {[tuple(x.shape) for x in flat]}")
    to_there = asked == DEVICE if asked is not None else bool(there)
    if isinstance(kwargs.get("generator"), torch.Generator) and to_there:
        raise RuntimeError(f"A processor's generator draws for another device in {name}")
    given, named = tree_map(_real, (args, kwargs))
    result = function(*given, **named)
    if torch.Tag.inplace_view in function.tags and there:
        with no_dispatch():  # the outer tensor's shape follows
            function(*args, **kwargs)
    if name in _TRANSFERS[:2] and result is given[0]:
        result = result.clone()
    if name.endswith("_") or ".out" in str(function) or "out" in named or _writes(function):
        result = _as_given(result, (args, kwargs))
    if name in _TRANSFERS[2:]:
        return result
    return tree_map(lambda x: Elsewhere(x) if to_there and type(x) is torch.Tensor else x, result)


def _real(value: Any) -> Any:
    if isinstance(value, Elsewhere):
        return value.within
    if isinstance(value, torch.device):
        return torch.device("cpu")
    return value.data if isinstance(value, torch.nn.Parameter) else value


def _writes(function: Any) -> bool:
    return any(a.alias_info is not None and a.alias_info.is_write for a in function._schema.arguments)


def _as_given(result: Any, given: Any) -> Any:
    """What an operation wrote into is given back as what it was called with."""
    known = {id(_real(x)): x for x in tree_flatten(given)[0] if isinstance(x, torch.Tensor)}
    return tree_map(lambda x: known.get(id(x), x) if isinstance(x, torch.Tensor) else x, result)
