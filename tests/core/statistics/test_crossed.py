"""Crossed random effects: hand-worked components, an independent fit, size at small k, and planned power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from core.errors import BadInput
from core.statistics.crossed import Components, components, crossed, quantile, tail
from core.statistics.power import half_width, plan, power, smallest_effect

PREMISES = 400


def draw(random: np.random.Generator, true: Components, seeds: int, premises: int, effect: float = 0.0) -> np.ndarray:
    seed = random.normal(0, math.sqrt(true.seed), (seeds, 1))
    premise = random.normal(0, math.sqrt(true.premise), (1, premises))
    return effect + seed + premise + random.normal(0, math.sqrt(true.residual), (seeds, premises))


def test_components_of_a_hand_worked_table():
    """Seeds 1, 3; premises -1, 0, 1 around them; nothing left: var(a) = 2, var(b) = 1, var(e) = 0."""
    values = np.array([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]])
    assert components(values) == Components(2.0, 1.0, 0.0)
    found = crossed(values)
    assert found.error == pytest.approx(math.sqrt(2.0 / 2 + 1.0 / 3))
    assert not found.tested and found.p == found.p_equivalent == 1.0


def test_components_are_those_that_made_the_table():
    random, true = np.random.default_rng(3), Components(0.6, 90.0, 150.0)
    mean = np.mean([list(vars(components(draw(random, true, 6, PREMISES))).values()) for _ in range(300)], axis=0)
    assert mean[1] == pytest.approx(90, rel=0.03) and mean[2] == pytest.approx(150, rel=0.03)
    assert mean[0] == pytest.approx(0.6, abs=0.12)


def test_the_interval_is_cochran_and_coxs():
    random = np.random.default_rng(1)
    values = draw(random, Components(1.0, 80.0, 100.0), 4, 60)
    found = crossed(values)
    a = values.mean(1).var(ddof=1) / 4
    b = max(values.mean(0).var(ddof=1) - found.components.residual / 4, 0) / 60
    error = math.sqrt(a + b)
    reach = error * (a * student.ppf(0.975, 3) + b * student.ppf(0.975, 59)) / (a + b)
    assert (found.low, found.high) == pytest.approx((values.mean() - reach, values.mean() + reach))
    assert found.high - found.low != pytest.approx(2 * 1.96 * error, rel=1e-3)


@pytest.mark.parametrize("statistic", [-3.0, -0.4, 0.0, 0.7, 2.5, 9.0])
def test_the_tail_is_the_quantiles_inverse(statistic):
    parts = (0.3, 0.2)
    assert quantile(1 - tail(statistic, parts, 4, 50), parts, 4, 50) == pytest.approx(statistic, abs=1e-5)


def test_one_seed_is_never_tested_and_its_interval_is_the_premises():
    values = np.random.default_rng(0).normal(5, 10, (1, 50))
    found = crossed(values)
    reach = student.ppf(0.975, 49) * values.std(ddof=1) / math.sqrt(50)
    assert not found.tested and found.p == 1.0 and found.high - found.difference == pytest.approx(reach)


def test_a_difference_without_variance_is_what_it_is():
    found = crossed(np.full((3, 10), 2.0))
    assert (found.low, found.high, found.p, found.p_equivalent) == (2.0, 2.0, 0.0, 1.0)


@pytest.mark.parametrize("values", [np.zeros((2, 1)), np.zeros(4), np.array([[1.0, np.nan]])])
def test_what_cannot_be_used_is_refused(values):
    with pytest.raises(BadInput):
        crossed(values)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 6, 8])
@pytest.mark.parametrize("true", [Components(0.0, 20.0, 60.0), Components(0.5, 20.0, 60.0), Components(2.0, 5.0, 90.0)])
def test_size_holds(seeds, true):
    """Called different at the null at most as often as the level says, by two Monte Carlo errors."""
    random = np.random.default_rng([seeds, int(10 * true.seed)])
    studies = 2000
    called = sum(crossed(draw(random, true, seeds, PREMISES)).p < 0.05 for _ in range(studies)) / studies
    assert called <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize(
    ("true", "seeds", "effect"),
    [
        (Components(0.3, 40.0, 80.0), 3, 1.5),
        (Components(0.8, 40.0, 80.0), 6, 1.5),
        (Components(1.6, 10.0, 60.0), 8, 1.2),
    ],
)
def test_planned_power_is_found_by_simulated_studies(true, seeds, effect):
    random, studies = np.random.default_rng(seeds), 1000
    found = [crossed(draw(random, true, seeds, PREMISES, effect)) for _ in range(studies)]
    simulated = sum(one.p < 0.05 and one.difference > 0 for one in found) / studies
    assert power(effect, true, seeds, PREMISES) == pytest.approx(simulated, abs=0.03)
    widths = np.mean([one.high - one.low for one in found]) / 2
    assert half_width(true, seeds, PREMISES) == pytest.approx(widths, rel=0.05)


def test_the_smallest_effect_has_the_power_it_promises_and_falls_with_seeds():
    true = Components(0.56, 40.0, 80.0)
    effects = [one.mde for one in plan(true, 1670, family=5)]
    assert effects == sorted(effects, reverse=True) and len(effects) == 8
    assert power(smallest_effect(true, 6, 1670), true, 6, 1670) == pytest.approx(0.8, abs=1e-3)
    assert all(one.mde_corrected > one.mde for one in plan(true, 1670, family=5))
    assert power(5.0, true, 2, 1670) == 0.0 and smallest_effect(true, 2, 1670) == math.inf
