"""A study of one's own, in other languages and labels, on its own bitext and encoder: from its file to its answers."""

from __future__ import annotations

import zipfile

import pytest

from tests.support.late import COLLECTING
from tests.support.own_study import STUDY, write_own_data
from tests.support.small_bert import save_small_bert
from tests.support.small_study import call

if not COLLECTING:
    from core.workspace import open_workspace
    from store.results.predictions import coverage, read, read_robust
    from store.results.runs import list_runs
    from tests.support.study_results import recompute


@pytest.fixture
def place(no_data, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(STUDY.replace("ENCODER", str(save_small_bert(tmp_path / "encoder"))))
    return file, ("--data", str(write_own_data(tmp_path / "data"))), ("--home", str(tmp_path / "home"))


@pytest.mark.slow
def test_it_runs_end_to_end(place, capsys, tmp_path):
    file, data, home = place
    status, checked, told = call(capsys, "study", "check", str(file), *data)
    assert status == 0 and checked["runs"] == 9 and checked["languages"] == ["gn", "quy"], told
    two, three = checked["benchmarks"]
    assert two["split"] == "two-way.test" and two["chance"] == 50.0 and two["languages"] == ["es", "gn", "quy"]
    assert three["split"] == "three-way.validation" and three["languages"] == ["gn", "quy"]
    assert "retrieval is not measured" in told
    status, _, told = call(capsys, "study", "run", str(file), *data, *home)
    assert status == 2 and "is not locked" in told
    assert call(capsys, "study", "lock", str(file), *data)[0] == 0
    status, made, told = call(capsys, "study", "run", str(file), *data, *home)
    assert status == 0 and len(made["runs"]) == 9, told
    status, answer, told = call(capsys, "study", "verdict", str(file), *data, *home)
    assert status == 0 and answer["complete"], told
    assert len(answer["questions"]) == 3, told
    first, source, other = answer["questions"]
    assert first["languages"] == ["gn", "quy"] and first["seeds"] == [0, 1, 2] and first["premises"] == 30
    assert source["languages"] == ["es"] and source["benchmark"] == "two-way"
    assert other["seeds"] == [0, 1] and other["premises"] == 29 and other["outcome"] == "described"
    assert first["prior_corrected"] is not None and "Two ways" in first["sentence"]

    workspace = open_workspace(tmp_path / "home")
    runs = list_runs(workspace)
    assert set(runs["data_kind"]) == {"own"} and len(set(runs.loc[runs["arm"] != "warm-start", "group_id"])) == 1
    arms = list(runs.loc[runs["arm"] != "warm-start", "run_id"])
    table = read(workspace, arms, "two-way.test")
    assert (table["contradiction"] == 0).all() and set(table["predicted"]) <= {0, 1} and set(table["gold"]) == {0, 1}
    covered = coverage(workspace, arms).merge(runs[["run_id", "seed"]], on="run_id")
    three_way = covered[covered["split"] == "three-way.validation"]
    assert set(three_way["seed"]) == {0, 1} and set(three_way["items"]) == {87}
    robust = read_robust(workspace, arms).merge(runs[["run_id", "seed"]], on="run_id")
    assert set(robust["seed"]) == {0} and set(robust["split"]) == {"clean", "noise", "code_switch", "generalised"}
    assert set(robust.loc[robust["split"] == "code_switch", "language"]) == {"es", "gn", "quy"}
    assert (robust["contradiction"] == 0).all()
    assert len(set(robust.loc[robust["split"] == "generalised", "language"])) == 9

    bundle = tmp_path / "own.zip"
    status, _, told = call(capsys, "study", "bundle", str(file), "-o", str(bundle), *data, *home)
    assert status == 0, told
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    ran = recompute(tmp_path / "own")
    assert ran.returncode == 0 and "3 printed contrasts agree" in ran.stdout, ran.stdout + ran.stderr

    for benchmark in ("two-way", "three-way"):
        status, power, told = call(
            capsys, "study", "plan", str(file), "--benchmark", benchmark, "--seed-sd", "1", *data, *home
        )
        assert status == 0 and len(power["power"]) == 8, told


def test_what_is_too_little_or_not_there_is_told_before_anything_is_trained(place, capsys, tmp_path):
    file, data, _ = place
    own = tmp_path / "data" / "mine"
    (own / "gn.tsv").write_text("".join((own / "gn.tsv").read_text().splitlines(keepends=True)[:20]))
    status, _, told = call(capsys, "study", "check", str(file), *data)
    assert status == 2 and "bitext in gn leaves" in told and "10 are needed" in told
    for path in own.iterdir():
        path.unlink()
    status, _, told = call(capsys, "study", "check", str(file), *data)
    assert status != 0 and "No bitext is at mine/{lang}.tsv" in told
    status, _, told = call(capsys, "study", "check", str(file))
    assert status != 0 and "name it by --data" in told


def test_a_benchmark_with_a_frequent_label_is_told(place, capsys, tmp_path):
    file, data, _ = place
    for path in (tmp_path / "data" / "nli" / "test").iterdir():
        path.write_text(path.read_text().replace("\tyes\n", "\tno\n", 25))
    status, _, told = call(capsys, "study", "check", str(file), *data)
    assert status == 0 and "two-way: one label has" in told and "mean little" in told


def test_floors_are_of_the_studys_own_benchmark(place, capsys):
    file, data, _ = place
    status, floors, told = call(capsys, "study", "floors", str(file), *data)
    assert status == 0, told
    assert (floors["benchmark"], floors["split"], floors["chance"]) == ("two-way", "test", 50.0)
    assert [(row["language"], row["items"]) for row in floors["hypothesis_only"]] == [
        ("es", 60),
        ("gn", 60),
        ("quy", 60),
    ]
    answers_at_all = [row["accuracy"] for row in floors["hypothesis_only"]]
    assert all(30 < value < 70 for value in answers_at_all), (
        "neutral and contradiction are folded into the second label"
    )
