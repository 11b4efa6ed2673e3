"""A strength is taken by rule: best retrieval on held-out bitext, at most a point of English, no collapse, no test."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.errors import BadInput
from core.experiment.studies.read import find_study
from core.experiment.studies.strengths import Trial, choose, read_trials, told
from tests.support.paths import ROOT

UNDERWAY = ROOT / "store" / "underway" / "xnli-second-tuning"


def _trial(name: str, english: float, retrieval: float, collapsed: bool = False) -> Trial:
    return Trial(name, name.rpartition("-")[0] or name, 0, {"weight": name}, english, retrieval, collapsed)


BASE = Trial("english-only", "english-only", 0, {}, 73.0, 80.0, False)


@pytest.mark.parametrize(
    ("tried", "chosen"),
    [
        ([("arm-1", 73.0, 81.0), ("arm-2", 72.0, 84.0), ("arm-3", 71.9, 99.0)], "arm-2"),
        ([("arm-1", 73.0, 81.0), ("arm-2", 74.0, 95.0, True)], "arm-1"),
        ([("arm-2", 73.0, 81.0), ("arm-1", 73.0, 81.0)], "arm-1"),
        ([("arm-1", 70.0, 81.0), ("arm-2", 60.0, 90.0)], None),
    ],
)
def test_the_best_admissible_one_is_taken(tried, chosen):
    (choice,) = choose([BASE, *(_trial(*one) for one in tried)])
    assert (choice.chosen.name if choice.chosen else None) == chosen and len(choice.tried) == len(tried)
    lines = told([choice], BASE.english)
    assert [line.split()[0] for line in lines if line.endswith("chosen")] == ([chosen] if chosen else [])


def test_without_a_baseline_or_with_one_strength_nothing_is_chosen():
    with pytest.raises(BadInput, match="english-only is not among the trials"):
        choose([_trial("arm-1", 73.0, 81.0)])
    assert choose([BASE, _trial("arm-1", 73.0, 81.0)]) == []


def test_runs_are_read_and_one_that_read_test_is_refused(tmp_path):
    def write(run_id: str, arm: str, split: str = "validation") -> None:
        folder = tmp_path / run_id
        folder.mkdir()
        config = {"arm": arm, "label": "", "seed": 0, "settings": {"weight": 2.0}}
        (folder / "run.json").write_text(json.dumps({"run_id": run_id, "config": config}), encoding="utf-8")
        rows = [("accuracy", split, "en", 73.0), ("accuracy", split, "sw", 60.0), ("collapsed", "held-out", "", 0.0)]
        rows += [("held_out_retrieval", "held-out", code, value) for code, value in (("sw", 80.0), ("ur", 90.0))]
        pd.DataFrame(rows, columns=["name", "split", "language", "value"]).to_parquet(folder / "scores.parquet")

    write("a" * 12, "warm-start")
    write("b" * 12, "transport")
    assert read_trials(tmp_path) == [Trial("transport", "transport", 0, {"weight": 2.0}, 73.0, 85.0, False)]
    write("c" * 12, "transport", "test")
    with pytest.raises(BadInput, match="has read a test split"):
        read_trials(tmp_path)


@pytest.mark.skipif(not UNDERWAY.is_dir(), reason="the tuning's runs are no longer kept")
def test_the_second_study_takes_what_its_tuning_says():
    study, tuning = find_study("xnli-second"), find_study("xnli-second-tuning")
    trials = read_trials(UNDERWAY)
    assert {trial.name for trial in trials} <= {arm.name for arm in tuning.arms}
    if {trial.name for trial in trials} != {arm.name for arm in tuning.arms}:
        pytest.skip("the tuning is under way")
    for choice in choose(trials):
        assert choice.chosen is not None, choice.method
        said = next(arm.settings for arm in tuning.arms if arm.name == choice.chosen.name)
        assert [arm.settings for arm in study.arms if arm.method == choice.method] == [said] * sum(
            arm.method == choice.method for arm in study.arms
        )
