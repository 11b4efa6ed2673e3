"""`study` as a person uses it: a study of one's own, from its file to its answers, on the starter data."""

from __future__ import annotations

import json
import time

import pytest

from core.cli.study.run import is_paused
from core.shipped import SETTING, SHIPPED
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.small_study import OWN, call

if not COLLECTING:
    from core.experiment.studies.read import read_study


@pytest.mark.slow
def test_a_study_of_ones_own_runs_from_its_file_to_its_answers(small_encoder, tmp_path, capsys):
    file, home = tmp_path / "mine.toml", ("--home", str(tmp_path / "home"))
    file.write_text(OWN)
    assert call(capsys, "study", "check", str(file))[1]["runs"] == 9
    status, made, _ = call(capsys, "study", "run", str(file), "--seed", "0", *home)
    assert status == 0 and [row["arm"] for row in made["runs"]] == ["warm-start", "english-only", "gentle"]
    status, part, told = call(capsys, "study", "verdict", str(file), *home)
    assert not part["complete"] and len(part["missing"]) == 4 and "Not complete: 4 run(s)" in told
    assert {question["outcome"] for question in part["questions"]} == {"described"}
    assert call(capsys, "study", "run", str(file), *home)[0] == 0
    counts = call(capsys, "study", "status", str(file), *home)[1]
    assert counts["complete"] and counts["counts"]["finished"] == 9
    _, whole, _ = call(capsys, "study", "verdict", str(file), *home)
    first, second = whole["questions"]
    assert whole["complete"] and first["seeds"] == [0, 1, 2] and first["languages"] == ["sw", "th"]
    assert second["languages"] == ["en"] and first["prior_corrected"]["low"] <= first["prior_corrected"]["high"]
    assert first["second"] == "english-only" and first["first"] == "gentle" and "3 seeds" in first["sentence"]


def test_runs_and_seeds_that_the_study_does_not_have_are_refused(small_encoder, tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    for option, value in (("--arm", "nobody"), ("--seed", "7")):
        status, _, told = call(capsys, "study", "run", str(file), option, value, "--home", str(tmp_path / "home"))
        assert status == 2 and value in told


def test_a_new_study_is_a_copy_under_its_own_name_with_nothing_fixed(tmp_path, capsys):
    file = tmp_path / "My Question.toml"
    status, made, _ = call(capsys, "study", "new", "--from", "xnli-first", "--out", str(file))
    assert status == 0 and made["name"] == "my-question"
    study = read_study(file)
    assert study.name == "my-question" and not study.protocols and study.warm.updates == 2400
    assert call(capsys, "study", "new", "--from", "quick", "--out", str(file))[0] == 2, "it is there already"


def test_a_lock_holds_the_study_to_what_it_said(small_encoder, tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    _, first, _ = call(capsys, "study", "lock", str(file))
    assert call(capsys, "study", "lock", str(file))[1] == first, "locking again changes nothing"
    file.write_text(f"# a comment is no change\n{OWN}")
    assert call(capsys, "study", "lock", str(file))[0] == 0
    file.write_text(OWN.replace("updates = 6", "updates = 7", 1))
    status, _, told = call(capsys, "study", "run", str(file), "--home", str(tmp_path / "home"))
    assert status == 2 and "has changed since it was locked" in told
    (tmp_path / "mine.lock.json").write_text("[]")
    status, _, told = call(capsys, "study", "lock", str(file))
    assert status == 2 and "cannot be read" in told


TEST = OWN.replace('split = "validation"', 'split = "test"').replace("seeds = [0, 1, 2]", "seeds = [0, 1]")


@pytest.mark.slow
def test_of_a_locked_study_nothing_of_test_is_shown_before_its_last_run(small_encoder, tmp_path, capsys):
    file, home = tmp_path / "mine.toml", ("--home", str(tmp_path / "home"))
    file.write_text(TEST)
    assert call(capsys, "study", "lock", str(file))[0] == 0
    status, made, _ = call(capsys, "study", "run", str(file), "--seed", "0", *home)
    assert status == 0 and made["sealed"] == 2 and [row["accuracy"] for row in made["runs"]][1:] == [{}, {}]
    status, early, told = call(capsys, "study", "verdict", str(file), *home)
    assert status == 0 and not early["complete"] and early["questions"] == [] and "sealed until then" in told
    assert early["missing"] == ["warm-start seed 1", "english-only seed 1", "gentle seed 1"]
    status, imported, told = call(capsys, "import", *home)
    assert status == 0 and imported["imported"] == [] and "3 runs of it are missing" in told
    assert [run["arm"] for run in call(capsys, "runs", "list", *home)[1]["runs"]] == ["warm-start"]
    status, made, _ = call(capsys, "study", "run", str(file), *home)
    assert status == 0 and made["sealed"] == 0
    assert [run["arm"] for run in call(capsys, "runs", "list", *home)[1]["runs"]].count("gentle") == 2
    _, late, _ = call(capsys, "study", "verdict", str(file), *home)
    assert late["complete"] and len(late["questions"]) == 2 and late["questions"][0]["items"] > 0


def test_a_locked_study_runs_with_its_own_code_and_lock(small_encoder, tmp_path, capsys, monkeypatch):
    file, home = tmp_path / "mine.toml", ("--home", str(tmp_path / "home"))
    file.write_text(TEST)
    call(capsys, "study", "lock", str(file))
    just_warm = ("study", "run", str(file), "--arm", "warm-start", "--seed", "0", *home)
    monkeypatch.setattr("core.experiment.studies.code_version.same_code", lambda one, other: False)
    status, _, told = call(capsys, *just_warm)
    assert status == 2 and "git worktree add" in told and "--other-commit" in told
    status, made, _ = call(capsys, *just_warm, "--other-commit")
    assert status == 0 and [row["arm"] for row in made["runs"]] == ["warm-start"]
    [record] = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "home" / "runs").glob("*/run.json")]
    assert record["study"]["other_commit"] is True and record["sealed"] is False
    lock = tmp_path / "mine.lock.json"
    text = lock.read_text("utf-8")
    lock.write_text(text.replace("margin 1", "margin 2"))
    status, _, told = call(capsys, *just_warm, "--other-commit")
    assert status == 2 and "mine.lock.json has changed since it was written" in told
    lock.unlink()
    call(capsys, "study", "lock", str(file))
    locked_again = json.loads(lock.read_text("utf-8"))
    assert locked_again["sha256"] == json.loads(text)["sha256"]
    if locked_again["digest"] != json.loads(text)["digest"]:  # locked in another second
        status, _, told = call(capsys, *just_warm, "--other-commit")
        assert status == 2 and "restore that lock" in told


