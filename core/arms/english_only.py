"""The baseline arm."""

from __future__ import annotations

from core.arms.base import Arm


class EnglishOnly(Arm):
    """English NLI pairs and nothing else: the baseline, with the same updates on the same pairs as every arm.

    loss = CE + beta KL(q || N(0, I))
    """

    name = "english-only"
