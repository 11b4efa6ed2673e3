"""Which stored runs have collapsed, from their own scores or from the table beside the shipped results."""

from __future__ import annotations

import json

import pandas as pd

from core.shipped import SETTING, SHIPPED
from store.results.collapse import collapsed_arms, collapsed_runs
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support.make_run import make_tables


def test_shipped_runs_are_judged_by_their_table(workspace, monkeypatch):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    records = json.loads((SHIPPED / "runs.json").read_text("utf-8"))
    runs = pd.DataFrame([{"run_id": r["run_id"], "arm": r["arm"]} for r in records])
    counts = collapsed_arms(workspace, runs)
    assert counts["adversarial"] == (3, 3, 0) and counts["transport"] == (0, 3, 0) == counts["english-only"]
    assert {arm for arm, (count, _, _) in counts.items() if count} == {
        "adversarial", "adversarial-language", "transport-shuffled"
    }  # fmt: skip
    assert "warm-start" not in counts and "centring" not in counts


def test_nothing_is_said_of_runs_that_were_not_measured(workspace):
    assert collapsed_runs(workspace, ["a" * 12]) == {}


def test_own_runs_are_judged_by_their_own_measure(workspace, run_folder_factory):
    for seed, value in enumerate((100.0, 0.0, None)):
        tables = make_tables("adversarial", seed)
        if value is not None:
            row = (
                tables["scores"].iloc[:1].assign(name="collapsed", split="held-out", language="", layer=12, value=value)
            )
            tables["scores"] = pd.concat([tables["scores"], row], ignore_index=True)
        run_folder_factory("adversarial", seed, tables=tables)
    sync(workspace)
    runs = list_runs(workspace)
    assert sorted(collapsed_runs(workspace, list(runs["run_id"])).values()) == [False, True]
    assert collapsed_arms(workspace, runs) == {"adversarial": (1, 2, 1)}, "one was not measured, which is counted"
