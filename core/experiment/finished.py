"""Finished runs on disk: found without loading anything that trains."""

from __future__ import annotations

import json
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
