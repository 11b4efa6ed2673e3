"""Differentiable transport values: the regularised objective, and the debiased Sinkhorn divergence.

By the envelope theorem the gradient of the regularised objective OT_eps with respect to the cost is the optimal plan
P, so a detached plan gives the exact gradient once the plan has converged: exact at fixed eps. Its derivative with
respect to eps is KL(P || a b^T); where eps is itself a function of the costs (a share of their median), the whole
gradient needs that term too, and without it finite differences of the value are off by a tenth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.transport.cost import median_epsilon
from core.transport.sinkhorn import Solution, plan_entropy, sinkhorn


@dataclass(frozen=True)
class TransportValue:
    """A differentiable value [B] with what its plans looked like (both [B], without gradient).

    `transport_cost` is <P, C>; `entropy` the plan's share of its maximum entropy; `residual` the marginal error.
    """

    value: Tensor
    transport_cost: Tensor
    entropy: Tensor
    residual: Tensor


def transport_value(
    cost: Tensor, a: Tensor, b: Tensor, epsilon: float | Tensor, *, rho: float | None = None,
    tolerance: float = 1e-3, max_iterations: int = 2000,
) -> TransportValue:  # fmt: skip
    """OT_eps of each problem, whose gradient with respect to `cost` [B, n, m] is the plan, and with respect to an
    `epsilon` that is a tensor with gradient KL(P || a b^T)."""
    fixed = epsilon.detach() if isinstance(epsilon, Tensor) else epsilon
    solved: Solution = sinkhorn(cost.detach(), a, b, fixed, rho=rho, tolerance=tolerance, max_iterations=max_iterations)
    linear = (solved.plan * torch.where(solved.plan > 0, cost, torch.zeros_like(cost))).sum((1, 2))
    value = solved.objective + linear - linear.detach()
    if isinstance(epsilon, Tensor) and epsilon.requires_grad:
        value = value + plan_divergence(solved.plan, a, b) * (epsilon - fixed)
    return TransportValue(value, linear.detach(), plan_entropy(solved.plan, a, b), solved.residual)


def plan_divergence(plan: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """KL(P || a b^T) of each plan [B], the generalised one where the masses differ: sum P log(P / a b) - P + a b."""
    product = a[:, :, None] * b[:, None, :]
    ratio = torch.where(product > 0, plan / product.clamp_min(1e-30), torch.ones_like(plan))
    return (torch.xlogy(plan, ratio) - plan + product).sum((1, 2))


def sinkhorn_divergence(
    x: Tensor, y: Tensor, a: Tensor, b: Tensor, cost: Callable[[Tensor, Tensor], Tensor], fraction: float,
    *, debias: bool = True, rho: float | None = None, tolerance: float = 1e-3, max_iterations: int = 2000,
    epsilon_gradient: bool = False,
) -> TransportValue:  # fmt: skip
    """S_eps(x, y) = OT_eps(x, y) - OT_eps(x, x)/2 - OT_eps(y, y)/2 (Genevay et al., AISTATS 2018).

    x [B, n, d] and y [B, m, d] are points with masses a [B, n] and b [B, m]; `cost` maps two sets of points
    to [B, n, m]; eps is `fraction` of the median cost of the cross problem, the same in all three terms.
    With `rho` marginals are soft; all masses being 1, the divergence's mass term is 0 (arXiv 1910.12958).
    Without `debias` the value is OT_eps(x, y) alone (OPTICAL, arXiv 2301.12566). A point set without
    gradient adds a constant, whose value is still counted.

    The gradient is exact for S at fixed eps. With `epsilon_gradient` it is exact for the value as a function of the
    points, eps following the median cost.
    """
    between = cost(x, y)
    epsilon = median_epsilon(between, a, b, fraction, gradient=epsilon_gradient)
    cross = transport_value(between, a, b, epsilon, rho=rho, tolerance=tolerance, max_iterations=max_iterations)
    if not debias:
        return cross
    selves = [
        transport_value(cost(z, z), w, w, epsilon, rho=rho, tolerance=tolerance, max_iterations=max_iterations)
        for z, w in ((x, a), (y, b))
    ]
    value = cross.value - 0.5 * (selves[0].value + selves[1].value)
    residual = torch.stack([cross.residual, *(s.residual for s in selves)]).amax(0)
    return TransportValue(value, cross.transport_cost, cross.entropy, residual)
