"""Real numbers as whole steps: probabilities, plan masses, cosines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.reference.layout import COSINE_STEPS, MASS_STEPS, PROBABILITY_STEPS

#: Added to the predicted label's probability where it ties in steps: below half a step, and kept by float32.
TIE = 2.0**-14


def pack_probabilities(probabilities: NDArray[np.floating]) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Steps [n, 3] that sum to 255, and the predicted label [n], the first of the largest probabilities.

    Rounded by largest remainder (Hamilton's method): an entry moves by at most two thirds of a step, and a larger
    probability never gets fewer steps than a smaller one, so that the predicted label at worst ties.
    """
    given = np.asarray(probabilities, np.float64)
    scaled = PROBABILITY_STEPS * given / given.sum(1, keepdims=True)
    whole = np.floor(scaled)
    missing = PROBABILITY_STEPS - whole.sum(1, keepdims=True)
    by_remainder = np.argsort(-(scaled - whole), axis=1, kind="stable")
    place = np.empty_like(by_remainder)
    np.put_along_axis(place, by_remainder, np.arange(3)[None], axis=1)
    return (whole + (place < missing)).astype(np.uint8), np.asarray(probabilities).argmax(1).astype(np.int8)


def unpack_probabilities(steps: NDArray[np.integer], predicted: NDArray[np.integer]) -> NDArray[np.float32]:
    """Probabilities [n, 3] whose largest is the predicted label's, also where it ties in steps.

    Raises `BadInput` where the predicted label has fewer steps than another, or the steps do not sum to 255.
    """
    counts = steps.astype(np.int64)
    rows = np.arange(len(counts))
    top = counts[rows, predicted]
    if (top < counts.max(1, initial=0)).any() or (counts.sum(1) != PROBABILITY_STEPS).any():
        raise BadInput("The packed probabilities do not fit the predicted labels; get the reference results again.")
    result = (counts / PROBABILITY_STEPS).astype(np.float32)
    tied = np.flatnonzero(counts.argmax(1) != predicted)
    result[tied, predicted[tied]] += np.float32(TIE)
    return result


def pack_masses(masses: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Masses of at most 1 as steps of 1/65535."""
    return np.asarray(np.rint(np.asarray(masses, np.float64).clip(0, 1) * MASS_STEPS), np.uint16)


def unpack_masses(steps: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(steps / MASS_STEPS, np.float32)


def pack_cosines(cosines: NDArray[np.floating]) -> NDArray[np.int16]:
    """Cosines, -1 to 1, as steps of 1/32767."""
    return np.asarray(np.rint(np.asarray(cosines, np.float64).clip(-1, 1) * COSINE_STEPS), np.int16)


def unpack_cosines(steps: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(steps / COSINE_STEPS, np.float32)
