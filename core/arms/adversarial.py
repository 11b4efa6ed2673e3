"""Adversarial training: a language discriminator to fool, and worst-case perturbations to withstand."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from core.arms.base import Arm, Judge, Loss, Step, ramp
from core.model.bitext_batch import BitextBatch
from core.model.layer_states import LayerStates
from core.model.nli import NLIModel
from core.model.optimiser import load_optimiser_state, optimiser_state


@dataclass(frozen=True)
class AdversarialSettings:
    """Strengths and form of the adversarial arm.

    `language_weight` multiplies what the encoder gains by fooling; `discriminator_steps` inner updates of the
    discriminator (AdamW at `discriminator_rate`) come before each; `radius` bounds the perturbation of each token's
    state, where it enters the first trained layer, as a share of that state's norm, `step_size` the ascent as a share
    of the radius. The discriminator reads the states of `language_layer` (the last is the encoder's number of layers),
    pooled, or each token's with `language_tokens`; with `joint` two sentences are read together, as premise and
    hypothesis are.
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


class Adversarial(Arm):
    """Makes states that do not tell their language, and a classifier that withstands small changes of its input.

    Languages: a discriminator learns to name the language of a sentence from its pooled state, and the encoder learns
    to make its answer uninformative, E[ CE(uniform, D(h)) ] (the flipped-label generator of Keung et al., arXiv
    1909.00153, for several languages), on the same bitext sentences as every arm, without using which belong together.
    Perturbation: min E max_{||d|| <= r} CE(f(e + d), y) (arXiv 2104.08645) over the token states e of the English pairs
    where they enter the first trained layer; one ascent step as in FreeLB (arXiv 1909.11764): the gradient of the
    clean pass gives d, and the weighted mean of both passes is minimised.
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
        with torch.random.fork_rng():
            torch.manual_seed(seed + 7919)
            self.discriminator = nn.Sequential(
                nn.Linear(teacher.centre.shape[0], settings.discriminator_hidden),
                nn.GELU(),
                nn.Linear(settings.discriminator_hidden, len(languages) + 1),
            )
        self.optimiser = torch.optim.AdamW(
            self.discriminator.parameters(),
            lr=settings.discriminator_rate,
            betas=(0.5, 0.99),
            weight_decay=0.01,
        )

    def loss(self, model: NLIModel, step: Step) -> Loss:
        task = self.english(model, step)
        if self.settings.language_weight <= 0:
            return task
        assert step.bitext is not None
        bitext = step.bitext.read(self.settings.joint)
        states, language = self.sentence_states(model, bitext)
        step.count(bitext.english.tokens + bitext.target.tokens)
        return self.fooled(task, states, language, step.share)

    def english(self, model: NLIModel, step: Step) -> Loss:
        """The loss on the English pairs, perturbed if the settings say so."""
        return self.perturbed_task(model, step) if self.settings.perturbation_weight > 0 else self.task(model, step)

    def fooled(self, task: Loss, states: Tensor, language: Tensor, share: float) -> Loss:
        """`task` with what the encoder gains by fooling; the discriminator learns first.

        states [N, d] are standardised pooled states, language [N] is 0 for English.
        """
        logged = self.train_discriminator(states.detach(), language)
        log_share = self.frozen_discriminator(states).log_softmax(-1)
        # Distance of the answer from the uniform one: 0 when the discriminator is completely fooled.
        fooled = -log_share.mean(-1) - torch.log(torch.tensor(float(log_share.shape[-1])))
        weight = self.settings.language_weight * ramp(share, self.settings.ramp)
        logged["adversarial_language"] = float(fooled.detach().mean())
        return Loss(task.total + weight * fooled.mean(), task.logged | logged)

    def sentence_states(self, model: NLIModel, bitext: BitextBatch) -> tuple[Tensor, Tensor]:
        """Standardised states of all sentences (or tokens) [N, d], and their language [N] (0 is English)."""
        english, target = (
            model.hidden_states(side.ids, side.attention, side.frozen) for side in (bitext.english, bitext.target)
        )
        return self.read(model, bitext, english, target)

    def read(
        self, model: NLIModel, bitext: BitextBatch, english: LayerStates, target: LayerStates
    ) -> tuple[Tensor, Tensor]:
        """What the discriminator reads of the states of every layer [B, n, d]: [N, d], and its language [N]."""
        layer = min(self.settings.language_layer, len(english) - 1)
        if self.settings.language_tokens:
            return labelled_tokens(bitext, english[layer], target[layer])
        states, language = labelled_states(model, bitext, english[layer], target[layer])
        if layer < len(english) - 1:
            states = torch.nn.functional.layer_norm(states * model.scale + model.centre, states.shape[-1:])
        return states, language

    def train_discriminator(self, states: Tensor, language: Tensor) -> dict[str, float]:
        """Inner updates; every language weighs the same, however many sentences it has in the batch."""
        counts = torch.bincount(language, minlength=len(self.languages) + 1).clamp_min(1)
        weight = counts.sum() / (len(counts) * counts.float())
        with torch.no_grad():
            right = (self.discriminator(states).argmax(-1) == language).float()
        for _ in range(self.settings.discriminator_steps):
            loss = nn.functional.cross_entropy(self.discriminator(states), language, weight=weight)
            self.optimiser.zero_grad()
            with torch.enable_grad():
                loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
        return {
            "discriminator_loss": float(loss.detach()),
            "discriminator_accuracy": 100.0 * float((right * weight[language]).sum() / weight[language].sum()),
        }

    def frozen_discriminator(self, states: Tensor) -> Tensor:
        """The discriminator's logits, with gradient to the states alone."""
        modules: list[Any] = list(self.discriminator)
        first, activation, last = modules
        hidden = activation(nn.functional.linear(states, first.weight.detach(), first.bias.detach()))
        return nn.functional.linear(hidden, last.weight.detach(), last.bias.detach())

    def perturbed_task(self, model: NLIModel, step: Step) -> Loss:
        """Weighted mean of the clean and the worst-case loss; one extra forward and backward pass.

        The clean part's gradients are accumulated here; the returned loss is the worst-case part.
        """
        batch, settings = step.nli, self.settings
        entered: list[Tensor] = []

        def keep(states: Tensor) -> Tensor:
            entered.append(states.detach().requires_grad_(True))
            return entered[0]

        seed = step.generator.initial_seed()
        share = settings.perturbation_weight
        clean, kl, logits = model.task_loss(batch, step.generator, keep)
        # One backward pass serves the weights and the ascent direction (FreeLB's accumulation).
        clean_total = (1 - share) * clean + model.config.kl_weight * kl
        clean_total.backward()  # type: ignore[no-untyped-call]
        gradient = entered[0].grad
        assert gradient is not None
        norm = gradient.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        limit = settings.radius * entered[0].detach().norm(dim=-1, keepdim=True)
        own = (batch.premise | batch.hypothesis)[..., None]
        shift = settings.step_size * limit * gradient / norm * own
        # The same posterior noise in both passes, so that only the perturbation differs.
        again = torch.Generator().manual_seed(seed)
        reached = dataclasses.replace(batch, frozen=entered[0].detach())
        worst, _, _ = model.task_loss(reached, again, lambda states: states + shift)
        step.count(batch.tokens)
        step.count(batch.tokens)
        right = (logits.detach().argmax(-1) == batch.label).float().mean()
        logged = {
            "task_loss": float(clean.detach()),
            "perturbed_loss": float(worst.detach()),
            "kl": float(kl.detach()),
            "train_accuracy": 100.0 * float(right),
        }
        return Loss(share * worst, logged)

    def extra_state(self) -> dict[str, Tensor]:
        return optimiser_state(self.optimiser)

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        load_optimiser_state(self.optimiser, state)


def labelled_states(model: NLIModel, bitext: BitextBatch, english: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Standardised mean states [2S, d] of states [B, n, d], and their language [2S] (0 is English)."""
    states = torch.cat([bitext.english.means(english), bitext.target.means(target)])
    own = bitext.sentence_language
    language = torch.cat([torch.zeros_like(own), own + 1])
    return (states - model.centre) / model.scale, language


def labelled_tokens(bitext: BitextBatch, english: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Each own token's state, to mean 0 and variance 1 over its dimensions: [N, d], and its language [N]."""
    own = bitext.english.own, bitext.target.own
    states = torch.cat([english[own[0]], target[own[1]]])
    language = torch.cat([torch.zeros(int(own[0].sum()), dtype=torch.long),
                          (bitext.language + 1).repeat_interleave(own[1].sum(1))])  # fmt: skip
    return torch.nn.functional.layer_norm(states, states.shape[-1:]), language
