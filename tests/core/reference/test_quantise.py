"""Rounding to steps: sums, distance, and the predicted label, ties included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import BadInput
from core.reference.layout import MASS_STEPS, PROBABILITY_STEPS
from core.reference.quantise import (
    pack_cosines,
    pack_masses,
    pack_probabilities,
    unpack_cosines,
    unpack_masses,
    unpack_probabilities,
)

WEIGHTS = arrays(np.float64, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(1e-6, 1.0))


def softmax_like(weights: np.ndarray) -> np.ndarray:
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


@given(WEIGHTS)
def test_steps_sum_and_lie_near_and_the_label_stays(weights):
    given_ = softmax_like(weights)
    steps, predicted = pack_probabilities(given_)
    assert (steps.astype(int).sum(1) == PROBABILITY_STEPS).all()
    assert np.abs(steps / PROBABILITY_STEPS - given_).max() <= (2 / 3 + 1e-4) / PROBABILITY_STEPS
    back = unpack_probabilities(steps, predicted)
    assert (back.argmax(1) == given_.argmax(1)).all()
    assert np.abs(back - given_).max() <= 1 / PROBABILITY_STEPS
    assert np.abs(back.sum(1, dtype=np.float64) - 1).max() < 1e-3  # what the importer of run folders accepts


def test_ties_before_and_after_rounding():
    near = np.float32(0.4)
    rows = np.array(
        [
            [1 / 3, 1 / 3, 1 / 3],
            [0.5, 0.5, 0.0],
            [0.0, 0.5, 0.5],
            [near, np.nextafter(near, np.float32(1)), 0.2],
            [0.2, near, np.nextafter(near, np.float32(1))],
            [1.0, 0.0, 0.0],
        ],
        np.float32,
    )
    steps, predicted = pack_probabilities(rows)
    assert predicted.tolist() == [0, 0, 1, 1, 2, 0]
    back = unpack_probabilities(steps, predicted)
    assert back.argmax(1).tolist() == predicted.tolist()
    assert len(set(back[3].tolist())) == 3, "the tie in steps is settled by the stored label"


def test_contradictions_are_refused():
    steps = np.array([[200, 55, 0]], np.uint8)
    with pytest.raises(BadInput, match="do not fit the predicted labels"):
        unpack_probabilities(steps, np.array([1], np.int8))
    with pytest.raises(BadInput, match="do not fit"):
        unpack_probabilities(np.array([[200, 54, 0]], np.uint8), np.array([0], np.int8))


@given(arrays(np.float64, 30, elements=st.floats(-1, 1)))
def test_masses_and_cosines_come_back_within_half_a_step(values):
    masses = np.abs(values)
    assert np.abs(unpack_masses(pack_masses(masses)) - masses).max() <= 0.51 / MASS_STEPS
    assert np.abs(unpack_cosines(pack_cosines(values)) - values).max() <= 0.51 / 32_767
