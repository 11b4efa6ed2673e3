"""Where every arm of a seed begins."""

from __future__ import annotations

from core.arms.base import Arm


class WarmStart(Arm):
    """English NLI pairs from the encoder as downloaded: the model that every arm of the same seed starts from, and the
    frozen teacher of those that align.

    loss = CE + beta KL(q || N(0, I))
    """

    name = "warm-start"
