"""Transformer layers as one function each: the same layer as the library's, in fewer and larger products.

What differs from the library's layer is the order of the work, not the arithmetic that is asked for: query, key and
value and their adapters' first maps are one product; an adapter's gradient and its map's share one too; attention is
plain batched products with the softmax in float32; and padding takes no part in any map. Rounding differs where the
order of sums does, so this is a setting of a run (`TrainingConfig.layers`), not an improvement of the old one.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from core.errors import BadInput
from core.model.packed_maps import PackedMaps
from core.reading.precision import Precision, without_autocast

Layers = Literal["library", "fused"]


def check_layers(name: str) -> Layers:
    """`name` if it is a known form of the layers; raises `BadInput` naming the forms."""
    if name not in get_args(Layers):
        raise BadInput(f"The layers are {' or '.join(get_args(Layers))}, not {name!r}.")
    return name  # type: ignore[return-value]


def fuse_layers(backbone: nn.Module, precision: Precision) -> nn.Module:
    """Give the layers of `backbone` their fused forward pass, in place; modules and names stay.

    Raises `BadInput` for an encoder whose layers are not BERT's, and for one whose own weights are trained.
    """
    layers = getattr(backbone._modules.get("encoder"), "layer", None)
    config: Any = getattr(backbone, "config", None)
    if not isinstance(layers, nn.ModuleList) or not all(_is_bert(layer) for layer in layers):
        raise BadInput('Fused layers are for encoders built as BERT is, and this one is not; write layers = "library".')
    if getattr(config, "hidden_act", "") != "gelu" or getattr(config, "is_decoder", False):
        raise BadInput('Fused layers are for encoders with GELU and no decoder; write layers = "library".')
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    chosen: list[Any] = list(layers)
    for layer in chosen:
        kind = type(layer)
        if any(p.requires_grad for name, p in layer.named_parameters() if ".lora_" not in name):
            raise BadInput('Fused layers train LoRA adapters alone; write tuning = "lora" or layers = "library".')
        if not issubclass(kind, _Fused):
            layer.__class__ = type(f"Fused{kind.__name__}", (_Fused, kind), {})
        layer.packed = PackedMaps(layer, dtype)
    return backbone


def _is_bert(layer: nn.Module) -> bool:
    names = {name for name, _ in layer.named_modules()}
    needed = {
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
    }  # fmt: skip
    return needed <= names and "crossattention" not in names


class _Fused:
    """In front of a layer's own class: its forward pass."""

    packed: PackedMaps

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
        """States [B, n, d] after the layer, float32; those of padding stay as they come in."""
        assert isinstance(self, nn.Module)
        if self.training:
            raise RuntimeError("A fused layer has no dropout: it is used in evaluation mode, as training does.")
        maps = self.packed.fresh(self)
        with without_autocast(hidden_states.device):
            added, rows = _mask_and_rows(attention_mask)
            out: Tensor = _Layer.apply(hidden_states.float(), added, rows, maps, *maps.adapters)  # type: ignore[no-untyped-call]
        return out


