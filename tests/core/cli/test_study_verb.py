"""`study` as a person uses it: a study of one's own, from its file to its answers, on the starter data."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from core.shipped import SETTING, SHIPPED
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.experiment.studies.read import read_study

OWN = """name = "mine"
seeds = [0, 1, 2]
warm_start = "own"

[model]
rank = 4
alpha = 8
first_layer = 0
posterior_size = 8
hidden_size = 16

[warm]
updates = 2
batch_pairs = 8

[train]
updates = 6
batch_pairs = 4
learning_rate = 1e-2
head_learning_rate = 1e-2

[bitext]
languages = ["sw", "th"]
pairs = 20
batch = 4

[readings]
english_items = 12
other_items = 12
held_out_pairs = 6
retrieval_pairs = 6
plan_pairs = 1

[[benchmark]]
name = "xnli"
source = "xnli"
split = "validation"

[[arm]]
name = "english-only"
role = "baseline"

[[arm]]
name = "gentle"
arm = "mean-matching"

[[question]]
first = "gentle"
second = "english-only"

[[question]]
first = "gentle"
second = "english-only"
group = "source"
family = "secondary"
"""


@pytest.fixture
def small_encoder(tiny, monkeypatch, tmp_path):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))
    monkeypatch.setattr("core.encoder.load.load_encoder", lambda spec, *device: tiny)
    monkeypatch.setattr("core.cli.run.encoder_sha256", lambda spec: tiny.fingerprint)


def call(capsys, *arguments: str) -> tuple[int, dict, str]:
    status = main([*arguments, "--json"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if captured.out.strip() else {}, captured.err


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


def test_the_first_study_is_answered_as_the_verdict_answers(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    home = ("--home", str(tmp_path / "home"))
    _, verdict, _ = call(capsys, "verdict", *home)
    _, study, _ = call(capsys, "study", "verdict", "xnli-first", *home)
    assert study["complete"] and study["questions"] == verdict["questions"]
    assert study["collapsed"] == verdict["collapsed"] == ["adversarial", "transport-shuffled", "adversarial-language"]
    names = {row["name"]: row for row in call(capsys, "study", "list", *home)[1]["studies"]}
    assert names["xnli-first"]["finished"] == 17 and names["xnli-first"]["locked"]


def test_power_is_planned_from_the_shipped_runs(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    _, made, told = call(capsys, "study", "plan", "xnli-first", "--seed-sd", "1", "--home", str(tmp_path / "home"))
    rows = {row["k"]: row for row in made["power"]}
    assert "17 stored run(s)" in told and sorted(rows) == list(range(3, 11))
    assert rows[6]["half_width"] == pytest.approx(1.1, abs=0.1) and rows[6]["mde"] == pytest.approx(1.5, abs=0.15)
