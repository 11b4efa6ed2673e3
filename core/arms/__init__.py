"""Arms: what each adds to the English task loss. One file an arm; `build_arm` finds them by name."""

from __future__ import annotations

from core.arms.adversarial import Adversarial
from core.arms.base import Arm
from core.arms.english_only import EnglishOnly
from core.arms.transport import Transport
from core.arms.warm_start import WarmStart
from core.errors import BadInput

ARMS: dict[str, type[Arm]] = {arm.name: arm for arm in (EnglishOnly, Transport, Adversarial)}


def find_arm(name: str) -> type[Arm]:
    """The class of an arm; raises `BadInput` naming the arms there are."""
    if name == WarmStart.name:
        return WarmStart
    if name not in ARMS:
        raise BadInput(f"There is no arm {name!r}; the arms are {', '.join(ARMS)}.")
    return ARMS[name]
