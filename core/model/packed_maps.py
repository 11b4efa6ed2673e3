"""The linear maps of a transformer layer with their LoRA adapters, packed so that each needs one large product.

With rank r the first map A of an adapter lies below the weight W in one matrix [W; A], so one product gives W x and
A x; going back [dy, s B' dy] times the same matrix is the gradient to the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

#: Weight, bias, eps.
Norm = tuple[Tensor, Tensor, float]


class Gradient:
    """The gradient of a packed map's output, [N, out + low]: `own` is that of y, the rest is filled by `back`."""

    def __init__(self, maps: PackedMap, rows: int) -> None:
        self.maps = maps
        self.whole = maps.matrix.new_empty(rows, maps.out + maps.low)
        self.own = self.whole[:, : maps.out]

    def copy_in(self, gradient: Tensor) -> Gradient:
        """Take `gradient` [N, out], rounded to the maps' format."""
        self.own.copy_(gradient)
        return self

    def back(self, low: Tensor | None, read: Tensor, inputs: bool = True) -> tuple[Any, ...]:
        """The gradient to the input `read` [N, in] (None unless `inputs`), then those of A and B of each adapter,
        float32. `low` [N, low] is what the first maps gave."""
        maps, grown = self.maps, []
        below = self.whole[:, maps.out :]
        for k, second in enumerate(maps.seconds):
            own, mine = self.own[:, maps.part(k)], slice(k * maps.rank, (k + 1) * maps.rank)
            assert low is not None
            torch.mm(own, second, out=below[:, mine])
            grown.append((own.t() @ low[:, mine]).float().mul_(maps.scales[k]))
        firsts = torch.split((below.t() @ read).float(), maps.rank) if maps.seconds else ()
        adapters = [gradient for pair in zip(firsts, grown, strict=True) for gradient in pair]
        return (self.whole @ maps.matrix if inputs else None), *adapters


class PackedMap:
    """One linear map, or several of one input side by side, each with an adapter or none of them."""

    def __init__(self, modules: Sequence[nn.Module], dtype: torch.dtype) -> None:
        bases: list[Any] = [module.get_base_layer() if _adapted(module) else module for module in modules]  # type: ignore[operator]
        self.sizes = [base.out_features for base in bases]
        self.out = sum(self.sizes)
        adapters: list[Any] = [module for module in modules if _adapted(module)]
        self.firsts: list[Tensor] = [module.lora_A["default"].weight for module in adapters]
        self.lasts: list[Tensor] = [module.lora_B["default"].weight for module in adapters]
        self.scales: list[float] = [module.scaling["default"] for module in adapters]
        self.rank = len(self.firsts[0]) if adapters else 0
        self.low = self.rank * len(adapters)
        weights = [base.weight.detach() for base in bases]
        width = weights[0].shape[1]
        self.matrix = torch.cat([*weights, weights[0].new_zeros(self.low, width)]).to(dtype)
        biases = [
            w.new_zeros(len(w)) if b.bias is None else b.bias.detach() for w, b in zip(weights, bases, strict=True)
        ]
        self.bias = torch.cat([*biases, biases[0].new_zeros(self.low)]).to(dtype)
        self.seconds: list[Tensor] = []

    def part(self, k: int) -> slice:
        """Where the k-th map's output is."""
        start = sum(self.sizes[:k])
        return slice(start, start + self.sizes[k])

    def refresh(self) -> None:
        """Take the adapters' weights as they are now."""
        for k, first in enumerate(self.firsts):
            start = self.out + k * self.rank
            self.matrix[start : start + self.rank].copy_(first.detach())
        pairs = zip(self.lasts, self.scales, strict=True)
        self.seconds = [(last.detach() * scale).to(self.matrix.dtype) for last, scale in pairs]

    def __call__(self, read: Tensor) -> tuple[Tensor, Tensor | None]:
        """y [N, out] of `read` [N, in], and what the adapters' first maps give, [N, low]."""
        whole = nn.functional.linear(read, self.matrix, self.bias)
        if not self.seconds:
            return whole, None
        own, low = whole[:, : self.out], whole[:, self.out :].contiguous()
        for k, second in enumerate(self.seconds):
            own[:, self.part(k)].addmm_(low[:, k * self.rank : (k + 1) * self.rank], second.t())
        return own, low

    def gradient(self, rows: int) -> Gradient:
        """Room for the gradient of what `rows` rows gave."""
        return Gradient(self, rows)


class PackedMaps:
    """All maps and norms of one layer, and how many heads it has."""

    def __init__(self, layer: nn.Module, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._pack(layer)

    def _pack(self, layer: Any) -> None:
        attention, output = layer.attention, layer.output
        own = attention.self
        self.heads = int(own.num_attention_heads)
        self.qkv = PackedMap([own.query, own.key, own.value], self.dtype)
        self.attended = PackedMap([attention.output.dense], self.dtype)
        self.opened = PackedMap([layer.intermediate.dense], self.dtype)
        self.closed = PackedMap([output.dense], self.dtype)
        self.norm_1, self.norm_2 = _norm(attention.output.LayerNorm), _norm(output.LayerNorm)
        maps = (self.qkv, self.attended, self.opened, self.closed)
        #: A and B of every adapter in turn.
        self.adapters = [t for m in maps for pair in zip(m.firsts, m.lasts, strict=True) for t in pair]
        trained = {id(adapter) for adapter in self.adapters}
        self._of = list(layer.parameters())
        self._kept = [parameter for parameter in self._of if id(parameter) not in trained]
        self._state = self._current()

    def _current(self) -> list[tuple[int, torch.device]]:
        return [(parameter._version, parameter.device) for parameter in self._kept]

    def fresh(self, layer: nn.Module) -> PackedMaps:
        """These maps with the layer's weights as they are now."""
        current = list(layer.parameters())
        same = len(current) == len(self._of) and all(a is b for a, b in zip(current, self._of, strict=True))
        if not same or self._current() != self._state:
            self._pack(layer)
        # Each time: an optimiser that updates all weights in one call leaves no trace on their version counters.
        for maps in (self.qkv, self.attended, self.opened, self.closed):
            maps.refresh()
        return self


def _adapted(module: nn.Module) -> bool:
    return hasattr(module, "lora_A")


def _norm(module: Any) -> Norm:
    return module.weight.detach(), module.bias.detach(), module.eps
