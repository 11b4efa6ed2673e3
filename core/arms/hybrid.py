"""Transport and adversarial training together."""

from __future__ import annotations

from dataclasses import dataclass

from core.arms.adversarial import Adversarial, AdversarialSettings
from core.arms.alignment import bitext_states, weighted
from core.arms.base import Loss, Step
from core.arms.transport import Transport, TransportSettings
from core.model.nli import NLIModel


@dataclass(frozen=True)
class HybridSettings(TransportSettings, AdversarialSettings):
    """The settings of both arms; `ramp` is shared."""


class Hybrid(Transport, Adversarial):
    """All terms of transport and all terms of adversarial training on the same sentences: do they add up, or is one
    enough?

    loss = (1 - s) CE(f(e), y) + s max_{||d|| <= r} CE(f(e + d), y) + beta KL + the four transport terms + w_language
    E[CE(uniform, D(h))]; sources as for transport and for adversarial. The states that transport aligns are those that
    the discriminator reads, so both cost one pass over the bitext.
    """

    name = "hybrid"
    uses_bitext = True
    inherits = ("transport", "adversarial")
    settings_type = HybridSettings
    judged_by = "transport"
    settings: HybridSettings

    def loss(self, model: NLIModel, step: Step) -> Loss:
        bitext = self.pairs(step)
        assert self.teacher is not None
        task = self.english(model, step)
        states = bitext_states(self.teacher, model, bitext)
        step.count(bitext.english.tokens, backward=False)
        step.count(bitext.english.tokens + bitext.target.tokens)
        parts, logged = self.parts(model, bitext, states)
        aligned = weighted(self.settings, task, parts, logged, step.share)
        if self.settings.language_weight <= 0:
            return aligned
        pooled, language = self.read(model, bitext, states.student_english, states.student_target)
        return self.add_confusion_loss(aligned, pooled, language, step.share)
