"""The runs a page shows: one group that may be compared, the newest unless another is chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.arms.names import sort_arms
from pages.parts import address
from pages.parts.stored import read
from store.results.groups import arm_runs, list_groups, outside_runs
from store.results.runs import list_runs


def chosen_runs() -> pd.DataFrame:
    """The runs of the chosen group, in the order of arms and seeds; empty if no arm is stored.

    Where there are several groups a selector in the sidebar names them; its choice is in the link.
    """
    runs = all_runs()
    if runs.empty:
        return runs
    labels = _labels(runs)
    chosen = next(iter(labels))
    if len(labels) > 1:
        chosen = st.sidebar.selectbox(
            "Runs shown",
            list(labels),
            format_func=lambda key: labels[key],
            key="group",
            bind="query-params",
            help="Only runs of one group are compared: same encoder, data, budget and evaluation.",
        )
    elif given := st.query_params.get("group"):
        address.known("group", given, (chosen, labels[chosen]))
    group = runs[runs["group_id"] == chosen]
    ranks = {arm: i for i, arm in enumerate(sort_arms(group["arm"]))}
    order = group["arm"].map(ranks) * 1_000_000 + group["seed"]
    return group.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def all_runs() -> pd.DataFrame:
    """Every stored run of an arm, whatever its group."""
    runs: pd.DataFrame = read(list_runs)
    return arm_runs(runs)


def other_models(group: pd.DataFrame) -> pd.DataFrame:
    """The stored predictions of other models on the kind of data that the runs `group` were read on; they are no arms
    and come beside them only where they are asked for."""
    runs: pd.DataFrame = outside_runs(read(list_runs))
    kinds = set(group["data_kind"]) if len(group) else set()
    return runs[runs["data_kind"].isin(kinds)].reset_index(drop=True)


def named(label: str) -> str:
    """The identifier of the group that a link names by its label; "" for the newest."""
    found = next((key for key, name in _labels(all_runs()).items() if label and label in (key, name)), "")
    if label and not found:
        address.known("group", label, ())
    return found


def run_labels(runs: pd.DataFrame) -> dict[str, str]:
    """Run identifier to a name that tells it from the others: the arm, and seed and short id if needed."""
    seeds = runs["arm"].duplicated(keep=False)
    twins = runs.duplicated(["arm", "seed"], keep=False)
    return {
        run_id: f"{arm}{f', seed {seed}' if several else ''}{f' ({run_id[:6]})' if twin else ''}"
        for run_id, arm, seed, several, twin in zip(
            runs["run_id"], runs["arm"], runs["seed"], seeds, twins, strict=True
        )
    }


def _labels(runs: pd.DataFrame) -> dict[str, str]:
    """Group identifier to its label, the newest group first."""
    return {str(group["group_id"].iloc[0]): _label(group) for group in list_groups(runs)}


def _label(group: pd.DataFrame) -> str:
    """Short and lasting, because links hold it."""
    kinds = set(group["data_kind"])
    data = "XNLI" if kinds == {"xnli"} else "own benchmark" if kinds == {"own"} else "starter data"
    preset = ", ".join(sorted(set(group["preset"])))[:40]
    return f"{preset}, {data} ({str(group['group_id'].iloc[0])[:6]})"
