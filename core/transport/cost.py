"""Ground costs between token states, and the regularisation that fits them."""

from __future__ import annotations

import torch
from torch import Tensor

COSTS = ("cosine", "centred-cosine", "euclidean")


def cosine_cost(x: Tensor, y: Tensor) -> Tensor:
    """1 - cos between every state of `x` [B, n, d] and of `y` [B, m, d]: [B, n, m], in [0, 2]."""
    x = torch.nn.functional.normalize(x, dim=-1)
    y = torch.nn.functional.normalize(y, dim=-1)
    return 1.0 - x @ y.transpose(-1, -2)


def euclidean_cost(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distance between every state of `x` [B, n, d] and of `y` [B, m, d]: [B, n, m]."""
    return squared_euclidean_cost(x, y).clamp_min(1e-12).sqrt()


def squared_euclidean_cost(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distance, [B, n, m]; never negative."""
    squares = x.square().sum(-1)[..., :, None] + y.square().sum(-1)[..., None, :]
    return (squares - 2.0 * x @ y.transpose(-1, -2)).clamp_min(0.0)


def centre(x: Tensor, mask: Tensor) -> Tensor:
    """States minus their mean over the real tokens of the same sentence (OTAlign, arXiv 2306.04116).

    `x` is [B, n, d], `mask` [B, n] is true on real tokens.
    """
    weight = mask.to(x.dtype)[..., None]
    mean = (x * weight).sum(-2, keepdim=True) / weight.sum(-2, keepdim=True).clamp_min(1.0)
    return x - mean


def token_cost(x: Tensor, y: Tensor, x_mask: Tensor, y_mask: Tensor, kind: str = "cosine") -> Tensor:
    """The ground cost of the given kind between padded token states: [B, n, m]."""
    if kind == "cosine":
        return cosine_cost(x, y)
    if kind == "centred-cosine":
        return cosine_cost(centre(x, x_mask), centre(y, y_mask))
    if kind == "euclidean":
        return euclidean_cost(x, y)
    raise ValueError(f"unknown cost {kind!r}; one of {', '.join(COSTS)}")


def uniform_marginal(mask: Tensor) -> Tensor:
    """Equal mass on the real entries of `mask` [B, n], none on padding; each row sums to 1."""
    weight = mask.to(torch.float32)
    return weight / weight.sum(-1, keepdim=True).clamp_min(1.0)


def median_epsilon(cost: Tensor, a: Tensor, b: Tensor, fraction: float, *, gradient: bool = False) -> Tensor:
    """`fraction` of the median cost over all real cells of the batch, as a scalar tensor; with `gradient` to the cell
    that is the median.

    Tied to the cost's own scale, the same fraction means the same sharpness for every encoder.
    """
    real = (a[..., :, None] > 0) & (b[..., None, :] > 0)
    median = (cost if gradient else cost.detach())[real].median()
    return (fraction * median).clamp_min(1e-6)


def pair_epsilon(cost: Tensor, a: Tensor, b: Tensor, fraction: float) -> Tensor:
    """`fraction` of each problem's own median cost, [B]."""
    real = (a[..., :, None] > 0) & (b[..., None, :] > 0)
    cells = torch.where(real, cost.detach(), torch.full_like(cost, torch.nan)).flatten(1)
    return (fraction * cells.nanmedian(1).values).clamp_min(1e-6)
