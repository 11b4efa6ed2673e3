"""Every stored run, with the way out of the results for one that should not be there, and the way back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.notation import plural
from pages.parts import show
from pages.parts.stored import kept, read, workspace
from pages.parts.text import caption
from store.results.reference_import import REFERENCE
from store.results.removal import list_removed, remove_run, restore_run
from store.results.runs import list_imports, list_runs


def section() -> None:
    """The list, folded; nothing where no run is stored and none was taken out."""
    runs = read(list_runs)
    removed = list_removed(workspace())
    if runs.empty and not removed:
        return
    with st.expander(f"Stored runs: {len(runs)}"):
        if len(runs):
            _table(runs)
        if kept():
            if len(runs):
                _remove(runs)
            if removed:
                _restore({str(row["run_id"]): f"{row['arm'] or 'a run'} ({row['run_id']})" for row in removed})


def _table(runs: pd.DataFrame) -> None:
    folders = read(list_imports).groupby("run_id")["folder"].first()
    shown = runs[["run_id", "arm", "seed", "preset", "data_kind", "created"]].rename(columns={"data_kind": "data"})
    origin = runs["run_id"].map(folders).map(lambda folder: "shipped" if folder == REFERENCE else "own")
    show.table(shown.assign(origin=origin), "stored-runs")


def _remove(runs: pd.DataFrame) -> None:
    names = {str(run.run_id): f"{run.arm}, seed {run.seed} ({run.run_id})" for run in runs.itertuples()}
    chosen = st.selectbox("Take out of the results", list(names), format_func=lambda key: names[key], key="remove-run")
    sure = st.checkbox("It is to be left out of every comparison", key=f"sure-{chosen}")
    if st.button("Remove this run", key="remove", disabled=not sure, icon=":material/delete:"):
        remove_run(workspace(), chosen)
        st.rerun()
    caption(
        "Nothing is lost: a run's own folder moves to removed/ in the workspace, where it is not imported again. The "
        "same on the command line: `python -m core runs remove RUN_ID`."
    )


def _restore(names: dict[str, str]) -> None:
    caption(f"{plural(len(names), 'run')} taken out.")
    chosen = st.selectbox("Put back", list(names), format_func=lambda key: names[key], key="restore-run")
    if st.button("Put this run back", key="restore", icon=":material/undo:"):
        restore_run(workspace(), chosen)
        st.rerun()
