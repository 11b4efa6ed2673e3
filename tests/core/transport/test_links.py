"""Rules that make links, against the `simalign` package on the same similarities, and against small cases by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from core.transport.links import (
    above,
    bidirectional_softmax,
    gather_links,
    gather_words,
    itermax,
    link,
    match,
    mutual_argmax,
    shares,
)
from tests.support.peers import peer

shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 100_000))


@pytest.fixture(scope="module")
def simalign():
    return peer("simalign").SentenceAligner


def similarities(n, m, seed):
    return np.random.default_rng(seed).uniform(0.01, 1, (n, m))


def cells(matrix):
    return {(int(i), int(j)) for i, j in zip(*np.nonzero(matrix), strict=True)}


@settings(max_examples=150, deadline=None)
@given(shapes)
def test_the_three_rules_of_simalign(simalign, shape):
    scores = similarities(*shape)
    forward, backward = simalign.get_alignment_matrix(scores)
    assert set(mutual_argmax(scores)) == cells(forward * backward)
    assert set(itermax(scores)) == cells(simalign.iter_max(scores))


@settings(max_examples=25, deadline=None)
@given(shapes)
def test_the_matching_of_simalign_has_the_same_sum_and_size(simalign, shape):
    scores = similarities(*shape)
    ours, theirs = match(scores), cells(simalign.get_max_weight_match(scores))
    assert len(ours) == len(theirs) == min(scores.shape)
    assert sum(scores[i, j] for i, j in ours) == pytest.approx(sum(scores[i, j] for i, j in theirs))


def test_more_rounds_of_itermax_are_those_of_simalign_too(simalign):
    for seed in range(20):
        scores = similarities(12, 9, seed)
        assert set(itermax(scores, rounds=4)) == cells(simalign.iter_max(scores, max_count=4))


@settings(max_examples=50, deadline=None)
@given(shapes)
def test_the_softmax_of_awesome_align(shape):
    products = 20 * similarities(*shape) - 5
    both = (softmax(products, 1) > 1e-3) & (softmax(products, 0) > 1e-3)
    assert set(bidirectional_softmax(products)) == cells(both)
    assert np.isfinite(bidirectional_softmax(products * 1e4)).all()


def test_a_share_is_1_for_words_that_meet_only_each_other_and_no_more():
    plan = np.diag([0.5, 0.3, 0.2])
    np.testing.assert_allclose(np.diag(shares(plan, plan.sum(1), plan.sum(0))), 1)
    random = np.random.default_rng(0)
    for _ in range(20):
        plan = random.dirichlet(np.ones(30)).reshape(5, 6)
        assert shares(plan, plan.sum(1), plan.sum(0)).max() <= 1 + 1e-12


def test_subwords_become_words():
    plan = np.arange(12.0).reshape(3, 4)
    gathered = gather_words(plan, np.array([0, 0, 1]), np.array([0, 1, 1, 2]))
    np.testing.assert_array_equal(gathered, [[4, 14, 10], [8, 19, 11]])
    assert gathered.sum() == plan.sum()
    assert gather_links([(0, 1), (1, 2), (2, 3)], np.array([0, 0, 1]), np.array([0, 1, 1, 2])) == [(0, 1), (1, 2)]


def test_rules_by_name_and_what_is_none():
    scores = np.array([[0.9, 0.2], [0.1, 0.8]])
    assert link(scores, "threshold", 0.15) == above(scores, 0.15) == [(0, 0), (0, 1), (1, 1)]
    assert link(scores, "argmax") == link(scores, "itermax") == link(scores, "match") == [(0, 0), (1, 1)]
    with pytest.raises(ValueError, match="unknown rule"):
        link(scores, "guess")
    assert mutual_argmax(np.zeros((2, 2))) == []
