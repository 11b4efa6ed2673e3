"""Checkpoints of an unfinished run: one file, replaced whole, read back to the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.files import atomic_draft
from core.training.loop import TrainingState

NAME = "checkpoint.safetensors"


def save_checkpoint(folder: Path, state: TrainingState) -> None:
    """Write `state`; a kill at any moment leaves the previous checkpoint or the new one."""
    counts = {
        "update": state.update, "forward": state.forward, "backward": state.backward,
        "seconds": state.seconds, "curves": state.curves,
    }  # fmt: skip
    tensors = {name: tensor.contiguous() for name, tensor in state.tensors.items()}
    with atomic_draft(folder / NAME) as draft:
        save_file(tensors, draft, metadata={"state": json.dumps(counts)})


def load_checkpoint(folder: Path) -> TrainingState | None:
    """The checkpoint in `folder`, or None to start afresh (there is none, or it cannot be read)."""
    try:
        with safe_open(folder / NAME, framework="pt") as file:
            counts = json.loads((file.metadata() or {})["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, ValueError, KeyError, SafetensorError):
        return None
    curves = [(int(step), str(name), float(value)) for step, name, value in counts["curves"]]
    return TrainingState(counts["update"], counts["forward"], counts["backward"], counts["seconds"], curves, tensors)
