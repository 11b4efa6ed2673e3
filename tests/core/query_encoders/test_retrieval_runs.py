"""Finished runs: found, packed without text, and told on a page."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput, MissingData
from core.query_encoders.export import export_runs
from core.query_encoders.results import experiment_runs, find_query_encoder, finished_runs, query_table
from core.query_encoders.tasks import ROWS
from core.workspace import open_workspace


def _run(workspace, name, arm, seed, group="g", created="2026-01-01", trial=False):
    folder = workspace.home / "retrieval" / name
    folder.mkdir(parents=True)
    told = {"run_id": name, "arm": arm, "seed": seed, "group": group, "created": created, "trial": trial, "machine": 1}
    (folder / "run.json").write_text(json.dumps(told))
    rows = {"task": ["tatoeba"], "language": ["sw"], "query_id": ["3"], "average_precision": [0.5], "rank": [2],
            "own_language": [None]}  # fmt: skip
    table = pa.table(rows, ROWS).append_column("text", pa.array(["somebody's sentence"]))
    pq.write_table(table, folder / "queries.parquet")
    (folder / "adapter.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text("{}")
    return folder


def test_packed_runs_hold_ids_and_numbers_alone(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    with pytest.raises(MissingData, match="No run of the retrieval experiment"):
        export_runs(workspace, tmp_path / "out")
    _run(workspace, "a0", "transport", 0)
    _run(workspace, "a1", "transport", 1)
    _run(workspace, "old", "transport", 0, group="other", created="2025-01-01")
    _run(workspace, "tried", "transport", 0, trial=True)
    assert export_runs(workspace, tmp_path / "out") == ["a0", "a1"] == export_runs(workspace, tmp_path / "out")
    packed = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert packed == ["a0/adapter.safetensors", "a0/model.json", "a0/queries.parquet", "a0/run.json",
                      "a1/queries.parquet", "a1/run.json"]  # fmt: skip
    assert list(pd.read_parquet(tmp_path / "out" / "a0" / "queries.parquet")) == ROWS.names
    assert "machine" not in json.loads((tmp_path / "out" / "a0" / "run.json").read_text())
    assert [told["seed"] for _, told in finished_runs(tmp_path / "out")] == [0, 1]


def test_own_runs_come_before_shipped_ones(tmp_path, monkeypatch):
    shipping, fresh = open_workspace(tmp_path / "made"), open_workspace(tmp_path / "fresh")
    _run(shipping, "s0", "transport", 0)
    export_runs(shipping, tmp_path / "shipped" / "retrieval")
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(tmp_path / "shipped"))
    assert find_query_encoder(fresh, "transport").name == "s0"
    assert query_table(experiment_runs(fresh))[["arm", "rank"]].values.tolist() == [["transport", 2]]
    _run(fresh, "own", "transport", 0)
    assert find_query_encoder(fresh, "transport").name == "own" == experiment_runs(fresh)[0][0].name
    with pytest.raises(MissingData, match="no query encoder of 'hybrid'; there are transport"):
        find_query_encoder(fresh, "hybrid")


def test_damaged_results_are_told(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    folder = _run(workspace, "x", "transport", 0)
    (folder / "queries.parquet").write_bytes(b"no table")
    with pytest.raises(BadInput, match="The results of x cannot be read"):
        query_table(experiment_runs(workspace))
    (folder / "run.json").write_text("{")
    assert experiment_runs(workspace) == []
