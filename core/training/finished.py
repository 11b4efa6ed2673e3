"""Finished runs on disk: found without loading anything that trains."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.workspace import Workspace


@dataclass(frozen=True)
class Finished:
    """A finished run: its folder, and whether it was already there."""

    folder: Path
    cached: bool

    def describe(self) -> dict[str, Any]:
        """The content of run.json."""
        described: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return described


def find_finished(workspace: Workspace, run_id: str) -> Finished | None:
    """The run's folder if it is finished."""
    folder = workspace.run(run_id)
    return Finished(folder, True) if (folder / "run.json").exists() else None


def adopt_finished(workspace: Workspace, folder: Path | None) -> int:
    """Copy the finished runs in `folder` that the workspace has not; how many were copied.

    The project ships the reference runs' warm start, so that another arm can begin where they did.
    """
    copied = 0
    for source in sorted(folder.glob("*/run.json")) if folder else []:
        target = workspace.run(source.parent.name)
        if not target.exists():
            draft = workspace.runs / f".copy-{source.parent.name}-{os.getpid()}"
            shutil.copytree(source.parent, draft, dirs_exist_ok=True)
            try:
                os.replace(draft, target)
                copied += 1
            except OSError:
                shutil.rmtree(draft)  # another process was first
    return copied
