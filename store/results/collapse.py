"""Which stored runs have collapsed: as their own measure says, else as the table beside the shipped results does."""

from __future__ import annotations

import pandas as pd

from core.arms.names import WARM_START, arm_name
from core.errors import IsoglossError
from core.evaluation.collapse import LEAST_DEVIATION, LEAST_DISTANCE
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


def collapsed_layers(workspace: Workspace, run_ids: list[str]) -> dict[str, list[int]]:
    """Run identifier to the layers at which every language measured has drawn together, for runs that have any."""
    table = state_diagnostics(workspace, run_ids)
    drawn = (table["deviation"] < LEAST_DEVIATION * table["deviation_reference"]) & (
        table["distance"] < LEAST_DISTANCE * table["distance_reference"]
    )
    found: dict[str, list[int]] = {}
    for (run, layer), own in drawn.groupby([table["run_id"], table["layer"]]):
        if own.all():
            found.setdefault(str(run), []).append(int(str(layer)))
    return found


def _shipped(run_ids: set[str]) -> dict[str, bool]:
    table = _shipped_table() if run_ids else None
    if table is None:
        return {}
    from core.reference.collapse import judge_runs

    return {run: answer.collapsed for run, answer in judge_runs(table).items() if run in run_ids}


def _shipped_table() -> pd.DataFrame | None:
    """The table beside the shipped results; None where there is none, or it is of other results."""
    folder = reference_folder()
    if folder is None:
        return None
    from core.reference.collapse import read_collapse
    from core.reference.unpack import read_reference

    try:
        return read_collapse(read_reference(folder))
    except IsoglossError:  # results of another time, or without the table: nothing is known of their collapse
        return None


#: Of the states by language and layer; each stands beside its reference's.
DIAGNOSTICS = ("deviation", "distance", "rank", "retrieval")
_STORED = {"deviation": "state_deviation", "distance": "unrelated_distance", "rank": "effective_rank",
           "retrieval": "held_out_retrieval"}  # fmt: skip


def state_diagnostics(workspace: Workspace, run_ids: list[str]) -> pd.DataFrame:
    """run_id, arm, seed, language, layer and, of each of `DIAGNOSTICS`, the run's value and its reference's
    (`_reference`): what a run measured of itself (its last layer), else the table beside the shipped results."""
    names = [f"{name}{end}" for name in _STORED.values() for end in ("", "_start")]
    scores = read_scores(workspace, run_ids, names)
    keys = ["run_id", "arm", "seed", "language", "layer"]
    columns = [f"{name}{end}" for name in DIAGNOSTICS for end in ("", "_reference")]
    parts = []
    if len(scores):
        wide = scores.pivot_table(index=keys, columns="name", values="value").reset_index()
        wide = wide.rename(columns={old: new for new, old in _STORED.items()})
        parts.append(wide.rename(columns={f"{old}_start": f"{new}_reference" for new, old in _STORED.items()}))
    rest = set(run_ids) - set(scores["run_id"])
    if rest and (shipped := _shipped_table()) is not None:
        own = shipped[shipped["run"].isin(rest) & ~shipped["language"].isin(["", "en"])]
        parts.append(own.rename(columns={"run": "run_id"}))
    if not parts:
        return pd.DataFrame(columns=[*keys, *columns])
    return pd.concat([part.reindex(columns=[*keys, *columns]) for part in parts], ignore_index=True)
