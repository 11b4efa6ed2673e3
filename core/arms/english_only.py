"""The baseline arm, and the same with more English."""

from __future__ import annotations

from dataclasses import dataclass

from core.arms.base import Arm
from core.errors import BadInput


class EnglishOnly(Arm):
    """English NLI pairs and nothing else: the baseline, with the same updates on the same pairs as every arm.

    loss = CE + beta KL(q || N(0, I))
    """

    name = "english-only"


@dataclass(frozen=True)
class EnglishComputeSettings:
    """`times` as many pairs an update as every other arm has."""

    times: int = 3


class EnglishCompute(Arm):
    """English NLI pairs and nothing else, but `times` as many of them an update: is it alignment, or the computing that
    alignment costs?

    loss = CE + beta KL(q || N(0, I)) over batches of `times` the size, with the same number of updates and the same
    learning rates. The pairs are the first of the same shuffled passes that every arm of the seed reads. Three times
    the pairs are about as many tokens as the costliest arm of the first study read: english-only read .65 million
    forward, transport 1.56, adversarial 1.92.
    """

    name = "english-compute"
    settings_type = EnglishComputeSettings
    settings: EnglishComputeSettings

    @classmethod
    def pairs_an_update(cls, settings: EnglishComputeSettings, planned: int) -> int:
        if settings.times < 1:
            raise BadInput(f"The arm {cls.name} reads at least once as many pairs as others, not {settings.times}.")
        return planned * settings.times
