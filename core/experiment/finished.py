"""Finished runs on disk, of the NLI model and of the query encoders: found without loading anything that trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.errors import BadInput
from core.experiment.studies.typed import Where, from_table
from core.run_folder.files import COPY_AGAIN
from core.run_folder.tables import RECORD
from core.strict_json import read_json
from core.workspace import Workspace


@dataclass(frozen=True)
class Finished:
    """A finished run: its folder, and whether it was already there."""

    folder: Path
    cached: bool

    def describe(self) -> dict[str, Any]:
        """The content of run.json. Raises `BadInput` if it cannot be read."""
        described = read_json(self.folder / RECORD, COPY_AGAIN)
        if not isinstance(described, dict):
            raise BadInput(f"{self.folder / RECORD} holds no JSON object; {COPY_AGAIN}.")
        return described


def run_config(record: Mapping[str, Any]) -> RunConfig:
    """The configuration in a run.json. Raises `BadInput` if it is not one of this version."""
    return from_table(RunConfig, record.get("config"), Where(RECORD, {}, ("config",)))


def finished_in(folder: Path) -> Finished | None:
    """The run in `folder` if it is finished: its record is written last of all."""
    return Finished(folder, True) if (folder / RECORD).exists() else None


def find_finished(workspace: Workspace, run_id: str) -> Finished | None:
    """The workspace's run of that identity if it is finished."""
    return finished_in(workspace.run(run_id))
