"""Batched, masked Sinkhorn in the log domain, balanced or with soft (KL) marginals.

Each problem minimises over plans P >= 0

    <P, C> + eps KL(P | a b^T) [+ rho KL(P1 | a) + rho KL(P'1 | b)]

subject to P1 = a and P'1 = b when `rho` is None (Cuturi, NeurIPS 2013; Chizat et al., Math. Comp. 2018).
The plan is P = a_i b_j exp((f_i + g_j - C_ij) / eps): entries of zero mass get no plan, whatever the cost there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import BadInput


@dataclass(frozen=True)
class Solution:
    """Plans and dual potentials of a batch of problems.

    plan [B, n, m]; f [B, n]; g [B, m]; objective [B], the regularised objective at the dual potentials;
    residual [B], the L1 distance of the plan's first marginal from `a` (for soft marginals: the last
    change of the potential f over eps); iterations, of the slowest problem.
    """

    plan: Tensor
    f: Tensor
    g: Tensor
    objective: Tensor
    residual: Tensor
    iterations: int

    def converged(self, tolerance: float = 1e-3) -> Tensor:
        """Which problems [B] reached the tolerance."""
        return self.residual < tolerance


@torch.no_grad()
def sinkhorn(
    cost: Tensor,
    a: Tensor,
    b: Tensor,
    epsilon: float | Tensor,
    *,
    rho: float | None = None,
    tolerance: float = 1e-3,
    max_iterations: int = 2000,
    check_every: int = 10,
) -> Solution:
    """Solve a batch of transport problems; gradients do not flow (see `transport_value`).

    cost [B, n, m] finite; a [B, n] and b [B, m] nonnegative, zero on padding, each row of positive
    mass; epsilon > 0, a number or [B]. The regularisation starts large and halves down to `epsilon`, which
    reaches sharp plans in a fraction of the iterations. Stops when every problem's residual is under
    `tolerance`. Raises `BadInput` for a cost or a mass that is infinite or not a number, padding included.
    """
    eps = torch.as_tensor(epsilon, dtype=cost.dtype, device=cost.device).expand(cost.shape[0])
    if not bool((eps > 0).all()):
        raise ValueError("epsilon must be positive")
    log_a, log_b = a.log(), b.log()
    f = torch.zeros_like(a)
    g = torch.zeros_like(b)
    real = (a > 0)[:, :, None] & (b > 0)[:, None, :]
    if not all(bool(torch.isfinite(given).all()) for given in (cost, a, b)):
        raise BadInput("A cost or a mass of a transport problem is infinite or not a number; give finite numbers.")
    largest = torch.where(real, cost, torch.zeros_like(cost)).amax((1, 2))
    stage = torch.maximum(eps, largest / 4)
    iterations = 0
    while bool((stage > eps).any()):
        for _ in range(3):
            f, g = _step(cost, log_a, log_b, f, g, stage, rho)
        iterations += 3
        stage = torch.maximum(eps, stage / 2)
    residual = torch.full_like(eps, float("inf"))
    while iterations < max_iterations:
        before = f
        for _ in range(check_every):
            before = f
            f, g = _step(cost, log_a, log_b, f, g, eps, rho)
        iterations += check_every
        residual = _residual(cost, a, log_a, log_b, f, g, before, eps, rho)
        if bool((residual < tolerance).all()):
            break
    plan = _log_plan(cost, log_a, log_b, f, g, eps).exp()
    return Solution(plan, f, g, _dual(plan, a, b, f, g, eps, rho), residual, iterations)


def _step(
    cost: Tensor, log_a: Tensor, log_b: Tensor, f: Tensor, g: Tensor, eps: Tensor, rho: float | None
) -> tuple[Tensor, Tensor]:
    scale = eps[:, None]
    damping = 1.0 if rho is None else rho / (rho + scale)
    reach = (g / scale + log_b)[:, None, :] - cost / eps[:, None, None]
    f = -damping * scale * reach.logsumexp(2)
    reach = (f / scale + log_a)[:, :, None] - cost / eps[:, None, None]
    g = -damping * scale * reach.logsumexp(1)
    return f, g


def _log_plan(cost: Tensor, log_a: Tensor, log_b: Tensor, f: Tensor, g: Tensor, eps: Tensor) -> Tensor:
    inside = (f[:, :, None] + g[:, None, :] - cost) / eps[:, None, None]
    return inside + log_a[:, :, None] + log_b[:, None, :]


def _residual(
    cost: Tensor,
    a: Tensor,
    log_a: Tensor,
    log_b: Tensor,
    f: Tensor,
    g: Tensor,
    before: Tensor,
    eps: Tensor,
    rho: float | None,
) -> Tensor:
    if rho is None:
        marginal = _log_plan(cost, log_a, log_b, f, g, eps).exp().sum(2)
        return (marginal - a).abs().sum(1)
    change = torch.where(a > 0, (f - before).abs(), torch.zeros_like(f))
    return change.amax(1) / eps


def _dual(plan: Tensor, a: Tensor, b: Tensor, f: Tensor, g: Tensor, eps: Tensor, rho: float | None) -> Tensor:
    mass = plan.sum((1, 2))
    reference = a.sum(1) * b.sum(1)
    if rho is None:
        return (f * a).sum(1) + (g * b).sum(1) - eps * (mass - reference)
    source = (a * (1.0 - torch.exp(-f / rho))).sum(1) * rho
    target = (b * (1.0 - torch.exp(-g / rho))).sum(1) * rho
    return source + target - eps * (mass - reference)


def plan_entropy(plan: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Entropy of each plan [B] as a share of its maximum, the entropy of a b^T (0: a matching, 1: uniform).

    A one-by-one problem, whose only plan has no entropy to share, gives 0.
    """
    mass = plan / plan.sum((1, 2), keepdim=True).clamp_min(1e-30)
    entropy = -(torch.xlogy(mass, mass)).sum((1, 2))
    highest = -(torch.xlogy(a, a).sum(1) + torch.xlogy(b, b).sum(1))
    return torch.where(highest > 1e-9, entropy / highest.clamp_min(1e-9), torch.zeros_like(entropy))
