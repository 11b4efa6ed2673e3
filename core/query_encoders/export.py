"""The finished experiment as a folder that ships with the project: numbers by ids, no text, weights of one seed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.errors import MissingData
from core.files import atomic_folder
from core.query_encoders.results import QUERIES, WEIGHTS, finished_runs
from core.query_encoders.tasks import ROWS
from core.workspace import Workspace

#: Of run.json, what says nothing of the machine it was made on.
_LEFT_OUT = ("machine",)
_SETTINGS = "model.json"


def export_runs(workspace: Workspace, out: Path) -> list[str]:
    """Pack the runs of the newest group into `out`; their identities. Runs that are there are replaced.

    Weights go along for seed 0 alone: enough to search with each arm. Raises `MissingData` if no run is finished.
    """
    found = [one for one in finished_runs(workspace.home / "retrieval") if (one[0] / QUERIES).exists()]
    if not found:
        raise MissingData("No run of the retrieval experiment is finished; make them with retrieval-experiment.")
    newest = max(found, key=lambda one: str(one[1]["created"]))[1]["group"]
    packed = []
    for folder, told in found:
        if told["group"] == newest:
            _pack(folder, told, out)
            packed.append(folder.name)
    return packed


def _pack(folder: Path, told: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with atomic_folder(out / folder.name) as draft:
        # Only the known columns: ids, ranks and precisions.
        table = pq.read_table(folder / QUERIES, columns=ROWS.names).cast(ROWS)
        pq.write_table(table, draft / QUERIES, compression="zstd", compression_level=19)
        described = {name: value for name, value in told.items() if name not in _LEFT_OUT}
        (draft / "run.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
        if told["seed"] == 0 and (folder / WEIGHTS).exists():
            for name in (WEIGHTS, _SETTINGS):
                shutil.copyfile(folder / name, draft / name)
