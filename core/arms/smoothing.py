"""Randomised smoothing: the task under random perturbations instead of worst-case ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.arms.base import Arm, Loss, Step
from core.arms.perturbation import averaged_task, own_tokens
from core.errors import BadInput
from core.model.nli import NLIModel

#: Set apart from the generators of the task loss and of other arms.
SALT = 0x5A00


@dataclass(frozen=True)
class SmoothingSettings:
    """`draws` random perturbations an update, each token's by at most `radius` times its state's norm."""

    draws: int = 3
    radius: float = 0.1


class Smoothing(Arm):
    """English pairs under random perturbations of their token states: does a classifier that withstands noise also
    withstand another language? It reads no bitext.

    loss = E_d CE(f(e + d), y) + beta KL, each d_i uniform in a ball around the state e_i. Inspired by randomised
    smoothing for cross-lingual transfer (Huang et al., EMNLP 2021, arXiv 2104.08645), whose random perturbations of
    word embeddings this is. That paper's best form, and the only one in its public code, draws three copies of every
    pair with each word replaced by one of its counter-fitted synonyms; those lists are not part of this project, so
    that form is reduced to the noise, with as many draws. Other deviations: the noise enters at the first trained layer
    and scales with the state's norm, and prediction is plain, as in that code.
    """

    name = "smoothing"
    settings_type = SmoothingSettings
    settings: SmoothingSettings

    def loss(self, model: NLIModel, step: Step) -> Loss:
        if self.settings.draws < 1:
            raise BadInput(f"Smoothing needs at least one draw an update, not {self.settings.draws}.")
        noise = torch.Generator().manual_seed(step.generator.initial_seed() ^ SALT)
        return averaged_task(model, step, self.settings.draws, _Draws(own_tokens(step), self.settings.radius, noise))


@dataclass(frozen=True)
class _Draws:
    """A fresh random perturbation for every pass."""

    own: Tensor
    radius: float
    generator: torch.Generator

    def first(self, states: Tensor) -> Tensor:
        limit = self.radius * states.norm(dim=-1, keepdim=True)
        drawn: Tensor = within_ball(states, self.generator) * limit * self.own
        return drawn

    def after(self, states: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        return self.first(states)


def within_ball(like: Tensor, generator: torch.Generator) -> Tensor:
    """Points drawn uniformly from the unit ball of the last dimension, [..., d]: a normal direction, and a length
    whose d-th power is uniform."""
    normal = torch.randn(like.shape, generator=generator)
    length = torch.rand((*like.shape[:-1], 1), generator=generator).pow(1.0 / like.shape[-1])
    point: Tensor = normal / normal.norm(dim=-1, keepdim=True).clamp_min(1e-12) * length
    return point.to(like.device)
