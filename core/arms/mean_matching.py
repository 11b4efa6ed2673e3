"""Matching means: the control that asks whether transport gains more than bitext alone would."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.arms.alignment import Alignment, BitextStates, anchor, anchored_layers
from core.later import later
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel


@dataclass(frozen=True)
class MeanMatchingSettings:
    """Strengths, named after the terms of the transport arm that each stands for, so that it inherits them.

    `token_weight` multiplies the distance in layer `token_layer`, `posterior_weight` that in the last layer.
    The anchor is in `anchor_layers`; if empty, in those two.
    """

    token_weight: float = 2.0
    posterior_weight: float = 0.5
    anchor_weight: float = 1.0
    token_layer: int = 8
    joint: bool = False
    ramp: float = 0.1
    anchor_layers: tuple[int, ...] = later(())


class MeanMatching(Alignment):
    """Draws the mean state of a sentence to the mean state of its translation, without any plan: is it transport, or
    just bitext?

    The same pairs, the same frozen English teacher, the same anchor and layers as transport. In the middle layer,
    ||m_l - m_en||^2 / (2 E||m_en||^2) stands for the token term: with one point a sentence, 1 - cos is half the squared
    distance of unit vectors. In the last layer the squared distance of standardised means, a mean over dimensions,
    stands for W2^2 / k of the posteriors, which are linear in those means (MSE distillation on pairs: Reimers and
    Gurevych, arXiv 2004.09813).
    """

    name = "mean-matching"
    inherits = ("transport",)
    settings_type = MeanMatchingSettings
    settings: MeanMatchingSettings

    def parts(
        self, model: NLIModel, bitext: BitextBatch, states: BitextStates
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        teacher = self.teacher
        assert teacher is not None
        last = len(states.teacher_english) - 1
        layer = min(self.settings.token_layer, last)
        middle, final = pair_distances(teacher, bitext, states, layer)
        parts = {
            "token": middle.mean(),
            "posterior": final.mean(),
            "anchor": anchor(
                states.teacher_english,
                states.student_english,
                bitext.english.own,
                anchored_layers(self.settings, last, (layer, last)),
            ),
        }
        names = {"token": "mean_matching_middle", "posterior": "mean_matching_last", "anchor": "mean_matching_anchor"}
        return parts, {names[name]: float(value.detach()) for name, value in parts.items()}


def pair_distances(teacher: NLIModel, bitext: BitextBatch, states: BitextStates, layer: int) -> tuple[Tensor, Tensor]:
    """Squared distances of each pair's mean states [S]: in `layer`, relative; in the last layer, standardised.

    The teacher's standardisation serves both sides.
    """
    english, target = bitext.english, bitext.target
    source, moved = english.means(states.teacher_english[layer]), target.means(states.student_target[layer])
    middle = (moved - source).square().sum(-1) / (2.0 * source.square().sum(-1).mean())
    gap = (target.means(states.student_target[-1]) - english.means(states.teacher_english[-1])) / teacher.scale
    return middle, gap.square().mean(-1)
