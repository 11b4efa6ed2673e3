"""The two rules: what they make of the same numbers, how often they call what is not there, what they never call."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.statistics.crossed import crossed
from core.statistics.rules import by_seed, clusters_part, judge, linearised
from core.statistics.significance import SeedVariance, estimate


def test_values_by_hand():
    """Two units of weight a half, two clusters of two items: seed 0 has 1 of 2 and 0 of 2, then 2 of 2 and 1 of 2."""
    sums = np.array([[[1.0, 0.0], [2.0, 1.0]]])
    counts = np.full((2, 2), 2.0)
    weights = np.array([0.5, 0.5])
    assert by_seed(sums, counts, weights).tolist() == [0.5]
    assert linearised(sums, counts, weights).tolist() == [[0.75, 0.25]]
    gap = np.array([1.0, -1.0])
    assert by_seed(sums, counts, gap).tolist() == [-0.5] and linearised(sums, counts, gap).mean() == -0.5
    # A cluster that one unit lacks, and one that both lack: the mean stays the difference.
    some = np.array([[2.0, 0.0, 0.0], [2.0, 2.0, 0.0]])
    uneven = np.array([[[1.0, 0.0, 0.0], [2.0, 1.0, 0.0]]])
    assert linearised(uneven, some, weights).shape == (1, 2)
    assert linearised(uneven, some, weights).mean() == pytest.approx(by_seed(uneven, some, weights)[0])


def test_each_rule_is_its_own_module_s():
    random = np.random.default_rng(0)
    values = random.normal(1, 5, (4, 200)) + random.normal(0, 1, (4, 1))
    theirs, ours = crossed(values), judge("crossed", values.mean(1), clusters_part(values), 200)
    for name in ("difference", "low", "high", "p", "p_equivalent", "tested"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name)), name
    first = judge("first", values.mean(1), 0.1, 200)
    seeds = SeedVariance(float(values.mean(1).var(ddof=1)), 3.0)
    stated = estimate(float(values.mean()), 0.1, 200, 4, seeds)
    assert (first.low, first.high, first.p) == (stated.low, stated.high, stated.p)
    assert first.smallest(0.05) == pytest.approx(stated.smallest(0.05)) and math.isnan(ours.smallest())


@pytest.mark.parametrize("method", ["first", "crossed"])
def test_what_is_described_has_no_p(method):
    for k, clusters in ((1, 500), (2, 500), (3, 19)):
        found = judge(method, np.linspace(20, 21, k), 0.01, clusters)
        assert (found.tested, found.p, found.p_equivalent) == (False, 1.0, 1.0) and found.low < found.difference
    assert judge(method, np.array([20.0, 20.5, 21.0]), 0.01, 20).tested
    untrained = judge(method, np.array([20.0]), 0.01, 500, trained=False)
    assert untrained.tested and untrained.source == "none" and untrained.p < 0.001


def test_a_single_run_borrows_for_its_interval_alone():
    alone = judge("first", np.array([3.0]), 0.25, 500)
    lent = judge("first", np.array([3.0]), 0.25, 500, borrowed=SeedVariance(4.0, 6.0))
    assert (alone.source, lent.source) == ("unknown", "pooled") and not lent.tested and lent.p == 1.0
    assert lent.high - lent.low > 2 * (alone.high - alone.low)


def sizes(ratio: float, method: str, studies: int = 4000) -> float:
    """How often a difference of nothing is called ahead with three seeds, their part `ratio` times the items' part."""
    random = np.random.default_rng(11)
    items = random.normal(0, 1, (studies, 1))
    seeds = items + random.normal(0, math.sqrt(3 * ratio), (studies, 3))
    return float(np.mean([judge(method, own, 1.0, 1670).p < 0.05 for own in seeds]))


@pytest.mark.slow
def test_the_first_rule_is_as_loose_as_its_report_says_and_the_crossed_one_is_not():
    """The shipped primary contrast's seeds have 5 times the items' part."""
    error = 2 * math.sqrt(0.08 * 0.92 / 4000)
    assert 0.08 - error <= sizes(5.4, "first") <= 0.08 + error
    assert sizes(0.2, "first") <= 0.05 + error
    for ratio in (0.2, 1.0, 5.4):
        assert sizes(ratio, "crossed") <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 4000), ratio
