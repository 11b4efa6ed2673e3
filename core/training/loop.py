"""The training loop: reads top to bottom; losses, batches, logging and checkpoints stand outside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.config import TrainingConfig
from core.model.optimiser import set_rate
from core.progress import Progress


@dataclass
class TrainingState:
    """All that a stopped training needs to go on: updates done, tensors, counts, and the curves so far."""

    update: int = 0
    forward: int = 0
    backward: int = 0
    seconds: float = 0.0
    curves: list[tuple[int, str, float]] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateLoss:
    """One update's differentiable total, the numbers to log of it, and the real tokens that it passed `forward` and
    `backward`."""

    total: Tensor
    logged: dict[str, float]
    forward: int
    backward: int


#: The loss of an update, by its number.
LossOf = Callable[[int], UpdateLoss]
#: Called after every update with the state, which it may change, and what the update logged. It may raise `Cancelled`.
Callback = Callable[[TrainingState, dict[str, float]], None]


def train(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss_of: LossOf,
    config: TrainingConfig,
    state: TrainingState,
    callbacks: Sequence[Callback] = (),
) -> TrainingState:
    """Train `model` in place for `config.updates` updates, going on after the `state.update` that are done.

    Gradients are cleared before `loss_of` is called, so that a loss may add some of its own by an inner backward pass.
    Every value logged, and `gradient_norm` after it, becomes a row of `state.curves`. Raises `FloatingPointError`,
    naming the update, where the gradient is not finite.
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    # Evaluation mode also in training: the encoder's dropout would draw from a random stream that no checkpoint
    # holds, and would set student and teacher apart before either has moved.
    model.eval()
    while state.update < config.updates:
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(state.update)
        loss.total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(trained, config.clip)
        if not bool(torch.isfinite(norm)):
            raise FloatingPointError(f"the gradient of update {state.update} is not finite")
        set_rate(optimiser, config, state.update)
        optimiser.step()
        logged = loss.logged | {"gradient_norm": float(norm)}
        state.curves += [(state.update, name, value) for name, value in logged.items()]
        state.update += 1
        state.forward += loss.forward
        state.backward += loss.backward
        for callback in callbacks:
            callback(state, logged)
    return state


def reporting(progress: Progress, updates: int, shown: str) -> Callback:
    """A callback that passes progress on, with the logged value called `shown`."""

    def report(state: TrainingState, logged: dict[str, float]) -> None:
        progress(state.update, updates, f"loss {logged[shown]:.3f}")

    return report
