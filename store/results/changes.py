"""Differences by language under a selection: the study's own where the selection is all of its runs and items.

So that a contrast has one interval, one p and one mark on every page and in every verb, it is looked up in the answer
sheet; what a person chose (fewer seeds, some items, another pair) is made by the same rule and carries no p.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import IsoglossError
from core.evaluation.slices import by_language, compare_slices, rank, same_items
from core.evaluation.slicing.family import own_sums
from core.statistics.rules import Method
from core.workspace import Workspace
from store.results.groups import arm_runs, compare_runs, find_group, outside_runs
from store.results.runs import list_runs
from store.results.selection import Selection
from store.results.sheets import answer_sheet, runs_study
from store.results.slices import PLAIN, SLICES, paired_items, premise_differences


def language_changes(workspace: Workspace, selection: Selection, arms: Sequence[str], against: str) -> pd.DataFrame:
    """`core.evaluation.slices.by_language` of `arms` minus `against` on the selection's items.

    An arm that has two runs of a seed on a split must not be asked for: choose among them first.
    """
    sums = premise_differences(workspace, selection, arms, against)
    return by_language(sums, rule_of(workspace, selection), study_differences(workspace, selection, arms, against))


def slice_changes(workspace: Workspace, selection: Selection, arms: Sequence[str], against: str) -> pd.DataFrame:
    """`core.evaluation.slices.compare_slices` of `arms` minus `against`, ranked; the filters of items choose what is
    described, and then nothing is tested; nor is anything of another model's predictions."""
    names = list(SLICES if selection.texts else PLAIN)
    sums = premise_differences(workspace, selection, arms, against, names)
    answered = study_differences(workspace, selection, arms, against)
    exploring = _explores(workspace, selection, [*arms, against])
    return rank(compare_slices(sums, rule_of(workspace, selection), answered, exploring=exploring))


def _explores(workspace: Workspace, selection: Selection, arms: Sequence[str]) -> bool:
    """Whether slices are tested: all items are in, and no arm is another model's predictions."""
    stored = outside_runs(list_runs(workspace))
    brought = set(stored.loc[stored["run_id"].isin(selection.run_ids), "arm"])
    return selection.whole and not brought & set(arms)


@dataclass(frozen=True)
class SliceFamily:
    """`table` is `slice_changes`' with a person's slices in it, ranked; `again` maps (slice, value) of the same items
    as an earlier one to that one, `without` names a person's slices in which the two arms share no item."""

    table: pd.DataFrame
    again: dict[tuple[str, str], tuple[str, str]]
    without: tuple[str, ...]


def slice_family(
    workspace: Workspace, selection: Selection, arm: str, against: str, codes: Sequence[str],
    own: Mapping[str, NDArray[np.int64]],
) -> SliceFamily:  # fmt: skip
    """`slice_changes` of one arm minus another over the fixed slices and a person's `own`, corrected together.

    `own` has the keys of each slice's items by name (`core.evaluation.slicing.table`, languages in the order `codes`).
    """
    names = list(SLICES if selection.texts else PLAIN)
    sums = premise_differences(workspace, selection, [arm], against, names)
    mine = own_sums(paired_items(workspace, selection, arm, against, codes), own) if own else pd.DataFrame()
    every = pd.concat([sums, mine], ignore_index=True) if len(mine) else sums
    answered = study_differences(workspace, selection, [arm], against)
    exploring = _explores(workspace, selection, [arm, against])
    table = rank(compare_slices(every, rule_of(workspace, selection), answered, exploring=exploring))
    again = {(name, value): same[1:] for (_, name, value), same in same_items(every).items()} if len(every) else {}
    there = set(mine["value"]) if len(mine) else set()
    return SliceFamily(table, again, tuple(name for name in own if name not in there))


def study_differences(workspace: Workspace, selection: Selection, arms: Sequence[str], against: str) -> pd.DataFrame:
    """arm, language, difference, low, high, p, tested, items, premises, seeds: what the answer sheet says of `arms`
    minus `against`, for the arms of which all compared runs are selected, with all items; empty where there is none."""
    nothing = pd.DataFrame(columns=["arm", "language"])
    stored = list_runs(workspace)
    chosen = arm_runs(stored[stored["run_id"].isin(selection.run_ids)])
    if not selection.whole or chosen.empty or chosen["group_id"].nunique() > 1:
        return nothing
    try:
        group = find_group(workspace, str(chosen["group_id"].iloc[0]))
        compared = compare_runs(workspace, group, selection.split)
        sheet = answer_sheet(workspace, compared.runs, selection.split)
    except IsoglossError:  # a warm start, or runs that cannot be compared: then there is no sheet
        return nothing
    parts = []
    table = pd.DataFrame(sheet["languages"])
    for arm in arms if len(table) else ():
        if _shared(compared.runs, arm, against) != _shared(chosen, arm, against):
            continue
        for first, second, sign in ((arm, against, 1.0), (against, arm, -1.0)):
            rows = table[(table["first"] == first) & (table["second"] == second)]
            if len(rows):
                parts.append(_signed(rows, arm, sign))
    return pd.concat(parts, ignore_index=True) if parts else nothing


def rule_of(workspace: Workspace, selection: Selection) -> Method:
    """The rule of the study that the selected runs belong to."""
    runs = arm_runs(list_runs(workspace))
    study = runs_study(workspace, runs[runs["run_id"].isin(selection.run_ids)])
    return study.analysis.method if study is not None else "crossed"


def _shared(runs: pd.DataFrame, arm: str, against: str) -> set[str]:
    """The runs of the two arms at the seeds that both have."""
    seeds = set(runs.loc[runs["arm"] == arm, "seed"]) & set(runs.loc[runs["arm"] == against, "seed"])
    return set(runs.loc[runs["arm"].isin([arm, against]) & runs["seed"].isin(seeds), "run_id"])


def _signed(rows: pd.DataFrame, arm: str, sign: float) -> pd.DataFrame:
    ends = ("low", "high") if sign > 0 else ("high", "low")
    return rows.assign(
        arm=arm, difference=sign * rows["difference"].astype(float), low=sign * rows[ends[0]].astype(float),
        high=sign * rows[ends[1]].astype(float), p=rows["p"].astype(float),
    )  # fmt: skip
