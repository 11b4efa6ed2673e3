"""Runs: what was trained and how. Which of them may be compared, `store.results.groups` decides."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from core.errors import BadInput, MissingData
from core.workspace import Workspace
from store.results.query import fetch

_COLUMNS = """run_id, arm, seed, preset, encoder, encoder_sha256, data_kind, warm_start, comparable, group_id,
    created, seconds, updates, tokens_forward, tokens_backward, nli_pairs, bitext_pairs, took, took_sentence,
    config"""


def list_runs(workspace: Workspace) -> pd.DataFrame:
    """Every run, oldest first, one a row; `created` is UTC, `took` may be NA, `config` is JSON text.

    Runs may be compared when their `group_id` is equal: it is a short hash of `comparable`, the text in which
    training names encoder, data and budget.
    """
    table = fetch(workspace, f"SELECT {_COLUMNS} FROM runs ORDER BY created, run_id")
    return table.astype({"took": "boolean"})


def get_run(workspace: Workspace, run_id: str) -> dict[str, Any]:
    """The run's whole run.json, with `group_id` added. Raises `BadInput` if there is no such run."""
    found = fetch(workspace, "SELECT record, group_id FROM runs WHERE run_id = ?", [run_id])
    if found.empty:
        raise BadInput(
            f"There is no run {run_id[:40]!r} in {workspace.results}; "
            "import its folder with `python -m core import`, or list the runs there are."
        )
    record: dict[str, Any] = json.loads(found["record"].iloc[0])
    return record | {"group_id": found["group_id"].iloc[0]}


def newest_run(workspace: Workspace, arm: str, run_id: str | None = None) -> pd.Series[Any]:
    """The row of `list_runs` of the run `run_id`, else of the newest run of `arm` with seed 0.

    Raises `MissingData` if there is none.
    """
    runs = list_runs(workspace)
    known = runs[runs["run_id"] == run_id] if run_id else runs[(runs["arm"] == arm) & (runs["seed"] == 0)]
    if known.empty:
        what = run_id[:40] if run_id else f"of {arm[:40]}"
        raise MissingData(f"There is no run {what} in the store; make one with `python -m core run --preset quick`.")
    return known.sort_values("created", kind="stable").iloc[-1]


def list_imports(workspace: Workspace) -> pd.DataFrame:
    """What was imported: run_id, file, sha256 of its content, items, folder, imported (UTC)."""
    return fetch(
        workspace,
        "SELECT run_id, file, sha256, items, folder, imported FROM imports ORDER BY imported, run_id, file",
    )