@pytest.mark.slow
def test_a_study_that_is_paused_stops_at_an_update_and_goes_on(small_encoder, tmp_path, capsys, monkeypatch):
    file, home = tmp_path / "mine.toml", ("--home", str(tmp_path / "home"))
    file.write_text(OWN)
    one = ("study", "run", str(file), "--arm", "gentle", "--seed", "0", *home)
    call(capsys, "study", "run", str(file), "--arm", "warm-start", "--seed", "0", *home)
    looked = []

    def asked(workspace, study, began):
        looked.append(study)
        return len(looked) >= 3

    with monkeypatch.context() as patch:
        patch.setattr("core.cli.study.run.is_paused", asked)
        status, _, told = call(capsys, *one)
    assert status == 1 and "Paused" in told
    _, found, _ = call(capsys, "study", "status", str(file), *home)
    [begun] = [row for row in found["runs"] if row["state"] == "begun"]
    assert (begun["arm"], begun["updates"], begun["of"]) == ("gentle", 3, 6)
    assert found["counts"]["finished"] == 1 and found["minutes_left"] > 0
    assert call(capsys, "study", "pause", str(file), *home)[1]["ok"]
    workspace = open_workspace(tmp_path / "home")
    assert is_paused(workspace, "mine", 0.0) and not is_paused(workspace, "mine", time.time() + 1)
    assert not is_paused(workspace, "other", 0.0)
    status, made, _ = call(capsys, *one)
    assert status == 0 and [row["cached"] for row in made["runs"]] == [True, False], "a run begun later is not stopped"
    assert call(capsys, "study", "status", str(file), *home)[1]["counts"]["begun"] == 0


@pytest.mark.slow
def test_the_first_study_is_answered_as_the_verdict_answers(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    home = ("--home", str(tmp_path / "home"))
    _, verdict, _ = call(capsys, "verdict", *home)
    _, study, _ = call(capsys, "study", "verdict", "xnli-first", *home)
    assert study["complete"] and study["questions"] == verdict["questions"]
    assert study["collapsed"] == verdict["collapsed"] == ["adversarial", "transport-shuffled", "adversarial-language"]
    names = {row["name"]: row for row in call(capsys, "study", "list", *home)[1]["studies"]}
    assert names["xnli-first"]["finished"] == 17
    assert names["xnli-first"]["locked"] == "2026-11-23" and names["quick"]["locked"] is None


@pytest.mark.slow
def test_power_is_planned_from_the_shipped_runs(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    given = ("study", "plan", "xnli-first", "--seed-sd", "1", "--no-probe", "--home", str(tmp_path / "home"))
    _, made, told = call(capsys, *given)
    assert made["minutes"] is None and made["runs"] == 18 and made["disk_mb"] > 18 * 2.9
    rows = {row["k"]: row for row in made["power"]}
    assert "17 stored run(s)" in told and sorted(rows) == list(range(3, 11))
    assert rows[6]["half_width"] == pytest.approx(1.1, abs=0.1) and rows[6]["mde"] == pytest.approx(1.5, abs=0.15)
