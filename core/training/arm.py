"""Training an arm of the NLI model: its batches, the random numbers of an update, and what a checkpoint holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch

from core.arms.base import Arm, Step
from core.config import TrainingConfig
from core.errors import Cancelled
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, PairBatch
from core.model.optimiser import build_optimiser, load_optimiser_state, optimiser_state
from core.progress import Progress, silent
from core.training.loop import TrainingState, UpdateLoss, reporting, train

#: An update's batches, made when they are needed.
NextBatch = Callable[[int], tuple[PairBatch, BitextBatch | None]]


def train_arm(
    model: NLIModel,
    arm: Arm,
    batches: NextBatch,
    config: TrainingConfig,
    seed: int,
    state: TrainingState,
    *,
    save: Callable[[TrainingState], None] = lambda state: None,
    save_every: int = 50,
    progress: Progress = silent,
) -> TrainingState:
    """Train `model` in place by `arm`'s loss for `config.updates` updates, going on from `state`.

    Every update's randomness comes from (seed, update) alone, so that a run resumed from a checkpoint gives the
    numbers of an uninterrupted one. `save` is called every `save_every` updates with what a checkpoint must hold, and
    where `progress` asks for a stop.
    """
    optimiser = build_optimiser(model, config)
    if state.update:
        restore(model, arm, optimiser, state)

    def loss_of(update: int) -> UpdateLoss:
        nli, bitext = batches(update)
        nli, bitext = nli.to(model.device), bitext.to(model.device) if bitext else None
        step = Step(nli, bitext, update / config.updates, update_generator(seed, update))
        loss = arm.loss(model, step)
        return UpdateLoss(loss.total, loss.logged, step.forward, step.backward)

    def checkpoint(state: TrainingState, logged: dict[str, float]) -> None:
        if state.update % save_every == 0 and state.update < config.updates:
            state.tensors = snapshot(model, arm, optimiser)
            save(state)

    callbacks = [reporting(progress, config.updates, "task_loss"), checkpoint]
    try:
        return train(model, optimiser, loss_of, config, state, callbacks)
    except Cancelled:  # by progress, between two updates
        if state.update < config.updates:
            state.tensors = snapshot(model, arm, optimiser)
            save(state)
        raise


def update_generator(seed: int, update: int) -> torch.Generator:
    """The random numbers of one update: a function of seed and update."""
    digest = hashlib.sha256(f"{seed}/{update}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def snapshot(model: NLIModel, arm: Arm, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Copies of all that training changes, by `group/name`."""
    groups = {
        "model": {name: p.detach() for name, p in model.named_parameters() if p.requires_grad},
        "arm": {name: p.detach() for name, p in arm.named_parameters()},
        "extra": arm.extra_state(),
        "optimiser": optimiser_state(optimiser),
    }
    return {
        f"{group}/{name}": t.detach().to("cpu", copy=True)
        for group, tensors in groups.items()
        for name, t in tensors.items()
    }


@torch.no_grad()
def restore(model: NLIModel, arm: Arm, optimiser: torch.optim.Optimizer, state: TrainingState) -> None:
    """Put back what `snapshot` gave."""
    groups: dict[str, dict[str, torch.Tensor]] = {"model": {}, "arm": {}, "extra": {}, "optimiser": {}}
    for key, tensor in state.tensors.items():
        group, name = key.split("/", 1)
        groups[group][name] = tensor
    for module, saved in ((model, groups["model"]), (arm, groups["arm"])):
        for name, parameter in module.named_parameters():
            if name in saved:
                parameter.copy_(saved[name])
    arm.load_extra_state(groups["extra"])
    load_optimiser_state(optimiser, groups["optimiser"])
