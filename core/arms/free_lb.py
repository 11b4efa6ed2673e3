"""FreeLB's perturbations: a few steps uphill from a random start, in a ball around the whole sequence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

#: Set apart from the generators of the task loss and of other arms.
SALT = 0xF1EE


@dataclass(frozen=True)
class Ascent:
    """The perturbations d_0, d_1, ... of algorithm 1 of FreeLB (Zhu et al., ICLR 2020, arXiv 1909.11764).

    The ball's radius is `radius` times the Frobenius norm of the sequence's own states, a step is `step_size` times
    the ball's radius, and the start is drawn with `start` times it; `own` [B, n, 1] is 1 on the tokens that may move.
    """

    own: Tensor
    radius: float
    step_size: float
    start: float
    generator: torch.Generator

    def first(self, states: Tensor) -> Tensor:
        return random_start(self.own.expand_as(states), self.start * self.limit(states), self.generator)

    def after(self, states: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        limit = self.limit(states)
        return ascend(delta, gradient * self.own, self.step_size * limit, limit)

    def limit(self, states: Tensor) -> Tensor:
        """The radius of each sequence's ball, [B, 1, 1]."""
        return self.radius * frobenius(states * self.own)


def frobenius(values: Tensor) -> Tensor:
    """The norm of each row's whole matrix: [B, n, d] to [B, 1, 1]."""
    norm: Tensor = values.flatten(1).norm(dim=1)[:, None, None]
    return norm


def random_start(own: Tensor, limit: Tensor, generator: torch.Generator) -> Tensor:
    """U(-1, 1) times `limit` over the root of the number of a sequence's free values, so that no start lies outside
    the ball of radius `limit` [B, 1, 1]; own [B, n, d] is 1 on the free values, else 0."""
    drawn = (2.0 * torch.rand(own.shape, generator=generator) - 1.0).to(own.device)
    start: Tensor = drawn * own * limit / own.flatten(1).sum(1).clamp_min(1.0).sqrt()[:, None, None]
    return start


def ascend(delta: Tensor, gradient: Tensor, length: Tensor, limit: Tensor) -> Tensor:
    """One step of `length` along a sequence's whole gradient, then back onto the ball of radius `limit` if outside.

    delta and gradient [B, n, d]; length and limit [B, 1, 1].
    """
    moved = delta + length * gradient / frobenius(gradient).clamp_min(1e-12)
    norm = frobenius(moved)
    return torch.where(norm > limit, moved * limit / norm.clamp_min(1e-12), moved)
