"""The ratio margin against numbers worked out by hand, and what must not move it."""

from __future__ import annotations

import numpy as np
import pytest

from core.bitext.margin import NEIGHBOURS, Pool, ratio_margin


def units(*angles):
    return np.array([[np.cos(a), np.sin(a)] for a in np.deg2rad(angles)], np.float32)


def test_the_margin_is_the_papers():
    """Cosine over the mean of both sides' four nearest, the pair's own other side among them."""
    pool = Pool(units(0, 20, 40, 60, 80), units(5, 25, 45, 65, 85))
    cosine = np.cos(np.deg2rad(5))
    forward = np.mean([cosine, *np.cos(np.deg2rad([25, 45, 65]))])
    backward = np.mean([cosine, *np.cos(np.deg2rad([15, 35, 55]))])
    found = ratio_margin(units(0), units(5), pool, np.array([0]))
    assert NEIGHBOURS == 4 and found[0] == pytest.approx(cosine / ((forward + backward) / 2), abs=1e-6)


def test_a_pair_outside_the_pool_has_its_other_side_among_its_neighbours():
    pool = Pool(units(0, 20, 40, 60, 80), units(5, 25, 45, 65, 85))
    inside = ratio_margin(units(0), units(5), pool, np.array([0]))
    outside = ratio_margin(units(0), units(5), pool, np.array([-1]))
    assert outside[0] < inside[0]  # its translation is there twice now
    alone = ratio_margin(units(10), units(12), Pool(units(90), units(95)), np.array([-1]))
    assert alone[0] > 1


def test_the_true_translation_beside_it_does_not_give_a_planted_pair_away():
    pool = Pool(units(0, 20, 40, 60, 80), units(5, 25, 45, 65, 85))
    other = Pool(units(0, 20, 40, 60, 80), units(300, 25, 45, 65, 85))
    spoilt = [ratio_margin(units(0), units(25), each, np.array([0]))[0] for each in (pool, other)]
    assert spoilt[0] == pytest.approx(spoilt[1])


def test_a_hub_needs_a_higher_cosine():
    """A text that is near to everything has a lower margin at the same cosine."""
    few, many = (
        Pool(units(0, 90, 100, 110, 120), units(10, 95, 105, 115, 125)),
        Pool(units(0, 5, 9, 12, 15), units(10, 2, 4, 7, 14)),
    )
    at = np.array([0])
    assert ratio_margin(units(0), units(10), few, at)[0] > ratio_margin(units(0), units(10), many, at)[0]


def test_small_pools_and_many_pairs():
    assert ratio_margin(units(0), units(5), Pool(units(0), units(5)), np.array([0]))[0] == pytest.approx(1.0)
    many = ratio_margin(
        units(*range(0, 3000)), units(*range(1, 3001)), Pool(units(0, 30), units(3, 33)), np.full(3000, -1)
    )
    assert many.shape == (3000,) and np.isfinite(many).all()
