"""The solver against POT: plans, objectives, hard ragged inputs, small regularisation, float32."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.late import COLLECTING

if not COLLECTING:
    import ot
    import torch

    from core.transport.cost import uniform_marginal
    from core.transport.sinkhorn import plan_entropy, sinkhorn


def ragged(seed: int, sizes: list[tuple[int, int]], dtype=None):
    """Padded problems of the given sizes; the padding holds large and negative costs that must not matter."""
    dtype = dtype or torch.float64
    random = np.random.default_rng(seed)
    n, m = max(s[0] for s in sizes), max(s[1] for s in sizes)
    cost = torch.tensor(random.uniform(-50, 50, (len(sizes), n, m)), dtype=dtype)
    a, b = torch.zeros(len(sizes), n, dtype=dtype), torch.zeros(len(sizes), m, dtype=dtype)
    for k, (rows, columns) in enumerate(sizes):
        cost[k, :rows, :columns] = torch.tensor(random.uniform(0, 1, (rows, columns)), dtype=dtype)
        a[k, :rows] = torch.tensor(random.dirichlet(np.ones(rows)), dtype=dtype)
        b[k, :columns] = torch.tensor(random.dirichlet(np.ones(columns)), dtype=dtype)
    return cost, a, b


SIZES = [(1, 1), (1, 7), (9, 1), (5, 5), (12, 30), (40, 33)]


@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.05])
def test_plans_equal_pots(epsilon: float) -> None:
    cost, a, b = ragged(0, SIZES)
    solved = sinkhorn(cost, a, b, epsilon, tolerance=1e-9, max_iterations=20000)
    for k, (n, m) in enumerate(SIZES):
        expected = ot.sinkhorn(
            a[k, :n].numpy(), b[k, :m].numpy(), cost[k, :n, :m].numpy(), epsilon,
            method="sinkhorn_log", numItermax=20000, stopThr=1e-10,
        )  # fmt: skip
        np.testing.assert_allclose(solved.plan[k, :n, :m].numpy(), expected, atol=1e-5)
        assert solved.plan[k, n:].abs().sum() == 0 and solved.plan[k, :, m:].abs().sum() == 0


def test_small_epsilon_reaches_the_exact_objective() -> None:
    cost, a, b = ragged(1, SIZES)
    solved = sinkhorn(cost, a, b, 2e-3, tolerance=1e-4, max_iterations=100_000)
    assert solved.converged(1e-4).all()
    for k, (n, m) in enumerate(SIZES):
        exact = ot.emd2(a[k, :n].numpy(), b[k, :m].numpy(), cost[k, :n, :m].numpy())
        achieved = float((solved.plan[k, :n, :m] * cost[k, :n, :m]).sum())
        assert achieved == pytest.approx(exact, abs=5e-3)
        assert achieved >= exact - 2e-4


def test_float32_with_small_epsilon_stays_finite_and_close() -> None:
    cost, a, b = ragged(2, SIZES, torch.float32)
    solved = sinkhorn(cost, a, b, 5e-3, tolerance=1e-4, max_iterations=20_000)
    assert torch.isfinite(solved.plan).all() and torch.isfinite(solved.objective).all()
    double = sinkhorn(cost.double(), a.double(), b.double(), 5e-3, tolerance=1e-4, max_iterations=20_000)
    np.testing.assert_allclose(solved.objective.numpy(), double.objective.numpy(), atol=2e-3)


def test_objective_is_the_regularised_primal() -> None:
    cost, a, b = ragged(3, SIZES)
    solved = sinkhorn(cost, a, b, 0.1, tolerance=1e-10, max_iterations=20_000)
    for k, (n, m) in enumerate(SIZES):
        plan, reference = solved.plan[k, :n, :m], a[k, :n, None] * b[k, None, :m]
        primal = (plan * cost[k, :n, :m]).sum() + 0.1 * torch.xlogy(plan, plan / reference).sum()
        assert float(primal) == pytest.approx(float(solved.objective[k]), abs=1e-7)


def test_unbalanced_plans_equal_pots() -> None:
    cost, a, b = ragged(4, SIZES)
    solved = sinkhorn(cost, a, b, 0.1, rho=0.5, tolerance=1e-12, max_iterations=20_000)
    for k, (n, m) in enumerate(SIZES):
        left, right = a[k, :n].numpy(), b[k, :m].numpy()
        expected = ot.unbalanced.sinkhorn_unbalanced(
            left, right, cost[k, :n, :m].numpy(), 0.1, 0.5, reg_type="kl",
            c=left[:, None] * right[None, :], numItermax=20_000, stopThr=1e-13,
        )  # fmt: skip
        np.testing.assert_allclose(solved.plan[k, :n, :m].numpy(), expected, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=5),
    st.integers(1, 9),
)
def test_padding_never_changes_a_plan(seed: int, sizes: list[tuple[int, int]], extra: int) -> None:
    cost, a, b = ragged(seed, sizes)
    solved = sinkhorn(cost, a, b, 0.1, tolerance=1e-8)
    for k, (n, m) in enumerate(sizes):
        wide = torch.full((1, n + extra, m + extra), 1e4, dtype=cost.dtype)
        wide[0, :n, :m] = cost[k, :n, :m]
        pad = torch.nn.functional.pad
        alone = sinkhorn(
            wide, pad(a[k : k + 1, :n], (0, extra)), pad(b[k : k + 1, :m], (0, extra)), 0.1, tolerance=1e-8
        )
        np.testing.assert_allclose(alone.plan[0, :n, :m].numpy(), solved.plan[k, :n, :m].numpy(), atol=1e-7)


def test_entropy_is_one_for_a_uniform_plan_and_small_for_a_matching() -> None:
    a = uniform_marginal(torch.ones(1, 6))
    assert float(plan_entropy(a[:, :, None] * a[:, None, :], a, a)) == pytest.approx(1.0)
    assert float(plan_entropy(torch.eye(6)[None] / 6, a, a)) == pytest.approx(0.5)
    one = torch.ones(1, 1)
    assert float(plan_entropy(torch.ones(1, 1, 1), one, one)) == 0.0
