"""Odds of a flip against the cost its premise saved: planted relations are found, and their absence is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.flip_odds import COLUMNS, flip_odds


def drawn(slope, premises=400, seed=0, languages=("sw", "ur", "th")):
    """Two arms; the log odds that an item is fixed rise by `slope` for each standard deviation its premise saves."""
    random = np.random.default_rng(seed)
    rows = []
    for at, language in enumerate(languages):
        base_cost = random.normal(0.7, 0.05, premises)
        saved = random.normal(0.05, 0.03, premises)
        for k in range(3):
            items = 3 * np.arange(premises) + k
            base = random.random(premises) < 0.5
            logit = -0.5 + 0.3 * at + slope * (saved - 0.05) / 0.03
            changed = random.random(premises) < 1 / (1 + np.exp(-logit))
            right = np.where(base, True, changed)
            for arm, cost, answer in (("english-only", base_cost, base), ("transport", base_cost - saved, right)):
                rows.append(pd.DataFrame({"arm": arm, "seed": 0, "language": language, "layer": 8, "item_id": items,
                                          "cost": cost, "right": answer}))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def test_a_planted_relation_is_found_with_its_size():
    table = flip_odds(drawn(0.8), "english-only").set_index("flip")
    fixed = table.loc["fixed"]
    assert fixed["low"] < np.exp(0.8) < fixed["high"] and fixed["low"] > 1 and fixed["p"] < 0.001
    assert fixed["deviation"] == pytest.approx(0.03, rel=0.1)
    assert np.isnan(table.loc["broken", "odds"]) and table.loc["broken", "flips"] == 0


def test_without_a_relation_intervals_hold_one_as_often_as_they_say():
    held = [
        row["low"] <= 1 <= row["high"]
        for seed in range(40)
        for row in flip_odds(drawn(0.0, premises=60, seed=seed), "english-only").to_dict("records")
        if row["flip"] == "fixed"
    ]
    assert len(held) == 40 and sum(held) >= 34


def test_counts_are_those_of_a_plain_recount():
    answers = drawn(0.5, premises=50)
    table = flip_odds(answers, "english-only").set_index("flip")
    wide = answers.pivot(index=["language", "item_id"], columns="arm", values="right")
    wrong = wide[~wide["english-only"].astype(bool)]
    assert table.loc["fixed", "items"] == len(wrong)
    assert table.loc["fixed", "flips"] == int(wrong["transport"].sum())
    assert table.loc["fixed", "premises"] == (wrong.index.get_level_values("item_id") // 3).nunique()


def test_seeds_and_languages_are_not_mixed_and_little_gives_nothing():
    answers = drawn(0.5, premises=50)
    other = answers.assign(seed=np.where(answers["arm"] == "transport", 1, 0))
    assert flip_odds(other, "english-only").empty
    assert list(flip_odds(answers.iloc[:0], "english-only").columns) == list(COLUMNS)
    few = flip_odds(drawn(0.5, premises=3, languages=("sw",)), "english-only")
    assert few["odds"].isna().all()
    same = answers.assign(cost=0.5)
    assert flip_odds(same, "english-only")["odds"].isna().all()
