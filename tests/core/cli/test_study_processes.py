"""`study run` in processes of its own: several at once, killed and begun again, in a home that has moved."""

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

from tests.support.paths import ROOT
from tests.support.small_study import OWN

pytestmark = pytest.mark.timeout(1500)
#: On the embedded encoder, long enough in training to be killed there.
SMALL = OWN.replace("seeds = [0, 1, 2]", "seeds = [0]").replace("first_layer = 0", "first_layer = 10").replace(
    "updates = 6", "updates = 45"
)  # fmt: skip
#: Seconds that anything may take on a busy machine.
PATIENCE = 600


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "ISOGLOSS_DATA"} | {"HF_HUB_CACHE": "nowhere"}
    return subprocess.Popen(
        [sys.executable, "-m", "core", *arguments, "--json"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, dict, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, json.loads(out) if out.strip() else {}, err


def until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


def made(home: Path) -> dict[str, tuple[Path, dict]]:
    folders = [path.parent for path in (home / "runs").glob("[!.]*/run.json")]
    records = [json.loads((folder / "run.json").read_text("utf-8")) for folder in folders]
    return {record["arm"]: (folder, record) for folder, record in zip(folders, records, strict=True)}


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("study") / "mine.toml"
    file.write_text(SMALL)
    return file


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory) -> Path:
    """A home in which the study was made without a stop, one run after another."""
    home = tmp_path_factory.mktemp("whole")
    assert finish(start("study", "run", str(study), "--home", str(home), "--threads", "1"))[0] == 0
    return home


def same_numbers(home: Path, whole: Path) -> None:
    expected, found = made(whole), made(home)
    assert set(expected) == set(found) == {"warm-start", "english-only", "gentle"}
    for arm, (folder, record) in expected.items():
        assert record["run_id"] == found[arm][1]["run_id"]
        for name in ("predictions", "scores", "curves"):
            tables = [pd.read_parquet(one / f"{name}.parquet") for one in (folder, found[arm][0])]
            pd.testing.assert_frame_equal(*tables)


@pytest.mark.proof
def test_runs_that_are_killed_go_on_in_a_home_that_has_moved(study, whole, tmp_path):
    home = tmp_path / "home"
    process = start("study", "run", str(study), "--home", str(home), "--workers", "2", "--threads", "1", "--nice", "5")
    arms = lambda: list((home / "runs").glob(".tmp-*/checkpoint.safetensors")) if made(home) else []  # noqa: E731
    until(lambda: arms() or process.poll() is not None)
    for group in {process.pid}:
        os.killpg(group, signal.SIGKILL)
    process.communicate()
    assert set(made(home)) == {"warm-start"}, "killed while arms were trained"
    moved = home.rename(tmp_path / "a new place")
    status, found, _ = finish(start("study", "status", str(study), "--home", str(moved)))
    assert status == 0 and found["counts"]["under way"] == 0 and found["counts"]["begun"] >= 1
    assert max(row["updates"] for row in found["runs"] if row["state"] == "begun") >= 20
    again = start("study", "run", str(study), "--home", str(moved), "--workers", "2", "--threads", "1")
    status, done, told = finish(again)
    assert status == 0 and len(done["runs"]) == 3 and "gentle seed 0 is in" in told
    same_numbers(moved, whole)
    assert not list((moved / "runs").glob(".log-*")) and not list((moved / "runs").glob(".tmp-*"))


@pytest.mark.slow
def test_workers_that_are_paused_stop_and_go_on(study, whole, tmp_path):
    home = tmp_path / "home"
    process = start("study", "run", str(study), "--home", str(home), "--workers", "2", "--threads", "1")
    until(lambda: list((home / "runs").glob(".tmp-*/checkpoint.safetensors")) or process.poll() is not None)
    assert finish(start("study", "pause", str(study), "--home", str(home)))[0] == 0
    status, _, told = finish(process)
    assert status == 1 and "Paused" in told and len(made(home)) < 3
    status, done, _ = finish(start("study", "run", str(study), "--home", str(home), "--threads", "1"))
    assert status == 0 and len(done["runs"]) == 3
    same_numbers(home, whole)


@pytest.mark.slow
def test_a_run_that_fails_keeps_only_those_out_that_begin_from_it(study, tmp_path):
    file, home = tmp_path / "broken.toml", tmp_path / "home"
    file.write_text(SMALL.replace('arm = "mean-matching"', 'arm = "mean-matching"\ntraining = {learning_rate = 1e30}'))
    status, _, told = finish(start("study", "run", str(file), "--home", str(home), "--workers", "2", "--threads", "1"))
    assert status == 1 and "Failed: gentle seed 0" in told and "goes on from there" in told
    assert set(made(home)) == {"warm-start", "english-only"}


@pytest.mark.slow
def test_a_study_under_way_goes_on_in_another_home(study, whole, tmp_path):
    kept, first, second = tmp_path / "kept", tmp_path / "first", tmp_path / "second"
    common = ["study", "run", str(study), "--threads", "1", "--keep", str(kept), "--home"]
    assert finish(start(*common, str(first), "--arm", "english-only"))[0] == 0
    assert set(made(first)) == {"warm-start", "english-only"} and len(list(kept.glob("*/run.json"))) == 2
    code, _, told = finish(start(*common, str(second)))
    assert code == 0 and "2 runs taken from kept" in told
    same_numbers(second, whole)
    assert len(list(kept.glob("*/run.json"))) == 3
