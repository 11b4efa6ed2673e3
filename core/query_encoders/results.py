"""Finished query encoders on disk: found without loading anything that trains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import BadInput, MissingData
from core.shipped import retrieval_folder
from core.strict_json import read_json
from core.workspace import Workspace

QUERIES, WEIGHTS = "queries.parquet", "adapter.safetensors"


def finished_runs(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Folders of finished runs without trials, with their descriptions, by arm and seed; unreadable ones are passed."""
    found = []
    for path in sorted(folder.glob("*/run.json")):
        if path.parent.name.startswith("."):
            continue
        try:
            told = read_json(path, "make the run again")
            key = (str(told["arm"]), int(told["seed"]))
        except (BadInput, ValueError, KeyError, TypeError, OverflowError):
            continue
        if not told.get("trial"):
            found.append((key, path.parent, told))
    return [(path, told) for _, path, told in sorted(found, key=lambda one: (one[0], str(one[1])))]


def _folders(workspace: Workspace) -> list[Path]:
    """The workspace's own query encoders, then those that ship with the project."""
    shipped = retrieval_folder()
    return [workspace.home / "retrieval", *([shipped] if shipped else [])]


def experiment_runs(workspace: Workspace) -> list[tuple[Path, dict[str, Any]]]:
    """The runs of one group that may be compared: the workspace's newest, else those that ship with the project."""
    for folder in _folders(workspace):
        here = [one for one in finished_runs(folder) if (one[0] / QUERIES).exists()]
        if here:
            newest = max(here, key=lambda one: str(one[1].get("created", "")))[1].get("group")
            return [one for one in here if one[1].get("group") == newest]
    return []


def query_table(runs: list[tuple[Path, dict[str, Any]]]) -> pd.DataFrame:
    """Every query of every run: arm, seed and the columns of `core.query_encoders.tasks.ROWS`.

    Raises `BadInput` naming a run whose table cannot be read.
    """
    tables = []
    for folder, told in runs:
        try:
            table = pd.read_parquet(folder / QUERIES)
            missing = {"task", "language", "query_id", "average_precision", "rank", "own_language"} - set(table)
            if missing:
                raise ValueError(f"no column {sorted(missing)[0]}")
        except (OSError, ValueError) as error:
            raise BadInput(f"The results of {folder.name} cannot be read ({error}); make the run again.") from error
        tables.append(table.assign(arm=told["arm"], seed=int(told["seed"])))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def find_query_encoder(workspace: Workspace, arm: str, seed: int = 0) -> Path:
    """The newest query encoder of an arm that has its weights, the workspace's own before one that was shipped.

    Raises `MissingData` if there is none.
    """
    arms: dict[str, None] = {}
    for folder in _folders(workspace):
        here = [one for one in finished_runs(folder) if (one[0] / WEIGHTS).exists()]
        arms |= dict.fromkeys(told["arm"] for _, told in here)
        own = [(told["created"], path) for path, told in here if told["arm"] == arm and told["seed"] == seed]
        if own:
            return max(own)[1]
    known = f"there are {', '.join(arms)}" if arms else "make them with `python -m core retrieval-experiment`"
    raise MissingData(f"There is no query encoder of {arm[:40]!r}; {known}.")
