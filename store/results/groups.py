"""Which runs may be compared: the one place that decides it, for pages, report and verbs.

Runs of one group were trained and read alike (`group_id`). Of a group, those are compared that have predictions on the
split, with one recipe an arm, one run a seed and the same gold labels. A warm start is a step on the way and never an
arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.arms.names import OUTSIDE, WARM_START
from core.errors import BadInput, MissingData
from core.verdict.sheet import one_recipe_an_arm
from core.workspace import Workspace
from store.results.benchmarks import order_splits
from store.results.gold_labels.checked import without_odd_runs
from store.results.predictions import coverage
from store.results.runs import list_runs

_TRAIN = "train some with `python -m core run --preset quick`"


@dataclass(frozen=True)
class ComparedRuns:
    """The `runs` (columns of `list_runs`) that are compared on `split`, and what of their group is left out.

    without_predictions: runs that were not read on the split. superseded: runs of an arm that has a newer one of the
    seed or of other settings. odd: a sentence on each run whose gold labels are not the others'.
    """

    runs: pd.DataFrame
    split: str
    without_predictions: int
    superseded: int
    odd: tuple[str, ...]


def arm_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Of `runs` (rows of `list_runs`) those of an arm: warm starts and predictions of other models left out."""
    return runs[(runs["arm"] != WARM_START) & (runs["preset"] != OUTSIDE)]


def outside_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Of `runs` (rows of `list_runs`) the predictions of other models, which are in no comparison: they are described
    beside the arms."""
    return runs[runs["preset"] == OUTSIDE]


def list_groups(runs: pd.DataFrame) -> list[pd.DataFrame]:
    """The groups among `runs` (rows of `list_runs`) that hold an arm, the one with the newest run of an arm first."""
    groups = [group for _, group in arm_runs(runs).groupby("group_id")]
    return sorted(groups, key=_age, reverse=True)


def find_group(workspace: Workspace, group_id: str = "") -> pd.DataFrame:
    """The runs of arms of a group, else of the newest, oldest run first.

    Raises `MissingData` where no run of an arm is stored, `BadInput` where no group has that identifier.
    """
    groups = list_groups(list_runs(workspace))
    if not groups:
        raise MissingData(f"There are no runs to compare in {workspace.results} and so nothing to report; {_TRAIN}.")
    group = next((group for group in groups if not group_id or group["group_id"].iloc[0] == group_id), None)
    if group is None:
        known = ", ".join(str(group["group_id"].iloc[0]) for group in groups[:8])
        raise BadInput(
            f"No group of runs has the identifier {group_id[:40]!r}; there are {known}. Leave it out for the newest."
        )
    return group


def split_of(group: pd.DataFrame, covered: pd.DataFrame) -> str:
    """The split to compare a group's runs on, of `store.results.predictions.coverage`. Raises `MissingData` where
    nothing was read."""
    splits = order_splits(group, covered["split"])
    if not splits:
        raise MissingData(f"The stored runs hold no predictions to compare or report; {_TRAIN}.")
    return splits[0]


def comparable_runs(group: pd.DataFrame, covered: pd.DataFrame, split: str) -> pd.DataFrame:
    """Of a group's runs those with predictions on `split`, one recipe an arm and one run a seed, in their order."""
    return newest_of_each(group[group["run_id"].isin(covered.loc[covered["split"] == split, "run_id"])])


def newest_of_each(runs: pd.DataFrame) -> pd.DataFrame:
    """Of a group's runs those with the settings of their arm's newest, the newest of each seed, in their order."""
    kept = one_recipe_an_arm(runs.sort_values("created", kind="stable"))
    return runs[runs["run_id"].isin(kept["run_id"])].reset_index(drop=True)


def compare_runs(workspace: Workspace, group: pd.DataFrame, split: str = "") -> ComparedRuns:
    """What is compared of a group's runs on `split`, else on the one of `split_of`.

    Raises `MissingData` where the group has no predictions, `BadInput` where its gold labels disagree and nothing
    stored says which are right.
    """
    covered = coverage(workspace, list(group["run_id"]))
    split = split or split_of(group, covered)
    read = int(group["run_id"].isin(covered.loc[covered["split"] == split, "run_id"]).sum())
    alike = comparable_runs(group, covered, split)
    runs, odd = without_odd_runs(workspace, alike, split)
    return ComparedRuns(runs, split, len(group) - read, read - len(alike), tuple(odd))


def find_comparison(workspace: Workspace, group_id: str = "") -> ComparedRuns:
    """What is compared of a group, else of the newest. Raises as `find_group` and `compare_runs` do."""
    return compare_runs(workspace, find_group(workspace, group_id))


def check_comparable(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """The rows of `list_runs` of runs that are to be compared, in the order given.

    Predictions of another model may stand beside them, untested. Raises `BadInput` if one is not stored, if one is a
    warm start, or if those of arms are of several groups.
    """
    runs = list_runs(workspace).set_index("run_id", drop=False)
    unknown = [run_id for run_id in run_ids if run_id not in runs.index]
    if unknown:
        raise BadInput(f"There is no run {unknown[0][:40]!r} in {workspace.results}; name runs that are stored.")
    named = runs.loc[list(run_ids)].reset_index(drop=True)
    starts = named.loc[named["arm"] == WARM_START, "run_id"]
    if len(starts):
        raise BadInput(f"The run {starts.iloc[0]} is a warm start, where arms begin; compare runs of arms.")
    of_arms = arm_runs(named)
    if of_arms["group_id"].nunique() > 1:
        apart = of_arms.drop_duplicates("group_id")["run_id"]
        raise BadInput(
            f"The runs {apart.iloc[0]} and {apart.iloc[1]} differ in encoder, data, budget or evaluation and may not "
            "be compared; name runs of one group."
        )
    return named


def _age(group: pd.DataFrame) -> tuple[pd.Timestamp, str]:
    newest = group.sort_values(["created", "run_id"]).iloc[-1]
    return newest["created"], str(newest["run_id"])
