"""How the answers of a group of runs are made: one rule, the study's arms and their roles, and its questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from core.arms.names import BASELINE, FIRST, METHODS, SECOND, arm_name
from core.statistics.rules import Method


@dataclass(frozen=True)
class Analysis:
    """What a study's file says of its answers, as core sees it; `core.experiment.studies.sheet` reads it off a file.

    `arms` are the study's (none: all there are): families and borrowed variances are over them alone, so that
    an arm from elsewhere changes no answer. `main` are those a control explains. With `prior` each difference also
    stands after correction of the label prior. `aligned` are the languages with bitext (empty: the low-resource ones).
    """

    study: str = ""
    method: Method = "first"
    arms: tuple[str, ...] = ()
    main: tuple[str, ...] = METHODS
    baseline: str = BASELINE
    prior: bool = True
    aligned: tuple[str, ...] = ()

    def has(self, arm: str) -> bool:
        """Whether the arm is one of the study's."""
        return not self.arms or arm in self.arms

    def explained(self, kind: str, there: Iterable[str]) -> tuple[str, ...]:
        """The main arms that a control of `kind` (transport or adversarial) is about, of those `there`: the method
        itself, or the study's main arms that are parts of it."""
        own = [arm for arm in self.main if arm in set(there)]
        return tuple(arm for arm in own if arm == kind) or tuple(a for a in own if arm_name(a).explains == kind)

    def content(self) -> dict[str, Any]:
        """What names it: sheets made by other analyses are other sheets."""
        return asdict(self)


#: Both kinds of method, for controls that are about whatever a study compares.
KINDS = (FIRST, SECOND)
