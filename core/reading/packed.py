"""BERT's layers for reading alone: over the tokens without the padding, with maps packed beforehand for oneDNN.

What a batch costs beyond its products is mostly padding, changes of format and passes over memory. Here the tokens of
all texts lie one after the other and no map sees padding; query, key and value are one product; GELU and the residual
are added where a product is written out; in bfloat16 everything between two layers stays in it, where autocast goes
back to float32 after each product; and texts of one length share an attention without a mask.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.reading.formats import Format
from core.reading.sharing import first_layers

#: Layers that are BERT's under another name, in transformers.
_SAME = (
    "BertLayer", "RobertaLayer", "XLMRobertaLayer", "CamembertLayer", "ElectraLayer", "ErnieLayer",
    "Data2VecTextLayer",
)  # fmt: skip

#: Weight, bias, eps.
Norm = tuple[Tensor, Tensor, float]
#: Texts and tokens of each, of a run of texts of one length.
Group = tuple[int, int]


def refusal(model: Any, precision: Format) -> str:
    """Why `model` cannot be read so, in words; empty where it can."""
    if next(model.parameters()).device.type != "cpu":
        return "Packed layers are for processors"
    if precision == "int8":
        return "Packed layers are float32 or bfloat16"
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return "This torch was built without oneDNN, which packs layers"
    if reason := _lacking(precision):
        return reason
    layers = getattr(model._modules.get("encoder"), "layer", None)
    config = model.config
    if first_layers(model, 0) is None or not isinstance(layers, nn.ModuleList) or not all(map(_is_bert, layers)):
        return "Packed layers are for encoders built as BERT is, and this one is not"
    if getattr(config, "hidden_act", "") != "gelu" or getattr(config, "is_decoder", False):
        return "Packed layers are for encoders with GELU and no decoder"
    if getattr(config, "position_embedding_type", None) not in (None, "absolute"):
        return "Packed layers are for encoders with absolute positions"
    return ""


def _lacking(precision: Format) -> str:
    """bfloat16 is packed only where this processor's oneDNN has it."""
    if precision != "bfloat16" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return ""
    return "This processor has no bfloat16 for packed layers"


def _is_bert(layer: nn.Module) -> bool:
    """Whether the layer computes what BERT's does: kinds whose layers have the same maps and use them otherwise
    (RoFormer turns queries, ConvBERT convolves) are not."""
    if type(layer).__name__ not in _SAME or not type(layer).__module__.startswith("transformers.models."):
        return False
    names = {name for name, module in layer.named_modules() if not list(module.children())}
    maps = {
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "intermediate.dense", "output.dense",
    }  # fmt: skip
    plain = all(type(layer.get_submodule(name)) is nn.Linear for name in maps & names)
    return maps | {"attention.output.LayerNorm", "output.LayerNorm"} <= names and plain


class PackedReader:
    """The packed layers of one model in one format; the model itself is not held."""

    def __init__(self, model: Any, precision: Format) -> None:
        self._dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        self._embedded = first_layers(model, 0)
        self._layers = [_packed(layer, self._dtype) for layer in model.encoder.layer]

    def states(self, ids: Tensor, mask: Tensor, layers: Sequence[int]) -> list[Tensor]:
        """See `core.reading.reader.Reader`; padding is zero."""
        assert self._embedded is not None
        entered = self._embedded(input_ids=ids, attention_mask=mask).last_hidden_state
        tokens = _Tokens(mask)
        reached = dict(self._through(tokens.gather(entered), tokens.groups, 0, max(layers), set(layers)))
        return [tokens.spread(reached[layer]) for layer in layers]

    def upper(self, states: Tensor, mask: Tensor, layer: int, wanted: Sequence[int]) -> list[Tensor]:
        """See `core.reading.reader.Reader`; padding is zero."""
        tokens = _Tokens(mask)
        reached = dict(self._through(tokens.gather(states), tokens.groups, layer, max(wanted), set(wanted)))
        return [tokens.spread(reached[each]) for each in wanted]

    def _through(
        self, flat: Tensor, groups: Sequence[Group], first: int, last: int, wanted: set[int]
    ) -> Iterator[tuple[int, Tensor]]:
        flat = flat.to(self._dtype)
        if first in wanted:
            yield first, flat
        for number in range(first, last):
            flat = self._layers[number](flat, groups)
            if number + 1 in wanted:
                yield number + 1, flat


