"""Gradients of the transport values against finite differences, and what debiasing does."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.transport.cost import cosine_cost, median_epsilon, squared_euclidean_cost, uniform_marginal
    from core.transport.divergence import sinkhorn_divergence, transport_value


def points(seed: int, *shape: int) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=shape), dtype=torch.float64)


def exact_marginal(mask: torch.Tensor) -> torch.Tensor:
    """Masses that are equal on both sides to double precision: with those of float32 no plan meets both marginals."""
    weight = mask.double()
    return weight / weight.sum(-1, keepdim=True)


@pytest.mark.parametrize("rho", [None, 0.5])
def test_gradient_of_the_value_agrees_with_finite_differences(rho: float | None) -> None:
    x, y = points(0, 2, 5, 4), points(1, 2, 7, 4).requires_grad_()
    mask_x, mask_y = torch.ones(2, 5), torch.ones(2, 7)
    mask_y[1, 5:] = 0
    a, b = exact_marginal(mask_x), exact_marginal(mask_y)

    def value(states: torch.Tensor) -> torch.Tensor:
        return transport_value(
            cosine_cost(x, states), a, b, 0.1, rho=rho, tolerance=1e-10, max_iterations=50_000
        ).value.sum()

    (gradient,) = torch.autograd.grad(value(y), y)
    assert gradient[1, 5:].abs().max() == 0
    step = 1e-5
    for index in [(0, 0, 0), (0, 6, 3), (1, 2, 1), (1, 4, 2)]:
        up, down = y.detach().clone(), y.detach().clone()
        up[index] += step
        down[index] -= step
        numeric = float(value(up) - value(down)) / (2 * step)
        assert float(gradient[index]) == pytest.approx(numeric, rel=1e-4, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [None, 0.5])
def test_gradient_of_the_divergence_agrees_with_finite_differences(rho: float | None) -> None:
    x, y = points(2, 1, 6, 3), points(3, 1, 4, 3).requires_grad_()
    a, b = exact_marginal(torch.ones(1, 6)), exact_marginal(torch.ones(1, 4))
    epsilon = float(median_epsilon(squared_euclidean_cost(x, y), a, b, 0.2))

    def value(states: torch.Tensor) -> torch.Tensor:
        between = squared_euclidean_cost(x, states)
        fraction = epsilon / float(between.detach().median())
        return sinkhorn_divergence(
            x, states, a, b, squared_euclidean_cost, fraction, rho=rho, tolerance=1e-10, max_iterations=50_000
        ).value.sum()

    (gradient,) = torch.autograd.grad(value(y), y)
    step = 1e-5
    for index in [(0, 0, 0), (0, 3, 2)]:
        up, down = y.detach().clone(), y.detach().clone()
        up[index] += step
        down[index] -= step
        numeric = float(value(up) - value(down)) / (2 * step)
        assert float(gradient[index]) == pytest.approx(numeric, rel=1e-4, abs=1e-8)


def test_the_divergence_of_a_set_from_itself_is_zero_and_the_plain_value_is_not() -> None:
    x = points(4, 3, 8, 5)
    a = uniform_marginal(torch.ones(3, 8)).double()
    debiased = sinkhorn_divergence(x, x, a, a, cosine_cost, 0.3, tolerance=1e-10)
    plain = sinkhorn_divergence(x, x, a, a, cosine_cost, 0.3, debias=False, tolerance=1e-10)
    np.testing.assert_allclose(debiased.value.numpy(), 0.0, atol=1e-9)
    assert (plain.value > 1e-3).all()


def test_order_of_points_does_not_matter() -> None:
    x, y = points(5, 1, 6, 3), points(6, 1, 9, 3)
    a, b = uniform_marginal(torch.ones(1, 6)).double(), uniform_marginal(torch.ones(1, 9)).double()
    first = sinkhorn_divergence(x, y, a, b, cosine_cost, 0.1, tolerance=1e-9)
    order = torch.tensor(np.random.default_rng(7).permutation(9))
    second = sinkhorn_divergence(x, y[:, order], a, b, cosine_cost, 0.1, tolerance=1e-9)
    assert float(first.value) == pytest.approx(float(second.value), abs=1e-8)


@pytest.mark.parametrize("rho", [None, 0.5])
def test_with_its_own_gradient_epsilon_may_follow_the_median_and_without_it_the_gradient_is_off(rho) -> None:
    x, y = points(2, 2, 4, 2), points(3, 2, 3, 2).requires_grad_()
    a, b = exact_marginal(torch.ones(2, 4)), exact_marginal(torch.ones(2, 3))

    def value(states: torch.Tensor, follows: bool) -> torch.Tensor:
        return sinkhorn_divergence(
            x, states, a, b, squared_euclidean_cost, 0.5, rho=rho, tolerance=1e-10, max_iterations=20_000,
            epsilon_gradient=follows,
        ).value.sum()  # fmt: skip

    exact, fixed = (torch.autograd.grad(value(y, follows), y)[0] for follows in (True, False))
    assert torch.equal(value(y, True).detach(), value(y, False).detach())
    step, numeric = 1e-5, torch.zeros_like(exact)
    for index in np.ndindex(*y.shape):
        up, down = y.detach().clone(), y.detach().clone()
        up[index] += step
        down[index] -= step
        numeric[index] = float(value(up, False) - value(down, False)) / (2 * step)
    torch.testing.assert_close(exact, numeric, rtol=1e-4, atol=1e-7)
    assert float((fixed - numeric).norm() / numeric.norm()) > 0.01
