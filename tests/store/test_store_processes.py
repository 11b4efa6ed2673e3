"""Several processes at one store: importers, readers and a kill, each a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.workspace import CHECKOUT
from store.results import importer, predictions, runs
from tests.support.make_run import make_run_id, write_run

PREAMBLE = """
import os, signal, sys, time
from pathlib import Path
from core.workspace import Workspace
from store.results import importer, predictions, runs
workspace = Workspace(Path(sys.argv[1]))
"""
READER = """
seen, worst = [], 0.0
print("ready", flush=True)
while not (workspace.home / "stop").exists():
    begun = time.monotonic()
    ids = runs.list_runs(workspace)["run_id"].tolist()
    items = int(predictions.accuracy(workspace, ids, "test")["items"].sum())
    assert items == 40 * len(ids), (items, len(ids))
    worst = max(worst, time.monotonic() - begun)
    seen.append(len(ids))
assert seen == sorted(seen), seen
print(len(seen), len(set(seen)), worst)
"""
IMPORTER = """
print("ready", flush=True)
while not (workspace.home / "go").exists():
    time.sleep(0.005)
new = importer.sync(workspace)
print(" ".join(new))
"""
KILLED = """
real = importer._insert_table
def insert(con, run, name):
    real(con, run, name)
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
importer._insert_table = insert
importer.sync(workspace)
"""


def start(code: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code, str(home), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "ready\n", process.communicate()[1]


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.fixture
def many(workspace):
    """Twelve small finished runs, none imported."""
    return [write_run(workspace.runs, "transport", seed, items=10).name for seed in range(12)]


@pytest.fixture
def processes():
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def whole(workspace) -> list[str]:
    """The runs in the store, after checking that each has all its rows in every table."""
    listed = runs.list_runs(workspace)["run_id"].tolist()
    imports = runs.list_imports(workspace)
    assert imports.groupby("run_id").size().tolist() == [7] * len(listed)
    for file, table in (("predictions.parquet", predictions.coverage(workspace, listed)),):
        wanted = imports[imports["file"] == file].set_index("run_id")["items"]
        assert table.groupby("run_id")["items"].sum().to_dict() == wanted.to_dict()
    return listed


@pytest.mark.slow
def test_two_readers_never_fail_while_an_importer_works(workspace, many, processes):
    for _ in range(2):
        processes.append(start(READER, workspace.home))
    for reader in processes:
        wait_ready(reader)
    begun = time.monotonic()
    for name in many:  # one transaction each, from this process
        assert importer.import_run(workspace, workspace.run(name)) is True
    took = time.monotonic() - begun
    (workspace.home / "stop").touch()
    for reader in processes:
        reads, different, worst = finish(reader).split()
        assert int(reads) > 5 and int(different) > 3, "the reader saw the store grow"
        print(f"{reads} reads, {different} states, longest {float(worst):.2f} s of {took:.2f} s")
    assert sorted(whole(workspace)) == sorted(many)


@pytest.mark.slow
def test_two_importers_at_once_lose_nothing(workspace, many, processes):
    for _ in range(2):
        processes.append(start(IMPORTER, workspace.home))
    for process in processes:
        wait_ready(process)
    (workspace.home / "go").touch()
    new = [finish(process).split() for process in processes]
    assert sorted(new[0] + new[1]) == sorted(many), "each run was new to exactly one of them"
    assert sorted(whole(workspace)) == sorted(many)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["curves", "predictions", "rankings"])
def test_an_importer_killed_in_its_transaction_leaves_whole_runs(table, workspace, processes):
    first = write_run(workspace.runs, "transport", 0, items=10).name
    assert importer.sync(workspace) == [first]
    second = write_run(workspace.runs, "transport", 1, items=3000).name
    processes.append(start(KILLED, workspace.home, table))
    assert processes[0].wait(60) == -signal.SIGKILL
    assert whole(workspace) == [first]
    assert importer.sync(workspace) == [second]
    assert whole(workspace) == [first, second]


def test_an_importer_killed_on_an_empty_workspace(workspace, processes):
    name = write_run(workspace.runs, "transport", 0).name
    processes.append(start(KILLED, workspace.home, "predictions"))
    assert processes[0].wait(60) == -signal.SIGKILL
    assert whole(workspace) == []
    assert importer.sync(workspace) == [name]


@pytest.mark.slow
def test_importers_killed_at_any_moment(workspace, many, processes):
    """Killed wherever it happens to be, over and over, until everything is in."""
    (workspace.home / "go").touch()
    have: list[str] = []
    for attempt in range(5):
        process = start(IMPORTER, workspace.home)
        processes.append(process)
        wait_ready(process)
        time.sleep(0.08 + 0.05 * attempt)
        process.kill()
        process.wait()
        now = whole(workspace)
        assert set(have) <= set(now), "what was committed stays"
        have = now
    importer.sync(workspace)
    assert sorted(whole(workspace)) == sorted(many) and make_run_id("transport", 3) in many
