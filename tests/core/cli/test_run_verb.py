"""`run` as a person uses it: killed, repeated, and started twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.data.catalog import starter_catalog
from core.languages import LOW_RESOURCE
from core.workspace import open_workspace
from store.results.predictions import accuracy
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.cli.run import runs_table

COMMAND = [sys.executable, "-m", "core", "run", "--preset", "quick", "--arms", "english-only", "--json"]


def test_the_table_has_no_mean_of_languages_that_a_run_did_not_read():
    row = {"seed": 0, "split": "test", "took": None, "took_sentence": "", "aligned": LOW_RESOURCE, "others": {}}
    low = {code: 50.0 + k for k, code in enumerate(LOW_RESOURCE)}
    rows = [
        row | {"arm": "english-only", "accuracy": {"en": 73.0} | low},
        row | {"arm": "translate-test", "accuracy": {"en": 73.0, "sw": 64.0, "ur": 61.0}},
    ]
    head, whole, part, *_ = runs_table(rows, starter_catalog()).splitlines()
    assert head.split()[:5] == ["arm", "seed", "aligned", "mean", "en"]
    assert whole.split()[:5] == ["english-only", "0", "52.0", "55.5", "73.0"]
    assert part.split()[:5] == ["translate-test", "0", "-", "-", "73.0"] and part.split().count("-") == 5
    assert len(head) == len(whole) == len(part)


def start(home: Path) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "ISOGLOSS_DATA"}
    environment |= {"ISOGLOSS_HOME": str(home), "HF_HOME": str(home / "hub"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        COMMAND, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: subprocess.Popen[str]) -> list[dict]:
    out, err = process.communicate(timeout=1200)
    assert process.returncode == 0, err[-2000:]
    return json.loads(out)["runs"]


def numbers(home: Path, runs: list[dict]) -> dict[str, pd.DataFrame]:
    tables = {}
    for run in runs:
        for name in ("curves", "scores", "predictions"):
            table = pd.read_parquet(home / "runs" / run["run_id"] / f"{name}.parquet")
            tables[f"{run['arm']}/{name}"] = table
    return tables


@pytest.mark.proof
@pytest.mark.timeout(2400)
def test_killed_repeated_and_started_twice(tmp_path):
    killed, twice = tmp_path / "killed", tmp_path / "twice"
    process = start(killed)
    deadline = time.monotonic() + 900
    while not list(killed.glob("runs/.tmp-*/checkpoint.safetensors")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(killed.glob("runs/[!.]*/run.json"))
    resumed = finish(start(killed))

    pair = [start(twice), start(twice)]
    first, second = (finish(process) for process in pair)
    assert [run["run_id"] for run in first] == [run["run_id"] for run in second]
    assert not list(twice.glob("runs/.tmp-*"))
    expected, found = numbers(twice, first), numbers(killed, resumed)
    for name, table in expected.items():
        pd.testing.assert_frame_equal(table, found[name])

    before = {p: p.stat().st_mtime_ns for p in killed.rglob("runs/*/*")}
    began = time.monotonic()
    again = finish(start(killed))
    print(f"the same command again took {time.monotonic() - began:.1f} s")
    assert all(run["cached"] for run in again)
    assert before == {p: p.stat().st_mtime_ns for p in killed.rglob("runs/*/*")}

    stored = accuracy(open_workspace(killed), [run["run_id"] for run in again], "validation")
    for run in again:
        rows = stored[stored["run_id"] == run["run_id"]]
        shown = dict(zip(rows["language"], rows["accuracy"], strict=True))
        assert shown == pytest.approx(run["accuracy"], abs=0.006)