class _Tokens:
    """Where the tokens of a padded batch are, texts of one length beside each other."""

    def __init__(self, mask: Tensor) -> None:
        lengths, order = mask.sum(1).sort(descending=True, stable=True)
        places = torch.arange(mask.numel()).view(mask.shape)
        self._places = places[order][mask[order].bool()]
        self._shape = mask.shape
        sizes, counts = torch.unique_consecutive(lengths, return_counts=True)
        self.groups = [(b, n) for b, n in zip(counts.tolist(), sizes.tolist(), strict=True) if n]

    def gather(self, padded: Tensor) -> Tensor:
        """States [b, n, d] to [tokens, d]."""
        return padded.reshape(-1, padded.shape[-1]).index_select(0, self._places)

    def spread(self, flat: Tensor) -> Tensor:
        """The inverse of `gather`, float32."""
        padded = flat.new_zeros((self._shape.numel(), flat.shape[1]), dtype=torch.float32)
        return padded.index_copy_(0, self._places, flat.float()).view(*self._shape, -1)


class _Map:
    """One linear map, or several of one input side by side."""

    def __init__(self, modules: Sequence[Any], dtype: torch.dtype) -> None:
        weight = torch.cat([module.weight.detach() for module in modules]).to(dtype)
        biases = [
            module.weight.new_zeros(len(module.weight)) if module.bias is None else module.bias.detach()
            for module in modules
        ]
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
        self._bias = torch.cat(biases).to(dtype)

    def __call__(self, read: Tensor, after: str = "none") -> Tensor:
        """y [N, out] of `read` [N, in]; `after` "gelu" gives GELU(y)."""
        algorithm = "none" if after == "gelu" else ""
        out: Tensor = torch.ops.mkldnn._linear_pointwise(read, self._weight, self._bias, after, [], algorithm)
        return out

    def added(self, read: Tensor, residual: Tensor) -> Tensor:
        """y + `residual`."""
        out: Tensor = torch.ops.mkldnn._linear_pointwise.binary(read, residual, self._weight, self._bias, "add")
        return out


class _Layer:
    """One post-norm layer (Vaswani et al., arXiv 1706.03762, as in BERT)."""

    def __init__(self, layer: Any, dtype: torch.dtype) -> None:
        attention, own = layer.attention, layer.attention.self
        #: Held so that nothing else is at their place in memory while this is known by it.
        self.sources = list(layer.parameters())
        self._heads = int(own.num_attention_heads)
        self._qkv = _Map([own.query, own.key, own.value], dtype)
        self._attended = _Map([attention.output.dense], dtype)
        self._opened, self._closed = _Map([layer.intermediate.dense], dtype), _Map([layer.output.dense], dtype)
        self._norms = [_norm(module, dtype) for module in (attention.output.LayerNorm, layer.output.LayerNorm)]

    def __call__(self, flat: Tensor, groups: Sequence[Group]) -> Tensor:
        """States [tokens, d] after the layer."""
        middle = _normed(self._attended.added(self._mixed(self._qkv(flat), groups), flat), self._norms[0])
        return _normed(self._closed.added(self._opened(middle, "gelu"), middle), self._norms[1])

    def _mixed(self, qkv: Tensor, groups: Sequence[Group]) -> Tensor:
        parts, start = [], 0
        for texts, length in groups:
            own = qkv[start : start + texts * length].view(texts, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(own[0], own[1], own[2])
            parts.append(mixed.transpose(1, 2).reshape(texts * length, -1))
            start += texts * length
        return parts[0] if len(parts) == 1 else torch.cat(parts)


def _norm(module: Any, dtype: torch.dtype) -> Norm:
    return module.weight.detach().to(dtype), module.bias.detach().to(dtype), module.eps


def _normed(flat: Tensor, norm: Norm) -> Tensor:
    weight, bias, eps = norm
    return functional.layer_norm(flat, weight.shape, weight, bias, eps)


#: Layers in use: those of arms that train the upper ones alone share the rest.
_layers: weakref.WeakValueDictionary[Any, _Layer] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def _packed(layer: nn.Module, dtype: torch.dtype) -> _Layer:
    key = dtype, *((id(p), 0 if p.is_inference() else p._version) for p in layer.parameters())
    with _lock:
        packed = _layers.get(key)
        if packed is None:
            packed = _layers[key] = _Layer(layer, dtype)
    return packed
