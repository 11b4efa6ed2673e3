"""The solver of ragged batches: against POT, against the solver in the log domain, and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.transport.ragged import chunks_of, solve_ragged
from tests.support.late import COLLECTING

if not COLLECTING:
    import ot
    import torch

    from core.transport.exact import exact_cost, exact_plan, partial_plan
    from core.transport.sinkhorn import sinkhorn

SIZES = [(1, 1), (1, 7), (9, 1), (5, 5), (12, 30), (40, 33)]


def problems(seed, sizes, dtype=np.float64):
    random = np.random.default_rng(seed)
    costs = [random.uniform(0, 1, size).astype(dtype) for size in sizes]
    masses = [[random.dirichlet(np.ones(size[side])) for size in sizes] for side in (0, 1)]
    return costs, masses[0], masses[1]


sizes = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=6)


@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.02])
def test_plans_and_objectives_are_pots(epsilon):
    costs, a, b = problems(0, SIZES)
    solved = solve_ragged(costs, a, b, epsilon, tolerance=1e-9, max_iterations=100_000)
    for k, cost in enumerate(costs):
        expected = ot.sinkhorn(a[k], b[k], cost, epsilon, method="sinkhorn_log", numItermax=100_000, stopThr=1e-10)
        np.testing.assert_allclose(solved.plans[k], expected, atol=1e-6)
        relative = (expected * np.log(expected / np.outer(a[k], b[k]))).sum()
        assert solved.objective[k] == pytest.approx((expected * cost).sum() + epsilon * relative, abs=1e-6)
        assert solved.cost[k] == pytest.approx((expected * cost).sum(), abs=1e-6)


@pytest.mark.parametrize("rho", [0.05, 0.5, 5.0])
def test_unbalanced_plans_are_pots(rho):
    costs, a, b = problems(1, SIZES)
    solved = solve_ragged(costs, a, b, 0.1, rho=rho, tolerance=1e-11, max_iterations=100_000)
    for k, cost in enumerate(costs):
        expected = ot.unbalanced.sinkhorn_unbalanced(
            a[k], b[k], cost, 0.1, rho, reg_type="kl", c=np.outer(a[k], b[k]), numItermax=20_000, stopThr=1e-12
        )
        np.testing.assert_allclose(solved.plans[k], expected, atol=1e-7)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), sizes, st.sampled_from([None, 0.3]))
def test_it_agrees_with_the_solver_in_the_log_domain(seed, sizes, rho):
    costs, a, b = problems(seed, sizes)
    solved = solve_ragged(costs, a, b, 0.05, rho=rho, tolerance=1e-8, max_iterations=50_000)
    for k, cost in enumerate(costs):
        given = (torch.tensor(x)[None] for x in (cost, a[k], b[k]))
        alone = sinkhorn(*given, 0.05, rho=rho, tolerance=1e-7, max_iterations=20_000)
        np.testing.assert_allclose(solved.plans[k], alone.plan[0].numpy(), atol=1e-5)
        assert solved.objective[k] == pytest.approx(float(alone.objective[0]), abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), sizes, st.floats(0.02, 1.0))
def test_the_marginals_hold_and_the_residual_is_what_it_says(seed, sizes, epsilon):
    costs, a, b = problems(seed, sizes)
    solved = solve_ragged(costs, a, b, epsilon, tolerance=1e-6, max_iterations=50_000)
    for k, plan in enumerate(solved.plans):
        assert plan.shape == costs[k].shape and (plan >= 0).all()
        np.testing.assert_allclose(plan.sum(0), b[k], atol=1e-9)
        error = np.abs(plan.sum(1) - a[k]).sum()
        assert error == pytest.approx(solved.residual[k], abs=1e-9) and error < 1e-6
        assert -1e-9 <= solved.entropy[k] <= 1 + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), sizes, st.randoms())
def test_neither_company_nor_the_order_of_tokens_changes_a_plan(seed, sizes, shuffler):
    costs, a, b = problems(seed, sizes)
    together = solve_ragged(costs, a, b, 0.1, tolerance=1e-9)
    for k, cost in enumerate(costs):
        rows, columns = list(range(cost.shape[0])), list(range(cost.shape[1]))
        shuffler.shuffle(rows)
        shuffler.shuffle(columns)
        alone = solve_ragged([cost[rows][:, columns]], [a[k][rows]], [b[k][columns]], 0.1, tolerance=1e-9)
        np.testing.assert_allclose(alone.plans[0], together.plans[k][rows][:, columns], atol=1e-7)


def test_a_large_rho_tends_to_hard_marginals_and_a_small_one_moves_nothing():
    costs, a, b = problems(2, SIZES)
    balanced = solve_ragged(costs, a, b, 0.1, tolerance=1e-9, max_iterations=50_000)
    distance = []
    for rho in (1.0, 10.0, 1000.0):
        soft = solve_ragged(costs, a, b, 0.1, rho=rho, tolerance=1e-9, max_iterations=200_000)
        distance.append(max(np.abs(p - q).sum() for p, q in zip(soft.plans, balanced.plans, strict=True)))
    assert distance[0] > distance[1] > distance[2] and distance[2] < 2e-3
    faint = solve_ragged([c + 1 for c in costs], a, b, 0.01, rho=1e-3, tolerance=1e-9, max_iterations=50_000)
    assert max(plan.sum() for plan in faint.plans) < 1e-3


def test_epsilon_to_0_tends_to_the_exact_cost():
    costs, a, b = problems(3, SIZES)
    exact = np.array([exact_cost(c, p, q) for c, p, q in zip(costs, a, b, strict=True)])
    gaps = []
    for epsilon in (0.1, 0.02, 0.002):
        solved = solve_ragged(costs, a, b, epsilon, tolerance=1e-6, max_iterations=200_000)
        gaps.append(solved.cost - exact)
        assert (gaps[-1] > -1e-5).all()
    assert (gaps[2] <= gaps[1] + 1e-9).all() and (gaps[1] <= gaps[0] + 1e-9).all() and gaps[2].max() < 4e-3


def test_float32_stays_finite_and_close_where_exponents_exceed_its_range():
    costs, a, b = problems(4, SIZES, np.float32)
    small = solve_ragged(costs, a, b, 2e-3, tolerance=1e-4, max_iterations=50_000)
    double = solve_ragged([c.astype(np.float64) for c in costs], a, b, 2e-3, tolerance=1e-4, max_iterations=50_000)
    assert all(np.isfinite(plan).all() and plan.dtype == np.float32 for plan in small.plans)
    np.testing.assert_allclose(small.cost, double.cost, atol=2e-4)


def test_easy_problems_leave_early_and_one_hard_one_goes_on():
    costs, a, b = problems(5, [(20, 20)] * 8)
    epsilon = np.array([1.0] * 7 + [0.003])
    solved = solve_ragged(costs, a, b, epsilon, tolerance=1e-6, max_iterations=100_000)
    assert solved.iterations[:7].max() < solved.iterations[7] / 10 and (solved.residual < 1e-6).all()


def test_every_problem_is_in_one_chunk_and_threads_change_nothing():
    costs, a, b = problems(6, [(n, m) for n in range(1, 60, 4) for m in range(2, 60, 5)])
    found = np.sort(np.concatenate(chunks_of([c.shape for c in costs], 4000)))
    np.testing.assert_array_equal(found, np.arange(len(costs)))
    one, two = (solve_ragged(costs, a, b, 0.1, threads=threads) for threads in (1, 2))
    assert all((p == q).all() for p, q in zip(one.plans, two.plans, strict=True))


def test_nothing_to_solve_and_what_cannot_be():
    assert solve_ragged([], [], [], 0.1).plans == []
    costs, a, b = problems(7, [(2, 2)])
    for wrong in ({"epsilon": 0.0}, {"epsilon": 0.1, "rho": -1.0}):
        with pytest.raises(ValueError, match="must be positive"):
            solve_ragged(costs, a, b, **wrong)


@pytest.mark.parametrize(("value", "says"), [(np.inf, "infinite"), (-np.inf, "infinite"), (np.nan, "NaN")])
@pytest.mark.parametrize("where", ["cost", "mass"])
def test_what_is_infinite_or_not_a_number_is_one_sentence(value, says, where):
    costs, a, b = problems(8, SIZES)
    (costs if where == "cost" else b)[3].flat[2] = value
    with pytest.raises(BadInput, match=rf"{where} of problem 4 is {says}") as told:
        solve_ragged(costs, a, b, 0.1)
    assert "\n" not in str(told.value)
    for solve in (exact_plan, lambda *problem: partial_plan(*problem, 0.5)):
        with pytest.raises(BadInput, match=f"{where} of problem 1 is {says}"):
            solve(costs[3], a[3], b[3])
    batch = [torch.tensor(x[3])[None] for x in (costs, a, b)]
    with pytest.raises(BadInput, match="infinite or not a number"):
        sinkhorn(*batch, 0.1)


def test_an_infinite_regularisation_is_told():
    costs, a, b = problems(9, [(3, 4)])
    for wrong in ({"epsilon": np.inf}, {"epsilon": 0.1, "rho": np.inf}):
        with pytest.raises(BadInput, match="give a finite number"):
            solve_ragged(costs, a, b, **wrong)
