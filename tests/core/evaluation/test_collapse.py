"""The two rules of collapse, on planted states and on numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.evaluation.collapse import (
        Compared,
        Spread,
        compare,
        effective_rank,
        judge,
        spread,
        unrelated_distance,
    )


def planted(random, count=80, width=24, noise=0.3):
    """English and target states of translations, which find each other."""
    english = random.normal(size=(count, width)) + 2.0
    return english, english + noise * random.normal(size=(count, width))


def drawn_together(states, factor):
    """States at `factor` of their distance from their mean."""
    return states.mean(0) + factor * (states - states.mean(0))


def test_effective_rank_counts_equal_directions_and_follows_the_formula():
    assert effective_rank(np.diag([3.0, 3.0, 3.0, 3.0])) == pytest.approx(3.0)  # four corners lie in three dimensions
    line = np.outer(np.arange(6.0), [1.0, 2.0, 0.5])
    assert effective_rank(line) == pytest.approx(1.0)
    # Singular values 3 and 1: shares .75 and .25, entropy .5623, exp 1.7548.
    cross = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]) / 2**0.5
    assert effective_rank(cross) == pytest.approx(1.7548, abs=1e-4)
    assert effective_rank(np.ones((5, 3))) == 0.0


def test_unrelated_distance_is_the_mean_over_pairs_of_different_sentences():
    states = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
    pairs = [1.0, 1 - 1 / 2**0.5, 1 - 1 / 2**0.5]
    assert unrelated_distance(states) == pytest.approx(np.mean(pairs))


def test_the_deviation_is_that_of_a_dimension():
    random = np.random.default_rng(0)
    states = random.normal(5.0, 0.3, size=(4000, 10))
    assert spread(states).deviation == pytest.approx(0.3, rel=0.02)
    with pytest.raises(BadInput, match="at least two"):
        spread(states[:1])


def languages(change, count=3):
    random = np.random.default_rng(1)
    rows = []
    for code in ("sw", "ur", "th")[:count]:
        reference = planted(random)
        rows.append(compare(code, 12, change(*reference), reference))
    return rows


def test_what_is_left_alone_is_neither():
    answer = judge(languages(lambda english, target: (english, target)))
    assert not answer.collapsed and not answer.driven_apart


def test_states_drawn_together_are_collapsed_though_translations_still_find_each_other():
    answer = judge(languages(lambda e, t: (drawn_together(e, 0.05), drawn_together(t, 0.05))))
    assert answer.collapsed
    # A mere change of scale moves no cosine: it is not collapse by the second half of the rule.
    assert not judge(languages(lambda e, t: (0.05 * e, 0.05 * t))).collapsed


def test_translations_driven_apart_need_no_collapse():
    random = np.random.default_rng(2)

    def apart(english, target):
        return english, target[random.permutation(len(target))]

    answer = judge(languages(apart))
    assert answer.driven_apart and not answer.collapsed
    assert "driven apart" in answer.sentence


def test_one_language_that_holds_is_enough_to_be_neither():
    held, lost = Spread(1.0, 0.3, 9.0), Spread(0.1, 0.01, 2.0)
    rows = [
        Compared("sw", 12, 100, lost, held, 5.0, 70.0, -74.0, -54.0),
        Compared("ur", 12, 100, Spread(0.6, 0.2, 8.0), held, 66.0, 70.0, -12.0, 4.0),
    ]
    answer = judge(rows)
    assert not answer.collapsed and not answer.driven_apart
    assert judge(rows[:1]).collapsed and judge(rows[:1]).driven_apart


def test_both_shares_must_fall_below_their_bounds():
    reference = Spread(1.0, 0.3, 9.0)
    for own, expected in (
        (Spread(0.49, 0.099, 2.0), True), (Spread(0.51, 0.099, 2.0), False), (Spread(0.49, 0.101, 2.0), False),
    ):  # fmt: skip
        assert judge([Compared("sw", 12, 9, own, reference, 1.0, 1.0, -1.0, 1.0)]).collapsed is expected


def test_nothing_measured_is_told():
    with pytest.raises(BadInput, match="No aligned language"):
        judge([])
