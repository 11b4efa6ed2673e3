"""Links that grow: small cases by hand, and properties on random plans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.transport.growing import grow, grow_diagonal, near_best, weigh_positions
from core.transport.links import link, mutual_argmax

shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 100_000))


def scores(n, m, seed):
    return np.random.default_rng(seed).uniform(0.01, 1, (n, m))


def mask(cells, shape):
    made = np.zeros(shape, bool)
    for cell in cells:
        made[cell] = True
    return made


def test_only_neighbours_of_certain_links_grow():
    given = np.array([[0.9, 0.3, 0.0, 0.4], [0.3, 0.1, 0.0, 0.0], [0.0, 0.0, 0.8, 0.2]])
    found = link(given, "grow", 0.25)
    assert set(mutual_argmax(given)) == {(0, 0), (2, 2)}  # (0, 3) is the best of its column, not of its row
    assert set(found) == {(0, 0), (0, 1), (1, 0), (2, 2)}  # 0.4 stands alone; 0.2 is too low


@settings(max_examples=60, deadline=None)
@given(shapes, st.floats(0, 1))
def test_grow_lies_between_the_mutual_argmax_and_itself_with_all_that_exceeds(shape, threshold):
    given = scores(*shape)
    certain, found = set(mutual_argmax(given)), set(link(given, "grow", threshold))
    assert certain <= found and all(given[cell] > threshold for cell in found - certain)
    for i, j in found - certain:
        assert {(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)} & certain
    assert set(link(given, "grow", 1.0)) == certain


def by_sets(forward, backward):
    """Grow-diag-final-and over sets of cells; of a link's neighbours those beside it come first."""
    union, linked = forward | backward, forward & backward
    around = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    while True:
        added = False
        for i, j in sorted(linked):
            for a, b in around:
                new = (i + a, j + b)
                free = new[0] not in {x for x, _ in linked} or new[1] not in {y for _, y in linked}
                if new in union and new not in linked and free:
                    linked, added = linked | {new}, True
        if not added:
            break
    for direction in (forward, backward):
        for cell in sorted(direction - linked):
            if cell[0] not in {x for x, _ in linked} and cell[1] not in {y for _, y in linked}:
                linked = linked | {cell}
    return linked


@settings(max_examples=60, deadline=None)
@given(shapes)
def test_both_directions_are_joined_between_their_intersection_and_their_union(shape):
    given = scores(*shape)
    forward = {(i, int(given[i].argmax())) for i in range(shape[0])}
    backward = {(int(given[:, j].argmax()), j) for j in range(shape[1])}
    made = grow_diagonal(mask(forward, given.shape), mask(backward, given.shape))
    found = {(int(i), int(j)) for i, j in np.argwhere(made)}
    assert forward & backward <= found <= forward | backward
    assert found == by_sets(forward, backward)


def test_near_best_is_the_mutual_argmax_at_1_and_everything_at_0():
    given = scores(5, 7, 3)
    assert {tuple(map(int, cell)) for cell in np.argwhere(near_best(given, 1.0))} == set(mutual_argmax(given))
    assert near_best(given, 0.0).all() and not near_best(np.zeros((2, 2)), 0.5).any()


def test_positions_count_less_the_farther_they_are_apart():
    weighed = weigh_positions(np.ones((4, 8)), 2.0)
    assert weighed[0, 0] == pytest.approx(np.exp(-2 * abs(0.5 / 4 - 0.5 / 8)))
    assert (np.diff(weighed[0]) <= 0)[1:].all() and weighed[0, 7] < 0.3
    np.testing.assert_array_equal(weigh_positions(np.ones((3, 3)), 0.0), 1)


def test_growing_changes_nothing_that_it_is_given():
    certain = np.eye(3, dtype=bool)
    before = certain.copy()
    grow(certain, np.ones((3, 3)), 0.5)
    grow_diagonal(certain, np.ones((3, 3), bool))
    np.testing.assert_array_equal(certain, before)
