"""Worst-case perturbations of the English pairs' token states, where they enter the first trained layer."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import torch
from torch import Tensor

from core.arms.base import Loss, Step
from core.model.nli import NLIModel


def one_step_task(model: NLIModel, step: Step, share: float, radius: float, step_size: float) -> Loss:
    """Weighted mean of the clean and the worst-case loss, `share` being the worst case's; one extra pass.

    The gradient of the clean pass gives the perturbation: of each token's state, `step_size` times `radius` times that
    state's norm along it. The clean part's gradients are accumulated here; the returned loss is the worst-case part.
    """
    batch = step.nli
    entered: list[Tensor] = []

    def keep(states: Tensor) -> Tensor:
        entered.append(states.detach().requires_grad_(True))
        return entered[0]

    seed = step.generator.initial_seed()
    clean, kl, logits = model.task_loss(batch, step.generator, keep)
    # One backward pass serves the weights and the ascent direction (FreeLB's accumulation).
    clean_total = (1 - share) * clean + model.config.kl_weight * kl
    clean_total.backward()  # type: ignore[no-untyped-call]
    gradient = entered[0].grad
    assert gradient is not None
    norm = gradient.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    limit = radius * entered[0].detach().norm(dim=-1, keepdim=True)
    shift = step_size * limit * gradient / norm * own_tokens(step)
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


class Moves(Protocol):
    """Where the perturbations of one update come from; `states` [B, n, d] are those that they are added to."""

    def first(self, states: Tensor) -> Tensor:
        """The perturbation of the first pass, [B, n, d]."""
        ...

    def after(self, states: Tensor, delta: Tensor, gradient: Tensor) -> Tensor:
        """That of the next pass, from the last one's `delta` and the gradient of its loss with respect to it."""
        ...


def averaged_task(model: NLIModel, step: Step, passes: int, moves: Moves) -> Loss:
    """The mean loss over `passes` perturbations, one pass each; none is clean.

    All passes have the same posterior noise, as FreeLB's have the same dropout. The gradients of all but the last are
    accumulated here; the last one's loss is returned. Logged are `task_loss`, of the first pass, and `perturbed_loss`,
    of the last.
    """
    seed, batch = step.generator.initial_seed(), step.nli
    given: Tensor | None = None
    entered: list[Tensor] = []

    def perturb(states: Tensor) -> Tensor:
        plain = states.detach()
        delta = (moves.first(plain) if given is None else given).detach().requires_grad_(True)
        entered[:] = plain, delta
        return states + delta

    logged: dict[str, float] = {}
    for turn in range(passes):
        generator = step.generator if turn == 0 else torch.Generator().manual_seed(seed)
        cross_entropy, kl, logits = model.task_loss(batch, generator, perturb)
        step.count(batch.tokens)
        logged["perturbed_loss"] = float(cross_entropy.detach())
        if turn == 0:
            right = (logits.detach().argmax(-1) == batch.label).float().mean()
            logged |= {"task_loss": float(cross_entropy.detach()), "kl": float(kl.detach())}
            logged["train_accuracy"] = 100.0 * float(right)
        total = (cross_entropy + model.config.kl_weight * kl) / passes
        if turn < passes - 1:
            total.backward()  # type: ignore[no-untyped-call]
            plain, delta = entered
            assert delta.grad is not None
            given = moves.after(plain, delta.detach(), delta.grad)
            # The layers below are frozen: what they gave need not be computed again.
            batch = dataclasses.replace(batch, frozen=plain)
    return Loss(total, logged)


def own_tokens(step: Step) -> Tensor:
    """1 on the tokens of premise and hypothesis, 0 on special tokens and padding: [B, n, 1]."""
    return (step.nli.premise | step.nli.hypothesis)[..., None].float()
