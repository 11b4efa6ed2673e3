"""What the arms that align bitext to the frozen teacher share: the passes, the weights, the anchor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.arms.base import Arm, Loss, Step, ramp
from core.model.bitext_batch import BitextBatch
from core.model.layer_states import LayerStates
from core.model.nli import NLIModel, TextBatch


@dataclass(frozen=True)
class BitextStates:
    """States of every layer [B, n, d]: the teacher's of English, the student's of the target and of English."""

    teacher_english: LayerStates
    student_target: LayerStates
    student_english: LayerStates


def bitext_states(teacher: NLIModel, model: NLIModel, bitext: BitextBatch, lowest: int = 0) -> BitextStates:
    """One pass of the teacher, whose states are read from `lowest` on, and two of the student; the teacher's has no
    gradient."""
    english, target = bitext.english, bitext.target
    with torch.no_grad():
        teacher_english = teacher_states(teacher, english, lowest)
    student_target, student_english = (
        model.hidden_states(side.ids, side.attention, side.frozen) for side in (target, english)
    )
    return BitextStates(teacher_english, student_target, student_english)


def teacher_states(teacher: NLIModel, side: TextBatch, lowest: int) -> LayerStates:
    """The teacher's states of the layers from `lowest` on, at least.

    Where its layers are fused it begins from the batch's `frozen` states, which are its own too; the library's, whose
    roundings are others with gradients than without, read from the beginning as they did in the first study.
    """
    kept = teacher.layers == "fused" and lowest >= teacher.config.first_layer
    return teacher.hidden_states(side.ids, side.attention, side.frozen if kept else None)


class Alignment(Arm):
    """An arm that adds weighted terms over sentence pairs, each against the frozen teacher, to the task loss."""

    uses_bitext = True

    def loss(self, model: NLIModel, step: Step) -> Loss:
        task = self.task(model, step)
        bitext = self.pairs(step)
        assert self.teacher is not None
        states = bitext_states(self.teacher, model, bitext, self.lowest_of_teacher)
        step.count(bitext.english.tokens, backward=False)
        step.count(bitext.english.tokens + bitext.target.tokens)
        parts, logged = self.parts(model, bitext, states)
        return weighted(self.settings, task, parts, logged, step.share)

    @property
    def lowest_of_teacher(self) -> int:
        """The lowest layer of the teacher that the loss reads."""
        return self.lowest_layer

    def pairs(self, step: Step) -> BitextBatch:
        """The sentence pairs of an update, as the arm pairs and reads them."""
        assert step.bitext is not None
        return step.bitext.read(getattr(self.settings, "joint", False))

    def parts(
        self, model: NLIModel, bitext: BitextBatch, states: BitextStates
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        """The terms by name, unweighted scalars, and what to log of them."""
        raise NotImplementedError


def weighted(settings: Any, task: Loss, parts: dict[str, Tensor], logged: dict[str, float], share: float) -> Loss:
    """`task` with each part times its `<part>_weight`; all but the anchor rise over the first `ramp` of training."""
    strength = ramp(share, settings.ramp)
    total = task.total
    for name, value in parts.items():
        weight = getattr(settings, f"{name}_weight")
        total = total + (weight if name == "anchor" else strength * weight) * value
    return Loss(total, task.logged | logged)


def anchor(teacher_english: LayerStates, student_english: LayerStates, own: Tensor, layers: list[int]) -> Tensor:
    """Squared distance of English token states from the teacher's, relative to the teacher's squared norm."""
    total = teacher_english[-1].new_zeros(())
    for layer in layers:
        distance = (student_english[layer] - teacher_english[layer]).square().sum(-1)[own].mean()
        total = total + distance / teacher_english[layer].square().sum(-1)[own].mean()
    return total / len(layers)


#: The middle layer that the transport arm reads, where no other is said.
MIDDLE = 8


def anchored_layers(settings: Any, last: int, default: tuple[int, ...] | None = None) -> list[int]:
    """The layers in which English is anchored, each once, none above `last`: `settings.anchor_layers`, else `default`
    (a middle layer and the last), so that arms with the same setting have the same anchor."""
    chosen = tuple(settings.anchor_layers) or default or (MIDDLE, last)
    return sorted({min(layer, last) for layer in chosen})
