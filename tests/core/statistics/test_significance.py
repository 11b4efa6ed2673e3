"""Tests against hand-worked values, exact enumeration, and the libraries that know the same method."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.statistics.bootstrap import draw_weights, resample
from core.statistics.significance import (
    MARGIN,
    SeedVariance,
    estimate,
    holm,
    paired_seed_variance,
    pooled_seed_variance,
)


def test_holm_by_hand_and_as_statsmodels():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0] and holm([0.02]) == [0.02] and holm([]) == []
    random = np.random.default_rng(0)
    for size in (1, 5, 14, 30):
        given = np.round(random.random(size) ** 3, 2)  # rounded, so that ties occur
        assert holm(given.tolist()) == pytest.approx(multipletests(given, method="holm")[1])


def test_two_sources_of_variance_by_hand():
    found = estimate(1.5, 0.25, 101, 3, SeedVariance(0.75, 2.0))
    assert found.error == pytest.approx(math.sqrt(0.25 + 0.25))
    assert found.degrees == pytest.approx(0.5**2 / (0.25**2 / 100 + 0.25**2 / 2))
    reach = stats.t.ppf(0.975, found.degrees) * found.error
    assert (found.low, found.high) == pytest.approx((1.5 - reach, 1.5 + reach))
    assert found.p == pytest.approx(2 * stats.t.sf(1.5 / found.error, found.degrees))
    upper, lower = ((1.5 + s * MARGIN) / found.error for s in (-1, 1))
    one_sided = max(stats.t.cdf(upper, found.degrees), stats.t.sf(lower, found.degrees))
    assert found.p_equivalent == pytest.approx(one_sided)
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


def test_the_smallest_difference_is_found_with_80_percent_power():
    smallest = estimate(0.0, 0.25, 1670, 3, None).smallest()
    assert smallest == pytest.approx((1.96 + 0.8416) * 0.5, abs=0.01)
    random = np.random.default_rng(1)
    found = [estimate(smallest + random.normal(0, 0.5), 0.25, 1670, 3, None).p < 0.05 for _ in range(1000)]
    assert 760 <= sum(found) <= 840
    assert estimate(0.0, 0.25, 1670, 3, None).smallest(0.05 / 14) > smallest


def test_no_variance_at_all():
    same, other = estimate(0.0, 0.0, 50, 3, SeedVariance(0.0, 2.0)), estimate(2.0, 0.0, 50, 3, None)
    assert (same.p, same.p_equivalent, same.smallest()) == (1.0, 0.0, 0.0)
    assert (other.p, other.p_equivalent, other.low) == (0.0, 1.0, 2.0)


def test_pooled_seed_variance_is_the_mean_over_pairs_of_arms():
    values = np.random.default_rng(2).normal(60, 2, (3, 4))
    arms, seeds = np.repeat(["a", "b", "c"], 4).tolist(), [0, 1, 2, 3] * 3
    pooled = pooled_seed_variance(values.ravel(), arms, seeds)
    pairs = [paired_seed_variance(values[i] - values[j]).variance for i, j in ((0, 1), (0, 2), (1, 2))]
    assert pooled.variance == pytest.approx(np.mean(pairs)) and pooled.degrees == 6
    # A single-seed control adds nothing; with single seeds alone there is nothing to borrow.
    again = pooled_seed_variance(np.append(values.ravel(), 99.0), [*arms, "d"], [*seeds, 0])
    assert again == pytest.approx(pooled)
    assert pooled_seed_variance(values[:, 0], ["a", "b", "c"], [0, 0, 0]) is None
    assert pooled_seed_variance(values[0], ["a"] * 4, [0, 1, 2, 3]) is None
    assert paired_seed_variance(np.array([1.0])) is None


def test_the_bootstrap_draws_premises_jointly_over_languages():
    random = np.random.default_rng(4)
    premises = 400
    one = random.normal(0, 3, premises)
    weights = draw_weights(premises, 3000)
    assert weights.sum(1).tolist() == [premises] * 3000
    assert weights.var() == pytest.approx(1.0, abs=0.02)
    three = np.full((1, premises), 3.0)
    single = resample(one[None], three, np.ones(1), weights).std()
    assert single == pytest.approx(one.std() / 3 / premises**0.5, rel=0.05)
    # Two languages that are copies of each other say no more than one; independent ones do.
    copies = resample(np.stack([one, one]), np.repeat(three, 2, 0), np.full(2, 0.5), weights).std()
    other = random.normal(0, 3, premises)
    apart = resample(np.stack([one, other]), np.repeat(three, 2, 0), np.full(2, 0.5), weights).std()
    assert copies == pytest.approx(single) and apart == pytest.approx(single / 2**0.5, rel=0.12)


def test_the_bootstrap_forms_the_ratio_anew_where_premises_are_unequal():
    counts = np.array([[3.0, 3.0, 1.0, 2.0, 3.0]])
    drawn = resample(60.0 * counts, counts, np.ones(1), draw_weights(5, 200))
    assert drawn == pytest.approx(np.full(200, 60.0))