def _mask_and_rows(mask: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """From the library's mask ([B, 1, 1 or n, n], true or 0 where attended): what is added to the scores [B, 1, 1, n],
    and the indices of the B n tokens that are no padding. Both None where nothing is padded."""
    if mask is None:
        return None, None
    seen = mask[:, :, :1] if mask.dtype == torch.bool else mask[:, :, :1] == 0
    if bool(seen.all()):
        return None, None
    added = torch.zeros(seen.shape, device=seen.device).masked_fill_(~seen, float("-inf"))
    return added, seen.reshape(-1).nonzero()[:, 0]


class _Layer(torch.autograd.Function):
    """One post-norm layer (Vaswani et al., arXiv 1706.03762, as in BERT) with a LoRA adapter (Hu et al., ICLR 2022) on
    each map, y = W x + b + s B A x; gradients go to the input and to A and B."""

    @staticmethod
    def forward(
        ctx: Any, states: Tensor, mask: Tensor | None, rows: Tensor | None, maps: PackedMaps, *adapters: Tensor
    ) -> Tensor:
        batch, length, width = states.shape
        flat = states.reshape(batch * length, width)
        entered = flat if rows is None else flat.index_select(0, rows)
        read = entered.to(maps.dtype)
        qkv, low_qkv = maps.qkv(read)
        heads = _by_head(_spread(qkv, rows, len(flat)), batch, maps.heads, 3)
        query, key, value = heads
        scale = query.shape[-1] ** -0.5
        scores = torch.bmm(query, key.transpose(1, 2)).float().mul_(scale)
        if mask is not None:
            scores.view(batch, maps.heads, length, length).add_(mask)
        share = scores.softmax(-1)
        rounded = share.to(maps.dtype)
        mixed = _gather(_by_token(torch.bmm(rounded, value)[None], batch), rows)
        attended, low_out = maps.attended(mixed)
        residual = entered + attended
        middle, mean_1, rstd_1 = torch.native_layer_norm(residual, (width,), *maps.norm_1)
        read_2 = middle.to(maps.dtype)
        opened, low_in = maps.opened(read_2)
        active = nn.functional.gelu(opened)
        closed, low_close = maps.closed(active)
        residual_2 = middle + closed
        out, mean_2, rstd_2 = torch.native_layer_norm(residual_2, (width,), *maps.norm_2)
        if any(ctx.needs_input_grad):
            ctx.save_for_backward(
                rows, read, heads, share, rounded, mixed, residual, mean_1, rstd_1, read_2, opened, active,
                residual_2, mean_2, rstd_2, low_qkv, low_out, low_in, low_close, *adapters,
            )  # fmt: skip
            ctx.maps, ctx.shape = maps, (batch, length, width)
        return (out if rows is None else flat.index_copy(0, rows, out)).view(batch, length, width)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        (
            rows, read, heads, share, rounded, mixed, residual, mean_1, rstd_1, read_2, opened, active,
            residual_2, mean_2, rstd_2, low_qkv, low_out, low_in, low_close, *_,
        ) = ctx.saved_tensors  # fmt: skip
        maps: PackedMaps = ctx.maps
        batch, length, width = ctx.shape
        flat = gradient.reshape(batch * length, width)
        over = _gather(flat, rows)
        d_residual_2 = _norm_backward(over, residual_2, mean_2, rstd_2, maps.norm_2)
        grown = maps.closed.gradient(d_residual_2.shape[0]).copy_in(d_residual_2)
        d_active, *of_close = grown.back(low_close, active)
        grown = maps.opened.gradient(len(over))
        torch.ops.aten.gelu_backward.grad_input(d_active, opened, grad_input=grown.own)
        d_read_2, *of_open = grown.back(low_in, read_2)
        d_residual = _norm_backward(d_residual_2 + d_read_2, residual, mean_1, rstd_1, maps.norm_1)
        d_mixed, *of_out = maps.attended.gradient(len(over)).copy_in(d_residual).back(low_out, mixed)
        (given,) = _by_head(_spread(d_mixed, rows, len(flat)), batch, maps.heads, 1)
        query, key, value = heads
        scale = query.shape[-1] ** -0.5
        d_heads = torch.empty_like(heads)
        torch.bmm(rounded.transpose(1, 2), given, out=d_heads[2])
        d_share = torch.bmm(given, value.transpose(1, 2)).float()
        d_scores = torch.ops.aten._softmax_backward_data(d_share, share, -1, torch.float32).mul_(scale).to(maps.dtype)
        torch.bmm(d_scores, key, out=d_heads[0])
        torch.bmm(d_scores.transpose(1, 2), query, out=d_heads[1])
        grown = maps.qkv.gradient(len(over)).copy_in(_gather(_by_token(d_heads, batch), rows))
        d_read, *of_qkv = grown.back(low_qkv, read, inputs=ctx.needs_input_grad[0])
        entered = None
        if d_read is not None:
            entered = d_residual + d_read
            entered = (entered if rows is None else flat.index_copy(0, rows, entered)).view(batch, length, width)
        return entered, None, None, None, *of_qkv, *of_out, *of_open, *of_close


def _norm_backward(gradient: Tensor, read: Tensor, mean: Tensor, rstd: Tensor, norm: Any) -> Tensor:
    weight, bias, _ = norm
    back: Tensor = torch.ops.aten.native_layer_norm_backward(
        gradient, read, weight.shape, mean, rstd, weight, bias, [True, False, False]
    )[0]
    return back


def _gather(flat: Tensor, rows: Tensor | None) -> Tensor:
    """The rows of tokens that are no padding."""
    return flat if rows is None else flat.index_select(0, rows)


def _spread(packed: Tensor, rows: Tensor | None, size: int) -> Tensor:
    """The inverse of `_gather`, zero at padding."""
    return packed if rows is None else packed.new_zeros(size, packed.shape[1]).index_copy_(0, rows, packed)


def _by_head(flat: Tensor, batch: int, heads: int, parts: int) -> Tensor:
    """[B n, parts h e] to contiguous [parts, B h, n, e]."""
    size = flat.shape[1] // (parts * heads)
    split = flat.view(batch, -1, parts, heads, size).permute(2, 0, 3, 1, 4)
    return split.reshape(parts, batch * heads, -1, size)


def _by_token(split: Tensor, batch: int) -> Tensor:
    """The inverse of `_by_head`: [parts, B h, n, e] to [B n, parts h e]."""
    parts, rows, length, size = split.shape
    whole = split.view(parts, batch, rows // batch, length, size).permute(1, 3, 0, 2, 4)
    return whole.reshape(batch * length, -1)
