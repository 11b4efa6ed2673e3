"""The prior over labels: answers shifted, without any label, until all labels are answered as often.

XNLI is balanced: a third of its items has each label. What a classifier answers in another language is not, and much
of a difference in accuracy can be a shift of answers. One additive bias a class on the log-probabilities takes it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

Probabilities = NDArray[np.floating]

#: Below this a probability counts as this much: stored ones are steps of 1/255 and may be 0.
LEAST = 1e-4
#: Largest departure of a mean probability from its target that counts as met, and Newton steps at most.
_TOLERANCE, _STEPS = 1e-10, 100


@dataclass(frozen=True)
class Balanced:
    """Probabilities [n, k] after the correction, and the bias [k] on the log-probabilities, of mean 0, that did it."""

    probabilities: NDArray[np.float64]
    bias: NDArray[np.float64]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable label of each item, [n]."""
        return np.asarray(self.probabilities.argmax(1), np.int64)


def fit_bias(probabilities: Probabilities, target: Sequence[float] | None = None) -> NDArray[np.float64]:
    """The bias [k] under which the mean probabilities of [n, k] are `target` (else all equal), without any label.

    softmax(log p + b) has mean t where the convex sum over items of logsumexp(log p + b) - t b is least: Newton's
    steps with halving find it. Its mean is 0, as a constant changes nothing. Raises `BadInput` for no item, or a target
    that is not a distribution over the k classes with all of them in it.
    """
    logs = _logs(probabilities)
    classes = logs.shape[1]
    wanted = np.full(classes, 1.0 / classes) if target is None else np.asarray(target, np.float64)
    if wanted.shape != (classes,) or not np.isclose(wanted.sum(), 1.0) or (wanted <= 0).any():
        raise BadInput(f"The prior is {classes} positive shares that sum to 1, not {np.round(wanted, 3).tolist()}.")
    bias = np.zeros(classes)
    for _ in range(_STEPS):
        shares = _softmax(logs + bias)
        gap = shares.mean(0) - wanted
        if float(np.abs(gap).max()) < _TOLERANCE:
            break
        # Over the items the mean covariance of a one-hot answer; singular along the constant, which the pinv leaves.
        curvature = np.diag(shares.mean(0)) - shares.T @ shares / len(shares)
        step = np.linalg.pinv(curvature, hermitian=True) @ gap
        value, scale = _objective(logs, bias, wanted), 1.0
        while _objective(logs, bias - scale * step, wanted) > value and scale > 1e-8:
            scale /= 2
        bias = bias - scale * step
    return np.asarray(bias - bias.mean(), np.float64)


def apply_bias(probabilities: Probabilities, bias: NDArray[np.floating]) -> NDArray[np.float64]:
    """softmax(log p + bias) of probabilities [n, k]."""
    return _softmax(_logs(probabilities) + bias)


def balance(probabilities: Probabilities, target: Sequence[float] | None = None) -> Balanced:
    """The correction fitted on the same items that it is applied to: [n, k] of one run in one language."""
    bias = fit_bias(probabilities, target)
    return Balanced(apply_bias(probabilities, bias), bias)


def balance_across(
    probabilities: Probabilities, cluster: NDArray[np.integer], folds: int = 5, target: Sequence[float] | None = None
) -> Balanced:
    """The correction fitted on other items of the language: items [n] of a fold are shifted by the bias of all other
    folds. What `cluster` [n] says belongs together (a premise) is in one fold. `bias` is the mean over folds.

    Raises `BadInput` for fewer clusters than two.
    """
    names, index = np.unique(cluster, return_inverse=True)
    if len(names) < 2:
        raise BadInput("A prior fitted on other items needs at least two premises.")
    fold = index % min(folds, len(names))
    shifted = np.zeros(np.shape(probabilities), np.float64)
    biases = []
    for turn in np.unique(fold):
        own = fold == turn
        biases.append(fit_bias(probabilities[~own], target))
        shifted[own] = apply_bias(probabilities[own], biases[-1])
    return Balanced(shifted, np.mean(biases, axis=0))


def _logs(probabilities: Probabilities) -> NDArray[np.float64]:
    values = np.asarray(probabilities, np.float64)
    if values.ndim != 2 or not len(values):
        raise BadInput("There is no prediction to balance.")
    return np.asarray(np.log(values.clip(LEAST)))


def _softmax(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def _objective(logs: NDArray[np.float64], bias: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    moved = logs + bias
    highest = moved.max(1)
    return float((highest + np.log(np.exp(moved - highest[:, None]).sum(1))).mean() - wanted @ bias)
