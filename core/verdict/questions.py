"""The questions the verdict answers, fixed before any test set is read.

The primary one is transport minus adversarial in mean accuracy over the low-resource languages. The secondary ones are
few, since each weakens the others: they are corrected together, and those of the controls apart from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arms.names import BASELINE, FIRST, SECOND
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.statistics.significance import MARGIN
from core.verdict.answers import Answers
from core.verdict.measures import ENGLISH, Indicator, agrees_with_english, correct


@dataclass(frozen=True)
class Measure:
    """A mean over units (languages) of a rate, minus a mean over others.

    `plus` and `minus` choose from the units that both arms have; with none chosen by `plus` the measure is not
    defined. `lower_is_better` holds for gaps. `complete` is how many units `plus` chooses on all of XNLI.
    """

    name: str
    count: Callable[[Answers], Indicator]
    plus: Callable[[str], bool]
    complete: int
    minus: Callable[[str], bool] | None = None
    lower_is_better: bool = False
    margin: float = MARGIN

    def chosen(self, units: Sequence[str]) -> list[str]:
        """The units that the mean is over (for a gap, those that are subtracted)."""
        return [unit for unit in units if (self.minus or self.plus)(unit)]

    def weights(self, units: Sequence[str]) -> NDArray[np.float64] | None:
        """A weight for each unit; None where the measure is not defined on these units."""
        plus = np.array([self.plus(unit) for unit in units], float)
        minus = np.array([self.minus(unit) if self.minus else False for unit in units], float)
        if not plus.any() or (self.minus and not minus.any()):
            return None
        return np.asarray(plus / plus.sum() - minus / max(minus.sum(), 1.0))


def _low_resource(unit: str) -> bool:
    return unit in LOW_RESOURCE


def _without_bitext(unit: str) -> bool:
    return unit not in LOW_RESOURCE and unit != ENGLISH


def _english(unit: str) -> bool:
    return unit == ENGLISH


def _other(unit: str) -> bool:
    return unit != ENGLISH


_OTHERS = len(XNLI_CODES) - 1
LOW = Measure("low-resource accuracy", correct, _low_resource, len(LOW_RESOURCE))
ENGLISH_ACCURACY = Measure("English accuracy", correct, _english, 1)
GAP = Measure("transfer gap", correct, _english, len(LOW_RESOURCE), _low_resource, lower_is_better=True)

WITHOUT_BITEXT = Measure("accuracy in languages without bitext", correct, _without_bitext, _OTHERS - len(LOW_RESOURCE))
CONSISTENCY = Measure("consistency with English", agrees_with_english, _other, _OTHERS)

#: Asked of the two main arms, in the order they are shown; the first is the primary one.
MEASURES: tuple[Measure, ...] = (LOW, ENGLISH_ACCURACY, GAP, WITHOUT_BITEXT, CONSISTENCY)
#: Comparison of every other arm against the baseline.
AGAINST_BASELINE: tuple[Measure, ...] = (LOW, ENGLISH_ACCURACY)


@dataclass(frozen=True)
class Comparison:
    """One question: is `first` better than `second` in `measure`? Holm's correction runs within a `family`."""

    measure: Measure
    first: str
    second: str
    family: str = "secondary"

    @property
    def primary(self) -> bool:
        return self.family == "primary"


def ask(arms: Sequence[str], study: Sequence[str] = ()) -> list[Comparison]:
    """The questions that these arms allow, the primary one first.

    Every measure for the two main arms; for each of them and any other arm its low-resource accuracy and its English
    against the baseline. Arms of `study` (empty: all) other than the main ones are the family "controls"; an arm from
    elsewhere is in the family "added", so that it changes no answer of the study.
    """
    asked: list[Comparison] = []
    if {FIRST, SECOND} <= set(arms):
        asked += [
            Comparison(measure, FIRST, SECOND, "primary" if measure is LOW else "secondary") for measure in MEASURES
        ]
    if BASELINE in arms:
        for arm in (FIRST, SECOND, *(arm for arm in arms if arm not in (FIRST, SECOND, BASELINE))):
            if arm in arms:
                own = "secondary" if arm in (FIRST, SECOND) else "controls"
                family = own if not study or arm in study else "added"
                asked += [Comparison(measure, arm, BASELINE, family) for measure in AGAINST_BASELINE]
    return asked
