"""Collapse: are a model's states still spread out, and do translations still lie together?

Two words, two rules, each against a reference (the warm start, or English training alone from the same start):
*collapsed*, the states of a language have drawn together; *translations driven apart*, a translation is found less
often. A classifier of languages can be fooled by either, which is why neither is read off the fooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.evaluation.retrieval import right_at_one
from core.statistics.intervals import bonett_price

#: A language's states have drawn together below these shares of the reference's.
LEAST_DEVIATION = 1 / 2
LEAST_DISTANCE = 1 / 3

States = NDArray[np.floating]


@dataclass(frozen=True)
class Spread:
    """How far n sentences of a language lie from one another.

    `deviation` is the standard deviation of a dimension (root of the mean variance over dimensions), `distance` is 1
    minus the mean cosine of unrelated sentences, `rank` the effective rank of the states about their mean.
    """

    deviation: float
    distance: float
    rank: float


@dataclass(frozen=True)
class Compared:
    """One language at one layer of a run and of its reference, on the same n sentences and their translations.

    Retrieval is the share (x100) of sentences whose nearest English sentence by cosine is their translation; its
    change has a 95 % interval. All three are NaN for English itself.
    """

    language: str
    layer: int
    items: int
    spread: Spread
    reference: Spread
    retrieval: float = float("nan")
    retrieval_reference: float = float("nan")
    retrieval_low: float = float("nan")
    retrieval_high: float = float("nan")

    @property
    def deviation_kept(self) -> float:
        """The states' standard deviation as a share of the reference's."""
        return self.spread.deviation / self.reference.deviation

    @property
    def distance_kept(self) -> float:
        """1 minus the mean cosine of unrelated sentences, as a share of the reference's."""
        return self.spread.distance / self.reference.distance


@dataclass(frozen=True)
class Collapse:
    """The answer of both rules for one run."""

    collapsed: bool
    driven_apart: bool

    @property
    def sentence(self) -> str:
        """What the two rules found, for people."""
        if self.collapsed and self.driven_apart:
            return "Collapsed, and translations are driven apart."
        if self.collapsed:
            return "Collapsed: the states of every aligned language have drawn together."
        if self.driven_apart:
            return "Translations are driven apart in every aligned language."
        return "Neither collapsed nor are translations driven apart."


def spread(states: States) -> Spread:
    """The spread of sentence states [n, d]. Raises `BadInput` for fewer than two."""
    if len(states) < 2:
        raise BadInput(f"The spread of states needs at least two sentences, and there are {len(states)}.")
    values = np.asarray(states, np.float64)
    deviation = float(np.sqrt(values.var(0, ddof=1).mean()))
    return Spread(deviation, unrelated_distance(values), effective_rank(values))


def unrelated_distance(states: States) -> float:
    """1 minus the mean cosine over all pairs of different rows of states [n, d]."""
    values = np.asarray(states, np.float64)
    units = values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-12)
    count = len(units)
    whole = float(np.square(units.sum(0)).sum()) - float(np.square(units).sum())
    return 1.0 - whole / (count * (count - 1))


def effective_rank(states: States) -> float:
    """exp of the entropy of the singular values of states [n, d] about their mean, as shares of their sum: 1 for points
    on a line, at most min(n - 1, d) (Roy and Vetterli, EUSIPCO 2007).

    States that do not differ at all have rank 0.
    """
    values = np.asarray(states, np.float64)
    singular = np.linalg.svd(values - values.mean(0), compute_uv=False)
    total = singular.sum()
    if total <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return 0.0
    share = singular[singular > 0] / total
    return float(np.exp(-(share * np.log(share)).sum()))


def compare(language: str, layer: int, own: tuple[States, States], reference: tuple[States, States]) -> Compared:
    """Compare (English, target) states [n, d] of a run with the reference's, of the same sentence pairs row by row."""
    after, before = (right_at_one(_unit(target), _unit(english)) for english, target in (own, reference))
    low, high = bonett_price(int((before & ~after).sum()), int((after & ~before).sum()), len(after))
    return Compared(
        language, layer, len(after), spread(own[1]), spread(reference[1]),
        100.0 * float(after.mean()), 100.0 * float(before.mean()), low, high,
    )  # fmt: skip


def judge(languages: Sequence[Compared]) -> Collapse:
    """The two rules over the aligned languages, at the layer that the classifier reads.

    *collapsed*: in every language the standard deviation is below half and 1 minus the mean cosine below a third of
    the reference's. *driven apart*: in every language retrieval is below the reference's by more than the 95 %
    interval of the difference. Raises `BadInput` without a language.
    """
    if not languages:
        raise BadInput("No aligned language was measured, so nothing can be said of collapse.")
    collapsed = all(x.deviation_kept < LEAST_DEVIATION and x.distance_kept < LEAST_DISTANCE for x in languages)
    return Collapse(collapsed, all(x.retrieval_high < 0 for x in languages))


def _unit(states: States) -> NDArray[np.float64]:
    values = np.asarray(states, np.float64)
    norm: NDArray[np.float64] = np.linalg.norm(values, axis=1, keepdims=True).clip(1e-12)
    return values / norm
