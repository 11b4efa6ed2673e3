"""Several runs of a study at once: a process each, a warm start before the arms that begin from it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.cli.common import tell
from core.errors import Cancelled, IsoglossError
from core.workspace import CHECKOUT

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.workspace import Workspace

#: Seconds between two looks at the processes.
_LOOK = 0.2


def make_in_processes(
    planned: Sequence[RunConfig], workspace: Workspace, workers: int, common: Sequence[str], paused: Callable[[], bool]
) -> None:
    """Make what is not there of `planned`, `workers` at a time, by processes of `python -m core` with the arguments
    `common` and the run's arm and seed.

    A run waits for the one that it begins from. One that fails keeps no other out, but those that begin from it.
    Raises `Cancelled` once all have stopped after `paused()`, `IsoglossError` that names the runs that failed.
    """
    from core.experiment.finished import find_finished

    waiting = [config for config in planned if not find_finished(workspace, config.run_id)]
    running: dict[str, tuple[RunConfig, subprocess.Popen[bytes], IO[bytes]]] = {}
    failed: dict[str, str] = {}
    whole, done = len(waiting), 0
    try:
        while running or waiting:
            for run_id, (config, process, log) in list(running.items()):
                if process.poll() is None:
                    continue
                del running[run_id]
                log.close()
                done += 1
                if find_finished(workspace, run_id):
                    _log(workspace, run_id).unlink(missing_ok=True)
                    tell(f"{config.name} seed {config.seed} is in ({done}/{whole})")
                elif not paused():
                    failed[run_id] = f"{config.name} seed {config.seed} ({_last_line(_log(workspace, run_id))})"
                    tell(f"Failed: {failed[run_id]}")
            if paused():
                waiting = []
            blocked = failed.keys() | {config.run_id for config in waiting} | running.keys()
            waiting = [config for config in waiting if config.warm_start not in failed or _give_up(config, failed)]
            for config in [one for one in waiting if one.warm_start not in blocked][: workers - len(running)]:
                waiting.remove(config)
                running[config.run_id] = (config, *_start(config, workspace, common))
                tell(f"{config.name} seed {config.seed} begins")
            time.sleep(_LOOK)
    finally:
        for _, process, log in running.values():
            process.terminate()
            process.wait()
            log.close()
    if paused():
        raise Cancelled("Paused. `python -m core study run` goes on where this ended.")
    if failed:
        raise IsoglossError(f"Failed: {'; '.join(failed.values())}. The same command goes on from there.")


def _give_up(config: RunConfig, failed: dict[str, str]) -> bool:
    """Note that a run cannot be made, what it begins from having failed; False, so that it is waited for no longer."""
    failed[config.run_id] = f"{config.name} seed {config.seed} (what it begins from failed)"
    return False


def _start(config: RunConfig, workspace: Workspace, common: Sequence[str]) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    log = _log(workspace, config.run_id).open("wb")
    command = [sys.executable, "-m", "core", *common, "--arm", config.name, "--seed", str(config.seed), "--json"]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=log), log


def _log(workspace: Workspace, run_id: str) -> Path:
    """What the process of a run says while it lasts, and after it failed."""
    return workspace.runs / f".log-{run_id}.txt"


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").split("\n")
    except OSError:
        lines = []
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it was stopped")
