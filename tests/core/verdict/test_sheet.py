"""The answer sheet: levels, what controls explain, and the document as a whole."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from core.statistics.intervals import wilson
from core.verdict.analysis import Analysis
from core.verdict.answers import read_answers
from core.verdict.contrast import Contrasts
from core.verdict.controls import COLUMNS, explain
from core.verdict.levels import GAP, LOW, OTHERS, levels
from core.verdict.sheet import make_sheet, one_recipe_an_arm, sheet_key
from core.verdict.verdict import answer
from tests.support.planted import planted

EFFECTS = {"english-only": 0.0, "transport": 5.0, "mean-matching": 5.0, "transport-shuffled": 0.0}
SEEDS = {"english-only": 3, "transport": 3, "mean-matching": 1, "transport-shuffled": 1}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return planted(np.random.default_rng(4), EFFECTS, seeds=SEEDS, premises=250, seed_sd=0.3)


def _answered(answers, repetitions):
    contrasts = Contrasts(answers, repetitions)
    return contrasts, answer(contrasts)[0]


def test_levels_are_seed_means_with_intervals_that_hold_them(table):
    found = levels(read_answers(table), repetitions=500).set_index(["arm", "unit"])
    right = table.assign(right=table[["entailment", "neutral", "contradiction"]].to_numpy().argmax(1) == table["gold"])
    means = 100 * right.groupby(["arm", "language"])["right"].mean()
    for key, value in means.items():
        assert found.loc[key, "value"] == pytest.approx(value)
    own = found.loc["transport"]
    low = means["transport"].drop("en").mean()
    assert own.loc[LOW, "value"] == pytest.approx(low) == pytest.approx(own.loc[OTHERS, "value"])
    assert own.loc[GAP, "value"] == pytest.approx(means["transport", "en"] - low)
    assert (found["low"] < found["value"]).all() and (found["value"] < found["high"]).all()
    assert set(found["interval"]) == {"bootstrap"}
    # A mean over five languages is surer than any one of them; three seeds are surer than one.
    width = found["high"] - found["low"]
    assert width["transport", LOW] < width["transport"][["sw", "ur", "hi", "th", "tr"]].min()
    assert width["transport", "sw"] < width["mean-matching", "sw"]


def test_the_width_of_a_level_is_the_standard_error_of_its_premises(table):
    one = table[(table["arm"] == "mean-matching") & (table["language"] == "sw")]
    right = one[["entailment", "neutral", "contradiction"]].to_numpy().argmax(1) == one["gold"]
    by_premise = right.groupby(one["item_id"] // 3).sum()
    error = 100 * math.sqrt(len(by_premise) * by_premise.var(ddof=1)) / len(one)
    found = levels(read_answers(one), repetitions=4000).iloc[0]
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * error, rel=0.06)


def test_few_premises_give_wilson_s_interval_and_a_missing_language_no_mean(table):
    few = table[table["item_id"] < 30]
    found = levels(read_answers(few)).set_index(["arm", "unit"])
    assert set(found["interval"]) == {"wilson"}
    row = found.loc["mean-matching", "sw"]
    assert (row["low"], row["high"]) == pytest.approx(wilson(round(row["value"] * 30 / 100), 30))
    assert math.isnan(found.loc["transport", GAP]["low"])
    part = table[~((table["arm"] == "transport") & (table["language"] == "sw"))]
    found = levels(read_answers(part), repetitions=50).set_index(["arm", "unit"])
    assert ("transport", LOW) not in found.index and ("transport", GAP) not in found.index
    assert ("english-only", LOW) in found.index


def test_controls_stand_beside_the_arm_they_explain(table):
    found = explain(*_answered(read_answers(table), 800))
    assert tuple(found.columns) == COLUMNS
    assert found[["question", "arm"]].to_numpy().tolist() == [
        ["Is it the transport, or just the bitext?", "transport"],
        ["Is it the transport, or just the bitext?", "mean-matching"],
        ["Does it need the pairing, or only the distributions?", "transport"],
        ["Does it need the pairing, or only the distributions?", "transport-shuffled"],
    ]
    rows = found.drop_duplicates("arm").set_index("arm")
    assert rows["seed_variance"].to_dict() == {
        "transport": "own", "mean-matching": "pooled", "transport-shuffled": "pooled"
    }  # fmt: skip
    assert rows.loc["transport", "low"] > 2 and rows.loc["mean-matching", "low"] > 0
    assert rows.loc["transport-shuffled", "low"] < 0 < rows.loc["transport-shuffled", "high"]
    assert rows.loc["transport-shuffled", "ahead_low"] > 1.5
    assert rows.loc["mean-matching", "ahead_low"] < 0 < rows.loc["mean-matching", "ahead_high"]


def test_a_question_is_asked_on_the_languages_that_all_its_arms_have(table):
    translated = table[(table["arm"] == "mean-matching") & table["language"].isin(["en", "sw", "ur"])]
    both = pd.concat([table[table["arm"].isin(["english-only", "transport"])],
                      translated.assign(arm="translate-test", run_id="t")])  # fmt: skip
    found = explain(*_answered(read_answers(both), 100))
    assert list(found["arm"]) == ["transport", "translate-test"]
    assert set(found["languages"]) == {"ur sw"}
    assert explain(*_answered(read_answers(table[table["arm"] != "english-only"]), 10)).empty


def test_the_sheet_is_json_and_the_same_every_time(table):
    made = make_sheet(table, repetitions=200)
    again = make_sheet(table.sample(frac=1, random_state=0), repetitions=200)
    text = json.dumps(made, allow_nan=False)
    assert text == json.dumps(again, allow_nan=False)
    assert set(made) == {"analysis", "questions", "unanswerable", "levels", "languages", "controls", "runs"}
    assert {row["first"] for row in made["languages"]} == {"transport", "mean-matching", "transport-shuffled"}
    assert all(question["sentence"].endswith(".") for question in made["questions"])


def test_the_key_changes_with_the_predictions_and_the_split():
    keys = {
        sheet_key({"a": "1", "b": "2"}, "test"), sheet_key({"a": "1", "b": "3"}, "test"),
        sheet_key({"a": "1"}, "test"), sheet_key({"a": "1", "b": "2"}, "validation"),
        sheet_key({"a": "1"}, "test", Analysis(method="crossed").content()),
        sheet_key({"a": "1"}, "test", Analysis(arms=("a",)).content()),
    }  # fmt: skip
    assert len(keys) == 6
    assert sheet_key({"b": "2", "a": "1"}, "test") == sheet_key({"a": "1", "b": "2"}, "test")


def test_one_recipe_an_arm():
    runs = pd.DataFrame(
        [("a", "t", 0, '{"settings": {"w": 1}}'), ("b", "t", 1, '{"settings": {"w": 1}}'),
         ("c", "t", 0, '{"settings": {"w": 2}}'), ("d", "e", 0, "{}"), ("e", "e", 0, "{}")],
        columns=["run_id", "arm", "seed", "config"],
    )  # fmt: skip
    assert list(one_recipe_an_arm(runs)["run_id"]) == ["c", "e"]
