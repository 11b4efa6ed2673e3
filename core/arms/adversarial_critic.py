"""A Wasserstein critic in the discriminator's place."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.arms.base import Arm, Loss, Step, ramp
from core.arms.discriminator import Discriminator
from core.arms.language_states import labelled_states
from core.model.nli import NLIModel

#: Set apart from the generators of the task loss and of other arms.
SALT = 0xC217


@dataclass(frozen=True)
class CriticSettings:
    """Strength and form of the critic arm.

    `language_weight` multiplies the distance that the encoder closes; `critic_steps` inner updates of the critic (Adam
    at `critic_rate`) come before each. The critic is kept Lipschitz by clipping its weights to [-`clip`, `clip`], or,
    where `penalty` > 0, by a penalty of that weight on gradients whose norm is not 1.
    """

    language_weight: float = 0.1
    critic_steps: int = 5
    critic_rate: float = 5e-4
    critic_hidden: int = 256
    clip: float = 0.01
    penalty: float = 0.0
    ramp: float = 0.1


class AdversarialCritic(Arm):
    """Language-adversarial training with a Wasserstein critic: sentences of a language are drawn to where English
    sentences lie, without using which belong together.

    loss = CE + beta KL + w max_Q mean over languages l of E_en Q_l(h) - E_l Q_l(h), with Q Lipschitz (ADAN, Chen et
    al., TACL 2018, arXiv 1606.01614, which clips the critic's weights and has one target language; a gradient penalty,
    arXiv 1704.00028, is an option). By Kantorovich-Rubinstein duality that maximum is, up to the Lipschitz constant,
    the optimal-transport distance W1 between English and the language: this adversarial arm is itself transport, of
    whole distributions and in the dual, where the transport arm is transport of tokens and posteriors in the primal.
    """

    name = "adversarial-critic"
    uses_bitext = True
    settings_type = CriticSettings
    judged_by = "language"
    settings: CriticSettings

    def __init__(
        self, settings: CriticSettings, teacher: NLIModel | None, languages: tuple[str, ...], seed: int
    ) -> None:
        super().__init__(settings, teacher, languages, seed)
        assert teacher is not None
        self.critic = Discriminator(
            teacher.centre.shape[0], settings.critic_hidden, len(languages), seed + 104_729, nn.LeakyReLU(0.2)
        ).to(teacher.device)
        self.critic.trained_by(torch.optim.Adam(self.critic.parameters(), lr=settings.critic_rate, betas=(0.5, 0.99)))
        self.keep_lipschitz()

    def loss(self, model: NLIModel, step: Step) -> Loss:
        task = self.task(model, step)
        bitext = step.bitext
        assert bitext is not None
        english, target = (model.last_states(part.ids, part.attention) for part in (bitext.english, bitext.target))
        step.count(bitext.english.tokens + bitext.target.tokens)
        states, language = labelled_states(model, bitext, english, target)
        logged = self.train_critic(states.detach(), language, step.generator.initial_seed() ^ SALT)
        distance = critic_distance(self.critic.fixed(states), language)
        logged["critic_distance"] = float(distance.detach())
        weight = self.settings.language_weight * ramp(step.share, self.settings.ramp)
        return Loss(task.total + weight * distance, task.logged | logged)

    def train_critic(self, states: Tensor, language: Tensor, seed: int) -> dict[str, float]:
        """Inner updates that raise the distance; states [N, d] without gradient, language [N] (0 is English)."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            before = critic_distance(self.critic(states), language)
        for _ in range(self.settings.critic_steps):
            self.critic.learn(lambda: self.critic_loss(states, language, generator))
            self.keep_lipschitz()
        return {"critic_distance_before": float(before)}

    def critic_loss(self, states: Tensor, language: Tensor, generator: torch.Generator) -> Tensor:
        """What the critic minimises: minus the distance, and the penalty where there is one."""
        loss = -critic_distance(self.critic(states), language)
        if self.settings.penalty <= 0:
            return loss
        return loss + self.settings.penalty * self.gradient_penalty(states, language, generator)

    @torch.no_grad()
    def keep_lipschitz(self) -> None:
        """Clip the critic's weights, unless a gradient penalty does the work."""
        if self.settings.penalty <= 0:
            for parameter in self.critic.parameters():
                parameter.clamp_(-self.settings.clip, self.settings.clip)

    def gradient_penalty(self, states: Tensor, language: Tensor, generator: torch.Generator) -> Tensor:
        """Mean (||grad Q_l|| - 1)^2 at random points between a sentence of l and an English one."""
        target = states[language > 0]
        english = states[language == 0]
        partner = english[torch.randint(len(english), (len(target),), generator=generator).to(states.device)]
        mix = torch.rand((len(target), 1), generator=generator).to(states.device)
        between = (mix * target + (1.0 - mix) * partner).requires_grad_(True)
        value = self.critic(between).gather(1, language[language > 0][:, None] - 1).sum()
        (gradient,) = torch.autograd.grad(value, between, create_graph=True)
        penalty: Tensor = (gradient.norm(dim=-1) - 1.0).square().mean()
        return penalty

    def extra_state(self) -> dict[str, Tensor]:
        return self.critic.moments()

    def load_extra_state(self, state: dict[str, Tensor]) -> None:
        self.critic.load_moments(state)


def critic_distance(scores: Tensor, language: Tensor) -> Tensor:
    """Mean over the languages l of the batch of E_en Q_l - E_l Q_l; scores [N, L], language [N] (0 is English)."""
    codes = sorted(set(language.tolist()) - {0})
    english = scores[language == 0].mean(0)
    gaps = [english[code - 1] - scores[language == code, code - 1].mean() for code in codes]
    return torch.stack(gaps).mean()
