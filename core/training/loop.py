"""The training loop: reads top to bottom; arms, batches, logging and checkpoints stand outside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from core.arms.base import Arm, Step
from core.config import TrainingConfig
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, PairBatch
from core.model.optimiser import build_optimiser, load_optimiser_state, optimiser_state, set_rate
from core.progress import Progress, silent

#: An update's batches, made when they are needed.
NextBatch = Callable[[int], tuple[PairBatch, BitextBatch | None]]


@dataclass
class TrainingState:
    """All that a stopped training needs to go on: updates done, tensors, counts, and the curves so far."""

    update: int = 0
    forward: int = 0
    backward: int = 0
    seconds: float = 0.0
    curves: list[tuple[int, str, float]] = field(default_factory=list)
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)


def train(
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
    """Train `model` in place for `config.updates` updates, going on from `state`.

    Every update's randomness comes from (seed, update) alone, so that a run resumed from a checkpoint gives the
    numbers of an uninterrupted one. `save` is called every `save_every` updates with what a checkpoint must hold.
    """
    optimiser = build_optimiser(model, config)
    trained = [p for p in model.parameters() if p.requires_grad]
    if state.update:
        _restore(model, arm, optimiser, state)
    # Evaluation mode also in training: the encoder's dropout would draw from a random stream that no checkpoint
    # holds, and would set student and teacher apart before either has moved. Sampled posteriors are the noise.
    model.eval()
    while state.update < config.updates:
        nli, bitext = batches(state.update)
        step = Step(nli, bitext, state.update / config.updates, update_generator(seed, state.update))
        optimiser.zero_grad(set_to_none=True)
        loss = arm.loss(model, step)
        loss.total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(trained, config.clip)
        if not bool(torch.isfinite(norm)):
            raise FloatingPointError(f"the gradient of update {state.update} is not finite")
        set_rate(optimiser, config, state.update)
        optimiser.step()
        state.curves += [(state.update, name, value) for name, value in loss.logged.items()]
        state.curves.append((state.update, "gradient_norm", float(norm)))
        state.update += 1
        state.forward += step.forward
        state.backward += step.backward
        progress(state.update, config.updates, f"loss {loss.logged['task_loss']:.3f}")
        if state.update % save_every == 0 and state.update < config.updates:
            state.tensors = _snapshot(model, arm, optimiser)
            save(state)
    return state


def update_generator(seed: int, update: int) -> torch.Generator:
    """The random numbers of one update: a function of seed and update."""
    digest = hashlib.sha256(f"{seed}/{update}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def _snapshot(model: NLIModel, arm: Arm, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    groups = {
        "model": {name: p.detach() for name, p in model.named_parameters() if p.requires_grad},
        "arm": {name: p.detach() for name, p in arm.named_parameters()},
        "extra": arm.extra_state(),
        "optimiser": optimiser_state(optimiser),
    }
    return {f"{group}/{name}": t.clone() for group, tensors in groups.items() for name, t in tensors.items()}


@torch.no_grad()
def _restore(
    model: NLIModel,
    arm: Arm,
    optimiser: torch.optim.Optimizer,
    state: TrainingState,
) -> None:
    groups: dict[str, dict[str, torch.Tensor]] = {"model": {}, "arm": {}, "extra": {}, "optimiser": {}}
    for key, tensor in state.tensors.items():
        group, name = key.split("/", 1)
        groups[group][name] = tensor
    for module, saved in ((model, groups["model"]), (arm, groups["arm"])):
        parameters: Sequence[tuple[str, torch.nn.Parameter]] = list(module.named_parameters())
        for name, parameter in parameters:
            if name in saved:
                parameter.copy_(saved[name])
    arm.load_extra_state(groups["extra"])
    load_optimiser_state(optimiser, groups["optimiser"])
