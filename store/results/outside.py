"""Predictions of another model beside the stored runs: held against their gold, stored as a run of its own, listed.

Such a run is in a group of its own, which no comparison takes (`store.results.groups`): what it says is described, and
no sheet, verdict or family of tests changes with it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.arms.names import ANOTHER_MODEL, OUTSIDE
from core.errors import BadInput, IsoglossError, MissingData
from core.exchange.outside.fitting import NO_MEND, Fit, Mend, fit_predictions, join_gold, mended
from core.exchange.outside.folder import safe_name, write_folder
from core.exchange.outside.reading import Predictions, read_predictions
from core.workspace import Workspace
from store.results.benchmarks import data_kind, stored_benchmark
from store.results.groups import find_group, outside_runs
from store.results.importer import import_run
from store.results.predictions import accuracy, coverage
from store.results.query import among, fetch
from store.results.removal import Removed, remove_run
from store.results.runs import list_runs


@dataclass(frozen=True)
class Checked:
    """A file held against gold: `table` is what would be stored, `fit` how it stands, before and after `mend`.

    `told` are sentences on everything that was read, guessed, left out and is missing. `benchmarks` is what the
    configuration of the runs says of the split.
    """

    source: str
    split: str
    data_kind: str
    benchmarks: tuple[dict[str, Any], ...]
    predictions: Predictions
    mend: Mend
    fit: Fit
    table: pd.DataFrame
    told: tuple[str, ...]


def check_predictions(
    workspace: Workspace, path: Path, split: str = "test", code: str = "", mend: Mend = NO_MEND, source: str = "",
    group: str = "",
) -> Checked:  # fmt: skip
    """Read a file and hold it against the gold labels of the stored runs of `group`, else of the newest.

    `code` is the language of a file that names none, `source` the name of the file where it is not the path's. Raises
    `BadInput` for a file that cannot be used, `MissingData` where no stored run has predictions on the split.
    """
    runs = find_group(workspace, group)
    gold = stored_gold(workspace, list(runs["run_id"]), split)
    if gold.empty:
        known = ", ".join(sorted(set(coverage(workspace, list(runs["run_id"]))["split"]))) or "none"
        raise MissingData(f"No stored run has predictions on {split[:40]!r}; give --split one of theirs: {known}.")
    if len(stored_benchmark(runs, split).labels) != 3:
        raise BadInput(f"{split} has other labels than entailment, neutral and contradiction; bring XNLI's or alike.")
    read = read_predictions(path, code)
    fit = fit_predictions(read.table, gold, mend)
    joined, left = join_gold(mended(read.table, mend), gold)
    done = (f"On request: {mend.sentence}.",) if mend.sentence else ()
    kind = data_kind(runs, split)
    readings = _readings(runs, split)
    return Checked(
        source or path.name, split, kind, readings, read, mend, fit, joined, (*read.told, *done, *fit.told, *left)
    )


def store_predictions(workspace: Workspace, checked: Checked, name: str) -> tuple[str, str]:
    """Store what was checked as a run under `name`; its identifier and the arm's name.

    Raises `BadInput` where the name is empty, or the same predictions are stored already.
    """
    arm = safe_name(name, list(list_runs(workspace)["arm"]))
    folder = write_folder(
        workspace.runs, arm, checked.split, checked.table, checked.data_kind, checked.benchmarks, checked.source,
        checked.mend, checked.predictions.certain,
    )  # fmt: skip
    try:
        import_run(workspace, folder)
    except IsoglossError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder.name, arm


def remove_predictions(workspace: Workspace, name: str) -> Removed:
    """Take another model's predictions out, by name or identifier. Raises `MissingData` if there are none."""
    stored = outside_runs(list_runs(workspace))
    wanted = stored[stored["arm"].isin([name, f"{name} {ANOTHER_MODEL}"]) | (stored["run_id"] == name)]
    if wanted.empty:
        known = ", ".join(stored["arm"]) or "none"
        raise MissingData(f"There are no {OUTSIDE} called {name[:60]!r}; there are: {known}.")
    return remove_run(workspace, str(wanted["run_id"].iloc[0]))


def list_predictions(workspace: Workspace) -> pd.DataFrame:
    """run_id, arm, split, data, languages, items, right (x100), certain, file, created: a row each, oldest first."""
    stored = outside_runs(list_runs(workspace))
    rows = []
    for run in stored.to_dict("records"):
        config = json.loads(run["config"])
        split = str(config["evaluation"]["split"])
        levels = accuracy(workspace, [run["run_id"]], split)
        brought = config.get("predictions") or {}
        rows.append(
            {
                "run_id": run["run_id"], "arm": run["arm"], "split": split, "data": run["data_kind"],
                "languages": len(levels), "items": int(levels["items"].sum()),
                "right": 100.0 * levels["correct"].sum() / max(int(levels["items"].sum()), 1),
                "certain": bool(brought.get("certain")), "file": str(brought.get("file", "")),
                "created": run["created"].isoformat(),
            }
        )  # fmt: skip
    names = ["run_id", "arm", "split", "data", "languages", "items", "right", "certain", "file", "created"]
    return pd.DataFrame(rows, columns=names)


def beside(workspace: Workspace, split: str, kind: str) -> pd.DataFrame:
    """arm, language, items, accuracy (x100) of other models on a split of one kind of data: described, untested."""
    listed = list_predictions(workspace)
    here = listed[(listed["split"] == split) & (listed["data"] == kind)]
    if here.empty:
        return pd.DataFrame(columns=["arm", "language", "items", "accuracy"])
    return accuracy(workspace, list(here["run_id"]), split)[["arm", "language", "items", "accuracy"]]


def stored_gold(workspace: Workspace, run_ids: Sequence[str], split: str) -> pd.DataFrame:
    """language, item_id, gold of the items that the runs were read on."""
    of_runs, runs = among("run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT language, item_id, mode(gold) AS gold FROM predictions WHERE {of_runs} AND split = ?
            GROUP BY language, item_id ORDER BY language, item_id""",
        [*runs, split],
    )


def _readings(runs: pd.DataFrame, split: str) -> tuple[dict[str, Any], ...]:
    """What the runs' configurations say of the benchmark behind a split."""
    for config in runs["config"]:
        for one in (json.loads(config).get("evaluation") or {}).get("benchmarks") or []:
            if isinstance(one, dict) and split in (one.get("split"), f"{one.get('name')}.{one.get('split')}"):
                return (one,)
    return ()
