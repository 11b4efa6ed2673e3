"""The anchor alone: the control that asks what holding English in place does without any alignment."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.arms.alignment import Alignment, anchor, anchored_layers, teacher_states, weighted
from core.arms.base import Loss, Step
from core.later import later
from core.model.nli import NLIModel


@dataclass(frozen=True)
class AnchorSettings:
    """Strength and place of the anchor, named as in the transport arm, so that it inherits them.

    The anchor is in `anchor_layers`; if empty, in `token_layer` and the last.
    """

    anchor_weight: float = 1.0
    token_layer: int = 8
    joint: bool = False
    ramp: float = 0.1
    anchor_layers: tuple[int, ...] = later(())


class AnchorOnly(Alignment):
    """Keeps the states of the bitext's English sentences where the warm start had them, and aligns nothing: what of an
    alignment arm's difference is mere restraint?

    loss = CE + beta KL + w_anchor A, with A the squared distance of the student's English token states from the frozen
    teacher's, relative to the teacher's squared norm (the anchor of WordOT, arXiv 2110.02887, as in transport). The
    translations of these sentences are not read.
    """

    name = "anchor-only"
    inherits = ("transport",)
    settings_type = AnchorSettings
    settings: AnchorSettings

    def loss(self, model: NLIModel, step: Step) -> Loss:
        task = self.task(model, step)
        english = self.pairs(step).english
        assert self.teacher is not None
        with torch.no_grad():
            teacher_english = teacher_states(self.teacher, english, self.lowest_layer)
        student_english = model.hidden_states(english.ids, english.attention, english.frozen)
        step.count(english.tokens, backward=False)
        step.count(english.tokens)
        last = len(student_english) - 1
        layers = anchored_layers(self.settings, last, (self.settings.token_layer, last))
        value = anchor(teacher_english, student_english, english.own, layers)
        return weighted(self.settings, task, {"anchor": value}, {"anchor": float(value.detach())}, step.share)
