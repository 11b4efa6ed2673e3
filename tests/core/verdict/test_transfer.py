"""Measures across languages on a table small enough to work by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.verdict.answers import read_answers
from core.verdict.transfer import by_arm, by_language, by_run

GOLD = [0, 1, 2, 0]
PREDICTED = {  # right: en 3 of 4, de 2, sw 1, ur 2
    "en": [0, 1, 2, 1],
    "de": [0, 1, 0, 1],
    "sw": [0, 0, 0, 1],
    "ur": [0, 2, 2, 1],
}


def make(predicted: dict[str, list[int]], arm: str = "transport", seed: int = 0) -> pd.DataFrame:
    rows = [
        (f"{arm}{seed}", arm, seed, code, item, GOLD[item], *(np.eye(3)[label] * 0.6 + 0.1))
        for code, labels in predicted.items()
        for item, label in enumerate(labels)
    ]
    names = ["run_id", "arm", "seed", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]
    return pd.DataFrame(rows, columns=names)


def test_across_languages_by_hand():
    run = by_run(read_answers(make(PREDICTED).sample(frac=1, random_state=0))).iloc[0]
    assert run["languages"] == 4 and run["english"] == 75.0
    assert run["mean"] == pytest.approx((50 + 25 + 50) / 3)
    assert run["low_resource"] == pytest.approx((25 + 50) / 2) and run["gap"] == pytest.approx(75 - 37.5)
    assert (run["worst_language"], run["worst"]) == ("sw", 25.0)
    # As in English: de items 0, 1, 3; sw items 0, 3; ur items 0, 2, 3. In every language: items 0, 3.
    assert run["consistency_english"] == pytest.approx((75 + 50 + 75) / 3)
    assert run["consistency_low_resource"] == pytest.approx((50 + 75) / 2)
    assert run["consistency_all"] == pytest.approx(50.0)


def test_by_language_in_the_order_of_the_figures():
    table = by_language(read_answers(make(PREDICTED)))
    assert table["language"].tolist() == ["en", "de", "ur", "sw"]
    assert table["accuracy"].tolist() == [75.0, 50.0, 50.0, 25.0] and table["items"].tolist() == [4] * 4
    assert math.isnan(table["consistency"].iloc[0]) and table["consistency"].tolist()[1:] == [75.0, 75.0, 50.0]


def test_a_language_with_fewer_items_is_compared_on_those_it_has():
    table = make(PREDICTED)
    few = table[(table["language"] != "sw") | (table["item_id"] < 2)]
    run = by_run(read_answers(few)).iloc[0]
    assert run["low_resource"] == pytest.approx((50 + 50) / 2)
    assert run["consistency_low_resource"] == pytest.approx((50 + 75) / 2)
    assert run["consistency_all"] == pytest.approx(50.0)  # of items 0 and 1


def test_without_english_or_without_low_resource_languages():
    none = by_run(read_answers(make({"sw": PREDICTED["sw"]}))).iloc[0]
    assert math.isnan(none["english"]) and math.isnan(none["gap"]) and math.isnan(none["consistency_all"])
    assert none["low_resource"] == 25.0
    assert math.isnan(by_run(read_answers(make({"en": PREDICTED["en"]}))).iloc[0]["low_resource"])


def test_arms_have_means_and_deviations_between_seeds():
    worse = PREDICTED | {"sw": [1, 2, 0, 1]}
    table = pd.concat([make(PREDICTED), make(worse, seed=1), make(PREDICTED, "english-only")])
    arms = by_arm(by_run(read_answers(table))).set_index("arm")
    assert arms["seeds"].to_dict() == {"transport": 2, "english-only": 1}
    assert arms.loc["transport", "low_resource"] == pytest.approx((37.5 + 25) / 2)
    assert arms.loc["transport", "low_resource_sd"] == pytest.approx(12.5 / 2**0.5)
    assert math.isnan(arms.loc["english-only", "low_resource_sd"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.drop(columns="gold"), "no column 'gold'"),
        (lambda t: t.iloc[:0], "no predictions"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "twice"),
        (lambda t: t.assign(neutral=np.nan), "not a number"),
        (lambda t: t.assign(gold=3), "gold label other than"),
        (lambda t: t.assign(seed=[0] * (len(t) - 1) + [1]), "two arms or seeds"),
        (lambda t: pd.concat([t, t.assign(run_id="x")]), "Two runs are transport with seed 0"),
        (lambda t: pd.concat([t, t.assign(run_id="x", seed=1, gold=2)]), "disagree on an item's gold label"),
    ],
)
def test_what_cannot_be_compared_is_told(spoil, says):
    with pytest.raises(BadInput, match=says):
        read_answers(spoil(make(PREDICTED)))
