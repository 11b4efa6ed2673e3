"""Where the runs of a study are: finished, under way, begun and stopped, or still to be made; and how long it takes."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open

from core.config import RunConfig
from core.experiment.finished import find_finished
from core.experiment.studies.seal import read_records
from core.workspace import Workspace


@dataclass(frozen=True)
class RunState:
    """`state`: "finished", "under way" (a process is at it), "begun" (one was), "to be made". `updates` are those that
    the last checkpoint holds; `trained` says that training is over; `languages_read` counts whole predictions."""

    config: RunConfig
    state: str
    updates: int = 0
    trained: bool = False
    languages_read: int = 0


@dataclass(frozen=True)
class Left:
    """Minutes of runs left, whatever runs beside them, and the number of finished runs that they rest on."""

    minutes: float
    runs: int


def run_states(planned: Sequence[RunConfig], workspace: Workspace) -> list[RunState]:
    """The state of every planned run, in their order."""
    states = []
    for config in planned:
        folder = workspace.runs / f".tmp-{config.run_id}"
        if find_finished(workspace, config.run_id):
            states.append(RunState(config, "finished", config.training.updates, True))
        elif not folder.is_dir():
            states.append(RunState(config, "to be made"))
        else:
            state = "under way" if _is_held(workspace, config.run_id) else "begun"
            trained = (folder / "training.json").is_file()
            updates = config.training.updates if trained else _updates(folder / "checkpoint.safetensors")
            read = len(list((folder / "predictions").glob("*.parquet")))
            states.append(RunState(config, state, updates, trained, read))
    return states


def minutes_left(states: Sequence[RunState], workspace: Workspace) -> Left | None:
    """How long the runs that are not finished take one after another, by the study's runs that this machine has
    finished: of the same arm, else the mean of all arms. None where there is none."""
    finished = {state.config.run_id: state.config for state in states if state.state == "finished"}
    minutes: dict[str, list[float]] = {}
    for record in read_records(workspace.runs):
        config = finished.get(str(record.get("run_id")))
        if config is not None and _is_here(record):
            minutes.setdefault(config.name, []).append(float(record["seconds"]) / 60.0)
    if not minutes:
        return None
    means = {name: sum(values) / len(values) for name, values in minutes.items()}
    overall = sum(means.values()) / len(means)
    left = 0.0
    for state in states:
        if state.state != "finished":
            share = 0.0 if state.trained else state.updates / state.config.training.updates
            left += means.get(state.config.name, overall) * (1.0 - share)
    return Left(left, sum(map(len, minutes.values())))


def _is_here(record: dict[str, Any]) -> bool:
    """Whether a run was made on a machine like this, and trained rather than given its weights."""
    machine = record.get("machine")
    here = (platform.processor() or platform.machine(), os.cpu_count())
    return (
        isinstance(machine, dict)
        and (machine.get("processor"), machine.get("cores")) == here
        and isinstance(record.get("seconds"), (int, float))
        and not record.get("weights_from")
    )


def _is_held(workspace: Workspace, run_id: str) -> bool:
    """Whether a process is at the run: it holds the run's lock."""
    lock = FileLock(workspace.runs / f".{run_id}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _updates(checkpoint: Path) -> int:
    """Updates that a checkpoint holds, read from its head; 0 where there is none."""
    try:
        with safe_open(checkpoint, framework="np") as file:
            return int(json.loads((file.metadata() or {})["state"])["update"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return 0
