"""The answer sheet of the runs a page shows: shipped, kept from an earlier time, or made now, and kept by content."""

from __future__ import annotations

import json
import os
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import IsoglossError
from core.evaluation.sheet import make_sheet, one_recipe_an_arm, sheet_key
from core.figures.formats import plural
from core.reference.layout import reference_folder
from core.reference.stored_verdict import read_verdict
from pages.parts.stored import read, workspace
from store import predictions
from store.runs import list_imports


def sheet(runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """The sheet of `runs` (the store's columns, one recipe an arm) on `split`.

    Raises `BadInput` if the predictions cannot be compared, as when runs disagree on a gold label.
    """
    return _sheet(_key(runs, split), runs, split)


def comparable_runs(runs: pd.DataFrame, coverage: pd.DataFrame, split: str) -> pd.DataFrame:
    """Of `runs` those with predictions on `split`, one recipe an arm and one run a seed, in their order."""
    there = runs[runs["run_id"].isin(coverage.loc[coverage["split"] == split, "run_id"])]
    kept = one_recipe_an_arm(there.sort_values("created", kind="stable"))
    return there[there["run_id"].isin(kept["run_id"])].reset_index(drop=True)


def _key(runs: pd.DataFrame, split: str) -> str:
    imports = read(list_imports)
    own = imports[(imports["file"] == "predictions.parquet") & imports["run_id"].isin(runs["run_id"])]
    return sheet_key(dict(zip(own["run_id"], own["sha256"], strict=True)), split)


@st.cache_resource(show_spinner=False, max_entries=20)
def _sheet(key: str, _runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """The same dictionary for every session: it is read, never changed."""
    path = workspace().cache / "pages" / f"sheet-{key}.json"
    found = _shipped(key) or _kept(path)
    if found is None:
        found = _made(_runs, split)
        _keep(path, found)
    return found


def _shipped(key: str) -> dict[str, Any] | None:
    folder = reference_folder()
    if folder is None:
        return None
    try:
        shipped_key, shipped = read_verdict(folder)
    except (IsoglossError, OSError, ValueError, KeyError):
        return None
    return shipped if shipped_key == key else None


def _kept(path: Any) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _made(runs: pd.DataFrame, split: str) -> dict[str, Any]:
    table = predictions.read(workspace(), list(runs["run_id"]), split)
    table = table.merge(runs[["run_id", "arm", "seed"]], on="run_id")
    with st.spinner(
        f"Comparing {plural(len(table), 'prediction')} of {plural(len(runs), 'run')} (some seconds, once)…"
    ):
        return dict(json.loads(json.dumps(make_sheet(table))))


def _keep(path: Any, found: dict[str, Any]) -> None:
    """Under another name first, so that no reader meets half a file; a full disk only costs the cache."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_text(json.dumps(found), encoding="utf-8")
        os.replace(new, path)
    except OSError:
        return
