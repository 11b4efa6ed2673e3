"""Plans as one setting: kinds, costs, marginals, entropy; what cannot be is one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.transport.marginals import frequency_weighted, norm_weighted, proportional, uniform
from tests.support.late import COLLECTING

if not COLLECTING:
    import ot
    import torch

    from core.transport.cost import COSTS, token_cost
    from core.transport.exact import exact_plan, partial_plan
    from core.transport.plans import PlanSettings, entropy_share, ground_cost, lower_median, plans_of_costs, token_plans
    from core.transport.sinkhorn import plan_entropy


def states(seed, *sizes):
    random = np.random.default_rng(seed)
    return [random.normal(size=(size, 6)) + 0.5 for size in sizes]


def test_a_pairs_cost_is_that_of_the_padded_batch(subtests):
    x, y = states(0, 5), states(1, 7)
    mask = torch.ones(1, 5, dtype=torch.bool), torch.ones(1, 7, dtype=torch.bool)
    for kind in COSTS:
        with subtests.test(kind):
            batch = token_cost(torch.tensor(x[0])[None], torch.tensor(y[0])[None], *mask, kind)[0]
            np.testing.assert_allclose(ground_cost(x[0], y[0], kind), batch.numpy(), atol=1e-9)


def test_epsilon_is_a_fraction_of_the_median_whatever_the_costs_scale():
    costs = [np.random.default_rng(2).uniform(0.1, 1, (6, 8))]
    one, ten = (plans_of_costs([scale * costs[0]], PlanSettings(epsilon=0.1), tolerance=1e-9)[0] for scale in (1, 10))
    np.testing.assert_allclose(one.plan, ten.plan, atol=1e-8)
    assert one.epsilon == pytest.approx(0.1 * lower_median(costs[0]))
    assert lower_median(np.array([[4.0, 1.0], [3.0, 2.0]])) == 2.0


def test_exact_and_partial_plans_are_optimal():
    random = np.random.default_rng(3)
    cost, a, b = random.uniform(0, 1, (6, 9)), uniform(6), random.dirichlet(np.ones(9))
    exact = exact_plan(cost, a, b)
    np.testing.assert_allclose(exact.sum(1), a, atol=1e-12)
    previous = 0.0
    for share in (0.3, 0.7, 1.0):
        plan = partial_plan(cost, a, b, share)
        assert plan.sum() == pytest.approx(share) and (plan >= -1e-12).all()
        assert (plan.sum(1) <= a + 1e-9).all() and (plan.sum(0) <= b + 1e-9).all()
        assert previous < (plan * cost).sum() <= share * (exact * cost).sum() + 1e-9
        previous = (plan * cost).sum()
    assert (partial_plan(cost, a, b, 1.0) * cost).sum() == pytest.approx(ot.emd2(a, b, cost))
    with pytest.raises(ValueError, match="share"):
        partial_plan(cost, a, b, 1.5)


def test_every_kind_of_plan_tells_its_entropy_cost_and_mass():
    x, y = states(4, 5, 1, 8), states(5, 7, 3, 8)
    for kind, strength in (("balanced", 1.0), ("unbalanced", 0.5), ("partial", 0.6), ("exact", 1.0)):
        for cost in COSTS:
            settings = PlanSettings(kind=kind, strength=strength, cost=cost, epsilon=0.1)
            for plan in token_plans(x, y, settings, tolerance=1e-7):
                assert plan.cost == pytest.approx((plan.plan * plan.ground).sum())
                assert plan.entropy == pytest.approx(entropy_share(plan.plan, plan.a, plan.b), abs=1e-6)
                if kind in ("balanced", "exact"):
                    assert plan.mass == pytest.approx(1.0)
                elif kind == "partial":
                    assert plan.mass == pytest.approx(0.6)
                assert (plan.epsilon > 0) == (kind in ("balanced", "unbalanced"))


def test_the_entropys_share_is_that_of_the_batch_solver():
    plan = np.random.default_rng(6).dirichlet(np.ones(20)).reshape(4, 5)
    a, b = plan.sum(1), plan.sum(0)
    batch = plan_entropy(*(torch.tensor(z)[None] for z in (plan, a, b)))
    assert entropy_share(plan, a, b) == pytest.approx(float(batch[0]))
    assert entropy_share(np.outer(a, b), a, b) == pytest.approx(1.0)


def test_marginals_are_positive_and_sum_to_one_and_weigh_as_they_say():
    x = states(7, 6)[0]
    x[2] *= 10
    by_norm = norm_weighted(x)
    assert by_norm.argmax() == 2 and by_norm[0] / by_norm[1] == pytest.approx(
        np.linalg.norm(x[0]) / np.linalg.norm(x[1])
    )
    by_frequency = frequency_weighted([0.05, 1e-6, 1e-3])
    assert by_frequency[1] > by_frequency[2] > by_frequency[0]
    assert by_frequency[1] / by_frequency[2] == pytest.approx(2.0, rel=1e-2)
    for mass in (by_norm, by_frequency, proportional(np.zeros(4)), proportional(np.array([0, 1.0, np.nan]))):
        assert mass.sum() == pytest.approx(1.0) and (mass > 0).all()


def test_masses_given_are_the_marginals():
    x, y = states(8, 4), states(9, 5)
    masses = [norm_weighted(x[0])], [norm_weighted(y[0])]
    plan = token_plans(x, y, masses=masses, tolerance=1e-9)[0]
    np.testing.assert_allclose(plan.plan.sum(1), masses[0][0], atol=1e-8)
    np.testing.assert_allclose(plan.plan.sum(0), masses[1][0], atol=1e-8)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"kind": "magic"}, "no kind of transport 'magic'"),
        ({"cost": "taxi"}, "no cost 'taxi'"),
        ({"marginals": "whim"}, "no marginal 'whim'"),
        ({"epsilon": 0}, "regularisation 0 is outside"),
        ({"epsilon": float("nan")}, "regularisation nan is outside"),
        ({"kind": "partial", "strength": 1.2}, "a share between 0 and 1"),
        ({"kind": "unbalanced", "strength": 0}, "strength 0 is outside"),
    ],
)
def test_settings_that_cannot_be_used_are_one_sentence(settings, says):
    with pytest.raises(BadInput, match=says):
        token_plans(states(0, 3), states(1, 3), PlanSettings(**settings))
