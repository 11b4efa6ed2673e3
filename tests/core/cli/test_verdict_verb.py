"""`verdict` on a store: the document, what it is judged on, and what it says of an empty one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.workspace import Workspace, open_workspace
from store.results.importer import sync
from tests.support.make_run import write_run
from tests.support.planted import planted

EFFECTS = {"english-only": 0.0, "transport": 8.0, "adversarial": 0.0}
KEYS = {"name", "primary", "first", "second", "difference", "low", "high", "p", "outcome", "ahead", "sentence"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


def store(workspace: Workspace, table: pd.DataFrame, split: str = "test", **record: object) -> None:
    for (arm, seed), own in table.groupby(["arm", "seed"], sort=False):
        predictions = own.drop(columns=["run_id", "arm", "seed"]).assign(split=split)
        predictions = predictions.astype({"item_id": "int32", "gold": "int8"})
        predictions = predictions.astype(dict.fromkeys(["entailment", "neutral", "contradiction"], "float32"))
        order = ["split", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]
        write_run(workspace.runs, str(arm), int(seed), tables={"predictions": predictions[order]}, **record)
    sync(workspace)


def call(capsys, workspace: Workspace, *arguments: str) -> tuple[int, str, str]:
    status = main(["verdict", "--home", str(workspace.home), *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.slow
def test_the_document(capsys, workspace):
    table = planted(np.random.default_rng(0), EFFECTS, languages=("en", "tr", "sw"), premises=150, seed_sd=0.2)
    store(workspace, table)
    status, out, err = call(capsys, workspace, "--json")
    told = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert status == 0 and told["split"] == "test" and "test split of XNLI" in err
    assert all(set(question) >= KEYS for question in told["questions"])
    first = told["questions"][0]
    assert first["primary"] and first["outcome"] == "ahead" and first["ahead"] == "transport"
    assert first["low"] < first["difference"] < first["high"] and 3 < first["difference"] < 13
    assert f"{first['difference']:+.1f}" in first["sentence"]
    assert all(0 <= q["p"] <= 1 and (q["ahead"] is None) == (q["outcome"] != "ahead") for q in told["questions"])
    assert {row["arm"] for row in told["arms"]} == set(EFFECTS) and len(told["runs"]) == 9
    assert {row["language"] for row in told["languages"]} == {"en", "tr", "sw"}
    assert {row["ece_scaled"] for row in told["calibration"]} == {None}  # no validation split is stored
    status, out, _ = call(capsys, workspace)
    assert status == 0 and out.splitlines() == [question["sentence"] for question in told["questions"]]


def test_validation_where_there_is_no_test_and_one_seed(capsys, workspace):
    table = planted(np.random.default_rng(1), EFFECTS, seeds=1, languages=("en", "sw"), premises=60)
    store(workspace, table, "validation", data_kind="starter", took=False)
    status, out, err = call(capsys, workspace, "--json")
    told = json.loads(out)
    assert status == 0 and (told["split"], told["data"]) == ("validation", "starter")
    assert (
        "not XNLI" in err
        and "No test predictions" in err
        and "transport: objective did not improve on held-out bitext in 1 of 1 run(s)" in err
    )
    assert {question["outcome"] for question in told["questions"]} == {"described"}
    assert all(row["ece_scaled"] is not None for row in told["calibration"])


def test_two_strengths_of_an_arm_are_not_mixed(capsys, workspace):
    table = planted(np.random.default_rng(2), EFFECTS, seeds=2, languages=("en", "sw"), premises=40)
    old = table[table["arm"] == "transport"].assign(seed=lambda t: t["seed"] + 5)
    store(workspace, old, config={"settings": {"weight": 9}}, created="2026-01-01T00:00:00+00:00")
    store(workspace, table, config={"settings": {"weight": 1}})
    status, out, err = call(capsys, workspace, "--json")
    assert status == 0 and len(json.loads(out)["runs"]) == 6 and "Left out: 2 stored run(s)" in err


def test_an_empty_store_and_one_that_allows_no_comparison(capsys, workspace):
    status, out, err = call(capsys, workspace, "--json")
    assert (status, out) == (2, "") and "There are no runs to compare" in err and len(err.splitlines()) == 1
    table = planted(np.random.default_rng(3), {"transport": 0.0}, seeds=1, languages=("en",), premises=30)
    store(workspace, table)
    status, out, err = call(capsys, workspace, "--json")
    assert (status, out) == (2, "") and "allow no comparison" in err and len(err.splitlines()) == 1


def test_runs_without_predictions(capsys, workspace):
    write_run(workspace.runs, "transport", 0, tables={})
    sync(workspace)
    status, _, err = call(capsys, workspace)
    assert status == 2 and "hold no predictions" in err
