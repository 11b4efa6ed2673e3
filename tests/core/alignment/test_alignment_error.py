"""AER, precision, recall and F1 against an example worked by hand, and against a plain sum in other words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alignment.alignment_error import alignment_error
from core.data.links import SentenceLinks
from core.errors import BadInput


def gold(sure, possible=()):
    return SentenceLinks(frozenset(sure), frozenset(sure) | frozenset(possible))


def test_an_example_worked_by_hand():
    # Pair 1: S = {00, 11}, P adds 12, 22; A = {00, 12, 33}: |A and S| = 1, |A and P| = 2.
    # Pair 2: S = {00, 01, 12}; A = {00, 12}: both 2.                  Pair 3: S = {00}; A is empty.
    # |A| = 5, |S| = 6, |A and S| = 3, |A and P| = 4.
    sets = [gold([(0, 0), (1, 1)], [(1, 2), (2, 2)]), gold([(0, 0), (0, 1), (1, 2)]), gold([(0, 0)])]
    links = [frozenset({(0, 0), (1, 2), (3, 3)}), frozenset({(0, 0), (1, 2)}), frozenset()]
    score = alignment_error(sets, links)
    assert score.precision == pytest.approx(80.0)
    assert score.recall == pytest.approx(50.0)
    assert score.f1 == pytest.approx(800 / 13)
    assert score.aer == pytest.approx(100 * (1 - 7 / 11))
    assert score.sentences == 3 and score.low <= score.aer <= score.high


cells = st.frozensets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6))
def test_it_is_what_the_definition_says(rows):
    sets, links = [gold(sure, more) for sure, more, _ in rows], [made for *_, made in rows]
    pooled_a = {(k, *link) for k, made in enumerate(links) for link in made}
    pooled_s = {(k, *link) for k, one in enumerate(sets) for link in one.sure}
    pooled_p = {(k, *link) for k, one in enumerate(sets) for link in one.possible}
    if not pooled_a and not pooled_s:
        with pytest.raises(BadInput, match="no link to score"):
            alignment_error(sets, links)
        return
    score = alignment_error(sets, links)
    hits = len(pooled_a & pooled_s) + len(pooled_a & pooled_p)
    assert score.aer == pytest.approx(100 * (1 - hits / (len(pooled_a) + len(pooled_s))))
    assert 0 <= score.low <= score.high <= 100


def test_perfect_links_have_no_error_and_none_at_all_have_all_of_it():
    sets = [gold([(0, 0), (1, 1)]), gold([(0, 1)])]
    right = alignment_error(sets, [one.sure for one in sets])
    assert (right.aer, right.precision, right.recall, right.f1, right.low, right.high) == (0, 100, 100, 100, 0, 0)
    nothing = alignment_error(sets, [frozenset(), frozenset()])
    assert (nothing.aer, nothing.precision, nothing.recall, nothing.f1) == (100, 0, 0, 0)


def test_the_interval_narrows_with_sentences_as_a_binomials_does():
    random = np.random.default_rng(0)
    widths = []
    for count in (100, 1600):
        hit = random.random(count) < 0.8
        links = [frozenset({(0, 0) if h else (0, 1)}) for h in hit]
        score = alignment_error([gold([(0, 0)])] * count, links)
        widths.append(score.high - score.low)
        # One link a sentence: AER is the share of misses, its standard error that of a proportion.
        assert score.high - score.low == pytest.approx(100 * 2 * 1.96 * (0.8 * 0.2 / count) ** 0.5, rel=0.25)
    assert widths[0] > 3 * widths[1]


def test_many_sentences_are_resampled_in_slices():
    count = 30_000
    links = [frozenset({(0, k % 4 == 0)}) for k in range(count)]
    score = alignment_error([gold([(0, 0)])] * count, links)
    assert score.aer == pytest.approx(25.0) and 24 < score.low < 25 < score.high < 26
