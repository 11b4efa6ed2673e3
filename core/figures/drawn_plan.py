"""A plan over words as a picture, a report or a kept view shows it: whose it is, both sentences, mass and links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.alignment.gold_links import Judged
from core.figures.ribbons import PlanMarks, Words
from core.figures.style import arm_style


@dataclass(frozen=True)
class DrawnPlan:
    """One arm's plan [n, m] over the words of two sentences, with its hard links.

    cost: the distance that its mass travels; entropy: the share of its maximum; both are of the whole plan, however
    much of it is drawn. judged: what became of the links against those that people drew, where there are any.
    """

    label: str
    arm: str
    layer: int
    source: Words
    target: Words
    plan: NDArray[np.floating]
    links: Sequence[tuple[int, int]]
    cost: float
    entropy: float
    judged: Judged | None = None

    @property
    def colour(self) -> str:
        """The arm's."""
        return arm_style(self.arm).colour

    def marks(self, word: tuple[int, int] | None = None) -> PlanMarks:
        """What is drawn over the mass: links, gold links by what became of them, and `word`, (side, index)."""
        if self.judged is None:
            return PlanMarks(self.links, word=word)
        return PlanMarks(self.links, True, self.judged.hit, self.judged.missed, self.judged.spurious, word)

    def clipped(self, count: int) -> DrawnPlan:
        """The first `count` words of both sides."""
        if max(self.plan.shape) <= count:
            return self
        source, target = (
            Words(side.words[:count], side.mass[:count], side.rtl, side.code) for side in (self.source, self.target)
        )
        links = [(i, j) for i, j in self.links if i < count and j < count]
        return replace(self, source=source, target=target, plan=self.plan[:count, :count], links=links)
