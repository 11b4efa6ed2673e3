"""The answer sheet of stored runs: shipped with the project, kept from an earlier time, or made now, by content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.catalog import Catalog, open_catalog
from core.errors import IsoglossError
from core.experiment.studies.schema import Study
from core.experiment.studies.sheet import asks, study_of, study_sheet, study_sheet_key
from core.files import atomic_write
from core.reference.stored_verdict import read_verdict
from core.shipped import reference_folder
from core.verdict.sentences import tell
from core.workspace import Workspace
from store.results.predictions import read, read_robust
from store.results.reference_import import REFERENCE
from store.results.runs import list_imports
from store.results.scores import read_scores

#: Tables of a run folder that further questions are answered from.
_BESIDE = ("scores.parquet", "robust.parquet")


def runs_study(workspace: Workspace, runs: pd.DataFrame) -> Study | None:
    """The study that `runs` (columns of `list_runs`) belong to, whose rule answers for them; None if none is known."""
    return study_of(runs["preset"], workspace.studies)


def key_of(workspace: Workspace, imports: pd.DataFrame, runs: pd.DataFrame, split: str) -> str:
    """What names the sheet of `runs`; `imports` is `list_imports`.

    It changes with their predictions, their study's analysis and, unless all of them were shipped with their sheet,
    with the scores and harder inputs that further questions are answered from.
    """
    study = runs_study(workspace, runs)
    files = imports[imports["run_id"].isin(runs["run_id"])]
    predictions = files[files["file"] == "predictions.parquet"]
    hashes = dict(zip(predictions["run_id"], predictions["sha256"], strict=True))
    if set(files["folder"]) == {REFERENCE}:
        return study_sheet_key(study, hashes, split)
    beside = files[files["file"].isin(_BESIDE)]
    names = beside["run_id"] + " " + beside["file"]
    return study_sheet_key(study, hashes, split, dict(zip(names, beside["sha256"], strict=True)))


def answer_sheet(workspace: Workspace, runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """The sheet of `runs` on `split`, from where it is; made and kept if it is nowhere.

    Raises `BadInput` if the predictions cannot be compared, as when runs disagree on a gold label.
    """
    key = key_of(workspace, list_imports(workspace), runs, split)
    found = find_sheet(workspace, key)
    return found if found is not None else new_sheet(workspace, key, runs, split)


def find_sheet(workspace: Workspace, key: str) -> dict[str, Any] | None:
    """The sheet of that key if it was shipped or kept; its sentences are worded by this version from its numbers."""
    sheet = _shipped(key) or _kept(_path(workspace, key))
    if sheet is None:
        return None
    return sheet | {"questions": [question | {"sentence": tell(question)} for question in sheet["questions"]]}


def new_sheet(workspace: Workspace, key: str, runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """Make the sheet of `runs` on `split` from their predictions and keep it; some seconds."""
    ids, study = list(runs["run_id"]), runs_study(workspace, runs)
    named = runs[["run_id", "arm", "seed"]]
    table = read(workspace, ids, split).merge(named, on="run_id").assign(split=split)
    robust = read_robust(workspace, ids).merge(named, on="run_id")
    whole, catalog, reads = None, None, False
    if study is not None and asks(study):
        splits = dict.fromkeys(benchmark.stored_split for benchmark in study.benchmarks)
        whole = pd.concat([read(workspace, ids, one).merge(named, on="run_id").assign(split=one) for one in splits])
        reads = any(not isinstance(benchmark.cluster, int) for benchmark in study.benchmarks)
        catalog = _catalog() if reads else None
    found = study_sheet(study, table, robust, read_scores(workspace, ids), whole, catalog)
    made = dict(json.loads(json.dumps(found)))
    if not reads:  # what needs texts of data is made again: the data may be there by then
        _keep(_path(workspace, key), made)
    return made


def _catalog() -> Catalog | None:
    """The data that a benchmark clustered by its premises needs; None where there is none here."""
    try:
        return open_catalog()
    except IsoglossError:
        return None


def _path(workspace: Workspace, key: str) -> Path:
    return workspace.cache / "pages" / f"sheet-{key}.json"


def _shipped(key: str) -> dict[str, Any] | None:
    folder = reference_folder()
    if folder is None:
        return None
    try:
        shipped_key, shipped = read_verdict(folder)
    except (IsoglossError, OSError, ValueError, KeyError):
        return None
    return shipped if shipped_key == key else None


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _keep(path: Path, found: dict[str, Any]) -> None:
    """A full disk only costs the cache."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, json.dumps(found), durable=False)
    except OSError:
        return
