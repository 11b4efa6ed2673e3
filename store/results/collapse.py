"""Which stored runs have collapsed: as their own measure says, else as the table beside the shipped results does."""

from __future__ import annotations

import pandas as pd

from core.arms.names import WARM_START, arm_name
from core.errors import IsoglossError
from core.shipped import reference_folder
from core.workspace import Workspace
from store.results.scores import read_scores


def collapsed_runs(workspace: Workspace, run_ids: list[str]) -> dict[str, bool]:
    """Run identifier to whether it has collapsed, for the runs of `run_ids` that were measured."""
    scores = read_scores(workspace, run_ids, "collapsed")
    known = {str(run): value > 50 for run, value in zip(scores["run_id"], scores["value"], strict=True)}
    return {run: known[run] for run in run_ids if run in known} | _shipped(set(run_ids) - known.keys())


def collapsed_arms(workspace: Workspace, runs: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    """Arm to how many runs have collapsed, of how many that were measured, and how many were not measured; in the order
    of `runs` (run_id, arm)."""
    known = collapsed_runs(workspace, [str(run) for run in runs["run_id"]])
    counts: dict[str, tuple[int, int, int]] = {}
    for run, arm in zip(runs["run_id"], runs["arm"], strict=True):
        collapsed, measured, without = counts.get(arm, (0, 0, 0))
        if run in known:
            counts[arm] = (collapsed + known[run], measured + 1, without)
        elif arm != WARM_START and not arm_name(str(arm)).applied:  # whose states are those of the run it is put on
            counts[arm] = (collapsed, measured, without + 1)
    return counts


def _shipped(run_ids: set[str]) -> dict[str, bool]:
    folder = reference_folder()
    if folder is None or not run_ids:
        return {}
    from core.reference.collapse import judge_runs, read_collapse
    from core.reference.unpack import read_reference

    try:
        table = read_collapse(read_reference(folder))
    except IsoglossError:  # results of another time, or without the table: nothing is known of their collapse
        return {}
    return {run: answer.collapsed for run, answer in judge_runs(table).items() if run in run_ids}
