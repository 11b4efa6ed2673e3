"""What runs cost and whether their objectives improved, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.arms.names import sort_arms

#: By the key `took` of a run.
OBJECTIVE: dict[bool | None, str] = {True: "improved", False: "did not improve", None: "no objective of its own"}
_MEASURES = {
    "bitext_cost_start": "transport cost, start",
    "bitext_cost": "transport cost, end",
    "language_probe_start": "language probe ×100, start",
    "language_probe": "language probe ×100, end",
}


def cost_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a run: what was spent. `runs` has the store's columns."""
    names = {
        "arm": "arm",
        "seed": "seed",
        "updates": "updates",
        "seconds": "seconds",
        "tokens_forward": "tokens forward",
        "tokens_backward": "tokens backward",
        "nli_pairs": "English pairs",
        "bitext_pairs": "bitext pairs",
        "run_id": "run",
    }
    return runs[list(names)].rename(columns=names)


def objectives(runs: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """One row a run: did its own objective move, and its numbers at the start and at the end.

    `scores` has run_id, name, language, value; a measure given by language is averaged over them. Columns
    without any value are left out.
    """
    table = runs[["arm", "seed", "run_id"]].copy()
    table.insert(2, "own objective", [OBJECTIVE[value] for value in _plain(runs["took"])])
    for name, label in _MEASURES.items():
        own = scores[(scores["name"] == name)].groupby("run_id")["value"].mean()
        if len(own):
            table[label] = table["run_id"].map(own)
    ranks = {arm: i for i, arm in enumerate(sort_arms(table["arm"]))}
    order = table["arm"].map(ranks).sort_values(kind="stable").index
    return table.loc[order].drop(columns="run_id").reset_index(drop=True)


def _plain(values: pd.Series[bool]) -> list[bool | None]:
    return [None if pd.isna(value) else bool(value) for value in values]


def cost_by_arm(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row an arm: runs, and the mean of what a run cost. `records` are run.json contents.

    minutes are of training and evaluation, training minutes of training alone (NaN where it was not recorded).
    """
    rows = pd.DataFrame(
        [
            {
                "arm": record["arm"],
                "minutes": float(record["seconds"]) / 60,
                "training minutes": float(record.get("training_seconds", "nan")) / 60,
                "updates": record["updates"],
                "tokens forward": record["tokens_forward"],
                "tokens backward": record["tokens_backward"],
                "English pairs": record["nli_pairs"],
                "bitext pairs": record["bitext_pairs"],
            }
            for record in records
        ]
    )
    grouped = rows.groupby("arm")
    table = pd.concat([grouped.size().rename("runs"), grouped.mean()], axis=1)
    counted = ["updates", "tokens forward", "tokens backward", "English pairs", "bitext pairs"]
    table[counted] = table[counted].round().astype("int64")
    return table.loc[sort_arms(table.index)].reset_index()
