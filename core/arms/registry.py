"""Every arm that is trained, found by its name."""

from __future__ import annotations

from core.arms.adversarial import Adversarial
from core.arms.adversarial_contrastive import AdversarialContrastive
from core.arms.adversarial_critic import AdversarialCritic
from core.arms.anchor_only import AnchorOnly
from core.arms.base import Arm
from core.arms.english_only import EnglishCompute, EnglishOnly
from core.arms.few_shot import FewShot
from core.arms.hybrid import Hybrid
from core.arms.lexical_injection import LexicalInjection
from core.arms.mean_matching import MeanMatching
from core.arms.parts import AdversarialLanguage, AdversarialPerturbation, TransportPosterior, TransportToken
from core.arms.smoothing import Smoothing
from core.arms.transport import Transport
from core.arms.transport_shuffled import TransportShuffled
from core.arms.warm_start import WarmStart
from core.errors import BadInput

#: Every arm that is trained: the baseline, the main arms, their parts and controls, the extended set.
ARMS: dict[str, type[Arm]] = {
    arm.name: arm
    for arm in (
        EnglishOnly, Transport, Adversarial,
        TransportToken, TransportPosterior, AdversarialLanguage, AdversarialPerturbation,
        MeanMatching, TransportShuffled, AnchorOnly,
        Hybrid, AdversarialCritic, AdversarialContrastive, LexicalInjection,
        EnglishCompute, Smoothing, FewShot,
    )
}  # fmt: skip


def find_arm(name: str) -> type[Arm]:
    """The class of an arm; raises `BadInput` naming the arms there are."""
    if name == WarmStart.name:
        return WarmStart
    if name not in ARMS:
        raise BadInput(f"There is no arm {name!r}; the arms are {', '.join(ARMS)}.")
    return ARMS[name]
