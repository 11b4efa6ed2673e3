"""What training calls stays the same to the last bit: the batch solver against a plain loop written here.

A long experiment goes on with these numbers; a change of theirs is a change of its results. The loop repeats the
order of the operations, so equality is exact, on whatever machine.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.transport.cost import cosine_cost, median_epsilon, uniform_marginal
    from core.transport.divergence import sinkhorn_divergence, transport_value
    from core.transport.sinkhorn import sinkhorn


def reference(cost, a, b, epsilon, rho=None, tolerance=1e-3, most=2000):
    """Plan, potentials, dual objective and residual of a batch, iterated until the worst problem has converged."""
    eps = torch.as_tensor(epsilon, dtype=cost.dtype).expand(cost.shape[0])
    log_a, log_b = a.log(), b.log()
    f, g = torch.zeros_like(a), torch.zeros_like(b)

    def step(f, g, eps):
        wide = eps[:, None]
        damping = 1.0 if rho is None else rho / (rho + wide)
        f = -damping * wide * ((g / wide + log_b)[:, None, :] - cost / eps[:, None, None]).logsumexp(2)
        g = -damping * wide * ((f / wide + log_a)[:, :, None] - cost / eps[:, None, None]).logsumexp(1)
        return f, g

    def plan_of(f, g):
        inside = (f[:, :, None] + g[:, None, :] - cost) / eps[:, None, None]
        return (inside + log_a[:, :, None] + log_b[:, None, :]).exp()

    real = (a > 0)[:, :, None] & (b > 0)[:, None, :]
    stage = torch.maximum(eps, torch.where(real, cost, torch.zeros_like(cost)).amax((1, 2)) / 4)
    count = 0
    while bool((stage > eps).any()):
        for _ in range(3):
            f, g = step(f, g, stage)
        count += 3
        stage = torch.maximum(eps, stage / 2)
    while count < most:
        for _ in range(10):
            before = f
            f, g = step(f, g, eps)
        count += 10
        if rho is None:
            residual = (plan_of(f, g).sum(2) - a).abs().sum(1)
        else:
            residual = torch.where(a > 0, (f - before).abs(), torch.zeros_like(f)).amax(1) / eps
        if bool((residual < tolerance).all()):
            break
    plan = plan_of(f, g)
    mass, whole = plan.sum((1, 2)), a.sum(1) * b.sum(1)
    if rho is None:
        dual = (f * a).sum(1) + (g * b).sum(1) - eps * (mass - whole)
    else:
        left = (a * (1.0 - torch.exp(-f / rho))).sum(1) * rho
        right = (b * (1.0 - torch.exp(-g / rho))).sum(1) * rho
        dual = left + right - eps * (mass - whole)
    return plan, f, g, dual, residual, count


def batch(seed, dtype=None):
    dtype = dtype or torch.float32
    random = np.random.default_rng(seed)
    x, y = (torch.tensor(random.normal(size=(5, n, 16)) + 0.3, dtype=dtype) for n in (9, 12))
    x_mask = torch.arange(9)[None] < torch.tensor([9, 4, 1, 7, 9])[:, None]
    y_mask = torch.arange(12)[None] < torch.tensor([12, 6, 3, 1, 10])[:, None]
    return x, y, uniform_marginal(x_mask).to(dtype), uniform_marginal(y_mask).to(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rho", [None, 0.4])
@pytest.mark.parametrize("epsilon", [0.02, 0.3])
def test_the_solver(dtype, rho, epsilon):
    x, y, a, b = batch(0, getattr(torch, dtype))
    cost = cosine_cost(x, y)
    solved = sinkhorn(cost, a, b, epsilon, rho=rho)
    plan, f, g, dual, residual, count = reference(cost, a, b, epsilon, rho)
    for ours, theirs in ((solved.plan, plan), (solved.f, f), (solved.g, g), (solved.objective, dual),
                         (solved.residual, residual)):  # fmt: skip
        assert torch.equal(torch.nan_to_num(ours), torch.nan_to_num(theirs))
    assert solved.iterations == count


@pytest.mark.parametrize("debias", [True, False])
def test_the_divergence_and_its_gradient(debias):
    x, y, a, b = batch(1)
    y.requires_grad_()
    value = sinkhorn_divergence(x, y, a, b, cosine_cost, 0.05, debias=debias).value
    (gradient,) = torch.autograd.grad(value.sum(), y)
    again = y.detach().clone().requires_grad_()
    between = cosine_cost(x, again)
    eps = median_epsilon(between, a, b, 0.05)

    def regularised(cost, p, q):
        plan, _, _, dual, *_ = reference(cost.detach(), p, q, eps)
        linear = (plan * torch.where(plan > 0, cost, torch.zeros_like(cost))).sum((1, 2))
        return dual + linear - linear.detach()

    expected = regularised(between, a, b)
    if debias:
        selves = [regularised(cosine_cost(z, z), w, w) for z, w in ((x, a), (again, b))]
        expected = expected - 0.5 * (selves[0] + selves[1])
    (wanted,) = torch.autograd.grad(expected.sum(), again)
    assert torch.equal(value, expected) and torch.equal(gradient, wanted)


def test_the_values_plan_and_entropy_are_the_solvers():
    x, y, a, b = batch(2)
    cost = cosine_cost(x, y)
    value = transport_value(cost, a, b, 0.05)
    plan, _, _, _, residual, _ = reference(cost, a, b, 0.05)
    assert torch.equal(value.residual, residual)
    linear = (plan * torch.where(plan > 0, cost, torch.zeros_like(cost))).sum((1, 2))
    assert torch.equal(value.transport_cost, linear)
