"""Adversarial training: a language discriminator to fool, and worst-case perturbations to withstand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.arms.alignment import anchor, anchored_layers, teacher_states
from core.arms.base import Arm, Judge, Loss, Step, ramp, sigmoid_ramp
from core.arms.discriminator import Discriminator, learn_languages
from core.arms.free_lb import SALT, Ascent
from core.arms.language_states import (
    check_standardisation,
    labelled_means,
    labelled_states,
    labelled_tokens,
    standardised_by_batch,
)
from core.arms.perturbation import averaged_task, one_step_task, own_tokens
from core.later import later
from core.model.bitext_batch import BitextBatch
from core.model.layer_states import LayerStates
from core.model.nli import NLIModel


@dataclass(frozen=True)
class AdversarialSettings:
    """Strengths and form of the adversarial arm.

    `language_weight` multiplies what the encoder gains by fooling; `discriminator_steps` inner updates of the
    discriminator (AdamW at `discriminator_rate`, its own optimiser) come before each; `radius` bounds the perturbation
    of each token's state, where it enters the first trained layer, as a share of that state's norm, `step_size` the
    ascent as a share of the radius. The discriminator reads the states of `language_layer` (the last is the encoder's
    number of layers), pooled, or each token's with `language_tokens`; with `joint` two sentences are read together, as
    premise and hypothesis are.

    Settings added since the first study, at their default as it was run. `standardised` says by what the states are
    that the discriminator reads: "frozen" (by statistics of the warm start, so that an encoder fools it by shrinking
    its states), "batch" (by the batch's own: scale is no way out), "layer" (each state over its dimensions). With
    `spectral` the discriminator's maps have spectral norm 1. With `one_way` English stays and other languages are drawn
    to be taken for English; else every language is drawn to be taken for any. With `sigmoid_ramp` the strength rises as
    2 / (1 + exp(-10 p)) - 1 over the share p of training, not linearly over the first `ramp`. `anchor_weight`
    multiplies the anchor of English to the warm start, in `anchor_layers` (empty: those of the transport arm).
    `ascent_steps` > 0 asks for FreeLB as published: so many passes, each perturbed, from a random start (`start` times
    the radius) in a ball around the whole sequence, `radius` and `step_size` being shares of the sequence's norm and of
    the ball's radius; `perturbation_weight` then only says whether there is any.
    """

    language_weight: float = 0.3
    discriminator_steps: int = 3
    discriminator_rate: float = 1e-3
    discriminator_hidden: int = 256
    perturbation_weight: float = 0.5
    radius: float = 0.02
    step_size: float = 1.0
    ramp: float = 0.1
    language_layer: int = 12
    language_tokens: bool = False
    joint: bool = False
    standardised: str = later("frozen")
    spectral: bool = later(False)
    one_way: bool = later(False)
    sigmoid_ramp: bool = later(False)
    anchor_weight: float = later(0.0)
    anchor_layers: tuple[int, ...] = later(())
    ascent_steps: int = later(0)
    start: float = later(1.0)


class Adversarial(Arm):
    """Makes states that do not tell their language, and a classifier that withstands small changes of its input.

    Languages: a discriminator learns to name the language of a sentence from its pooled state, and the encoder learns
    to make its answer uninformative, E[ CE(uniform, D(h)) ] (inspired by the flipped-label generator of Keung et al.,
    arXiv 1909.00153, which has two languages, and one optimiser for each of three losses), on the same bitext sentences
    as every arm, without using which belong together. Perturbation: min E max_{||d|| <= r} CE(f(e + d), y) (arXiv
    2104.08645) over the token states e of the English pairs where they enter the first trained layer. As the first
    study ran it this is one ascent step from zero, a ball a token (the fast gradient method, Miyato et al., arXiv
    1605.07725), and the weighted mean of both passes is minimised; `ascent_steps` gives FreeLB (arXiv 1909.11764).
    """

    name = "adversarial"
    uses_bitext = True
    settings_type: ClassVar[type] = AdversarialSettings
    judged_by: ClassVar[Judge | None] = "language"
    settings: AdversarialSettings

    def __init__(
        self, settings: AdversarialSettings, teacher: NLIModel | None, languages: tuple[str, ...], seed: int
    ) -> None:
        super().__init__(settings, teacher, languages, seed)
        assert teacher is not None
        check_standardisation(settings.standardised)
        self.discriminator = Discriminator(
            teacher.centre.shape[0], settings.discriminator_hidden, len(languages) + 1, seed + 7919,
            spectral=settings.spectral,
        ).to(teacher.device)  # fmt: skip
        self.discriminator.trained_by(
            torch.optim.AdamW(
                self.discriminator.parameters(), lr=settings.discriminator_rate, betas=(0.5, 0.99), weight_decay=0.01
            )
        )

    def loss(self, model: NLIModel, step: Step) -> Loss:
        task = self.english(model, step)
        if self.settings.language_weight <= 0:
            return task
        assert step.bitext is not None
        bitext = step.bitext.read(self.settings.joint)
        english, target = bilingual_states(model, bitext)
        step.count(bitext.english.tokens + bitext.target.tokens)
        states, language = self.read(model, bitext, english, target)
        loss = self.add_confusion_loss(task, states, language, step.share)
        return self.add_anchor(loss, bitext, english, step) if self.settings.anchor_weight > 0 else loss

    def english(self, model: NLIModel, step: Step) -> Loss:
        """The loss on the English pairs, perturbed if the settings say so."""
        settings = self.settings
        if settings.perturbation_weight <= 0:
            return self.task(model, step)
        if settings.ascent_steps > 0:
            noise = torch.Generator().manual_seed(step.generator.initial_seed() ^ SALT)
            ascent = Ascent(own_tokens(step), settings.radius, settings.step_size, settings.start, noise)
            return averaged_task(model, step, settings.ascent_steps, ascent)
        return one_step_task(model, step, settings.perturbation_weight, settings.radius, settings.step_size)

    def add_confusion_loss(self, task: Loss, states: Tensor, language: Tensor, share: float) -> Loss:
        """`task` with what the encoder gains by fooling; the discriminator learns first.

        states [N, d] are standardised pooled states, language [N] is 0 for English.
        """
        settings = self.settings
        logged = learn_languages(self.discriminator, states.detach(), language, settings.discriminator_steps)
        confusion = self.confusion(states, language)
        strength = sigmoid_ramp(share) if settings.sigmoid_ramp else ramp(share, settings.ramp)
        logged["adversarial_language"] = float(confusion.detach())
        return Loss(task.total + settings.language_weight * strength * confusion, task.logged | logged)

    def confusion(self, states: Tensor, language: Tensor) -> Tensor:
        """How far the discriminator is from being fooled, in nats; with gradient to the states alone.

        The cross-entropy of the uniform answer less its least value; with `one_way` that of the answer "English" over
        the sentences that are not.
        """
        log_share = self.discriminator.fixed(states).log_softmax(-1)
        if self.settings.one_way:
            return -log_share[language > 0, 0].mean()
        return (-log_share.mean(-1) - torch.log(torch.tensor(float(log_share.shape[-1])))).mean()

    def add_anchor(self, loss: Loss, bitext: BitextBatch, english: LayerStates, step: Step) -> Loss:
        """`loss` with the weighted anchor of English: one more pass of the teacher."""
        assert self.teacher is not None
        with torch.no_grad():
            teacher_english = teacher_states(self.teacher, bitext.english, self.lowest_layer)
        step.count(bitext.english.tokens, backward=False)
        layers = anchored_layers(self.settings, len(english) - 1)
        value = anchor(teacher_english, english, bitext.english.own, layers)
        logged = loss.logged | {"adversarial_anchor": float(value.detach())}
        return Loss(loss.total + self.settings.anchor_weight * value, logged)

    def sentence_states(self, model: NLIModel, bitext: BitextBatch) -> tuple[Tensor, Tensor]:
        """Standardised states of all sentences (or tokens) [N, d], and their language [N] (0 is English)."""
        return self.read(model, bitext, *bilingual_states(model, bitext))

    def read(
        self, model: NLIModel, bitext: BitextBatch, english: LayerStates, target: LayerStates
    ) -> tuple[Tensor, Tensor]:
        """What the discriminator reads of the states of every layer [B, n, d]: [N, d], and its language [N]."""
        settings = self.settings
        layer = min(settings.language_layer, len(english) - 1)
        sides = english[layer].detach() if settings.one_way else english[layer], target[layer]
        if settings.language_tokens:
            states, language = labelled_tokens(bitext, *sides)
            return (standardised_by_batch(states, language) if settings.standardised == "batch" else states), language
        if settings.standardised == "batch":
            states, language = labelled_means(bitext, *sides)
            return standardised_by_batch(states, language), language
        if settings.standardised == "layer":
            states, language = labelled_means(bitext, *sides)
            return nn.functional.layer_norm(states, states.shape[-1:]), language
        states, language = labelled_states(model, bitext, *sides)
        if layer < len(english) - 1:
            states = nn.functional.layer_norm(states * model.scale + model.centre, states.shape[-1:])
        return states, language

    def extra_state(self) -> dict[str, Tensor]:
        return self.discriminator.moments()

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        self.discriminator.load_moments(state)


def bilingual_states(model: NLIModel, bitext: BitextBatch) -> tuple[LayerStates, LayerStates]:
    """States of every layer of the English and of the other sentences, two passes of the student."""
    english, target = (
        model.hidden_states(side.ids, side.attention, side.frozen) for side in (bitext.english, bitext.target)
    )
    return english, target
