"""Slices, flips and the change in cost against planted effects and independent oracles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.api import OLS, add_constant

from core.evaluation.explained import changes, slopes
from core.evaluation.flips import read_flips
from core.evaluation.slices import by_language, compare_slices, rank
from core.statistics.significance import holm
from core.verdict.answers import PROBABILITIES, read_answers
from core.verdict.by_language import compare_languages

CODES = ("en", "sw", "ur")


def predictions(rng, lift, premises=80, seeds=(0, 1)):
    """Two arms; `lift` is the second's advantage by language. Items of a premise share their difficulty."""
    parts = []
    items = np.arange(3 * premises)
    for code in CODES:
        hard = np.repeat(rng.normal(0, 0.15, premises), 3)
        for arm in ("a", "b"):
            for seed in seeds:
                chance = np.clip(0.6 + hard + (lift[code] if arm == "b" else 0.0), 0, 1)
                right = rng.random(len(items)) < chance
                predicted = np.where(right, items % 3, (items + 1) % 3)
                table = pd.DataFrame(np.eye(3)[predicted], columns=list(PROBABILITIES))
                run = f"{arm}{seed}"
                parts.append(
                    table.assign(
                        run_id=run, arm=arm, seed=seed, language=code, item_id=items, gold=items % 3, right=right
                    )
                )
    return pd.concat(parts, ignore_index=True)


def sums(table):
    """What `store.results.slices.premise_differences` gives for the slice `language`."""
    means = table.pivot_table(
        index=["language", "item_id"], columns="arm", values="right", aggfunc="mean"
    ).reset_index()
    means["difference"] = means["b"] - means["a"]
    grouped = means.groupby(["language", means["item_id"] // 3])["difference"].agg(["sum", "size"]).reset_index()
    grouped.columns = pd.Index(["value", "premise", "difference", "items"])
    return grouped.assign(arm="b", slice="language", seeds=2)


def test_languages_equal_the_verdicts_comparison():
    table = predictions(np.random.default_rng(1), {"en": 0.0, "sw": 0.1, "ur": -0.05})
    got = by_language(sums(table), flips=2000, repetitions=500).set_index("value")
    wanted = compare_languages(read_answers(table), "b", "a", flips=2000, repetitions=500).set_index("language")
    for name in ("difference", "low", "high", "p"):
        assert np.allclose(got[name], wanted[name].loc[got.index]), name
    assert np.allclose(got["p_holm"], wanted["p_corrected"].loc[got.index])
    assert got["items"].tolist() == [240] * 3 and got["premises"].tolist() == [80] * 3


@pytest.mark.slow
def test_a_planted_slice_comes_first_and_chance_does_not_stand():
    found, false = 0, 0
    for number in range(12):
        table = predictions(np.random.default_rng(number), {"en": 0.0, "sw": 0.2, "ur": 0.0})
        ranked = rank(compare_slices(sums(table), flips=1000, repetitions=300))
        first = ranked.iloc[0]
        found += first["value"] == "sw" and first["p_holm"] < 0.05 and first["at_least"] > 0
        false += bool((ranked.loc[ranked["value"] != "sw", "p_holm"] < 0.05).any())
    assert found >= 11 and false <= 3


def test_corrections_are_for_all_rows_together():
    table = compare_slices(sums(predictions(np.random.default_rng(3), dict.fromkeys(CODES, 0.06))), 1000, 300)
    assert np.allclose(table["p_holm"], holm(table["p"].tolist()))
    order = table["p"].to_numpy().argsort()
    ranked = table["p"].to_numpy()[order] * len(table) / np.arange(1, len(table) + 1)
    assert np.allclose(table["q"].to_numpy()[order], np.minimum.accumulate(ranked[::-1])[::-1].clip(max=1))


def test_a_small_slice_with_a_large_difference_does_not_come_first():
    rows = [("b", "s", "small", 8, 60.0, -5.0, 125.0), ("b", "s", "large", 4000, -6.0, -8.0, -4.0)]
    table = pd.DataFrame(rows, columns=["arm", "slice", "value", "items", "difference", "low", "high"])
    ranked = rank(table)
    assert ranked["value"].tolist() == ["large", "small"] and ranked["at_least"].tolist() == [4.0, 0.0]


def test_no_sums_give_no_rows():
    empty = sums(predictions(np.random.default_rng(0), dict.fromkeys(CODES, 0.0), premises=3)).iloc[:0]
    assert compare_slices(empty).empty and by_language(empty).empty


@pytest.mark.parametrize("counts", [(40, 5, 12, 30), (10, 0, 0, 2), (0, 7, 0, 0), (500, 60, 61, 300)])
def test_flips_against_the_binomial_test_and_simulation(counts):
    both, broken, fixed, wrong = counts
    cells = [(True, True, both), (True, False, broken), (False, True, fixed), (False, False, wrong)]
    found = read_flips(pd.DataFrame(cells, columns=["correct_a", "correct_b", "items"]))
    assert found.items == sum(counts)
    exact = binomtest(broken, broken + fixed).pvalue if broken + fixed else 1.0
    assert found.p == pytest.approx(exact)
    assert found.difference == pytest.approx(100 * (fixed - broken) / sum(counts))
    assert found.low <= found.difference <= found.high or sum(counts) < 30


def test_the_interval_of_a_difference_covers():
    rng = np.random.default_rng(4)
    shares = [0.5, 0.08, 0.14, 0.28]
    covered = 0
    for counts in rng.multinomial(300, shares, size=400):
        cells = [(True, True, counts[0]), (True, False, counts[1]), (False, True, counts[2]), (False, False, counts[3])]
        found = read_flips(pd.DataFrame(cells, columns=["correct_a", "correct_b", "items"]))
        covered += found.low <= 6.0 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_no_common_items_have_no_test():
    found = read_flips(pd.DataFrame(columns=["correct_a", "correct_b", "items"]))
    assert found.items == 0 and found.p != found.p


def test_changes_in_cost_are_paired_by_seed_and_the_slope_is_least_squares():
    rng = np.random.default_rng(5)
    codes = ("sw", "ur", "hi", "th", "tr")
    rows = [
        (arm, seed, code, 0.4 + 0.01 * seed - (0.02 * k * (arm == "b")), 100)
        for arm in ("a", "b")
        for seed in (0, 1)
        for k, code in enumerate(codes)
    ]
    costs = pd.DataFrame(rows, columns=["arm", "seed", "language", "value", "items"])
    costs = costs.assign(low=costs["value"] - 0.03, high=costs["value"] + 0.03)
    gains = [5 * 0.2 * k + rng.normal(0, 0.1) for k in range(5)]
    accuracy = pd.DataFrame({"arm": "b", "value": codes, "difference": gains, "low": -1.0, "high": 9.0, "items": 1002})
    table = changes(costs, accuracy, "a")
    assert np.allclose(table["cost"], [-0.02 * k for k in range(5)]) and (table["seeds"] == 2).all()
    assert np.allclose(table["cost_high"] - table["cost"], 0.03), "two seeds halve the variance that two runs double"
    (slope,) = slopes(table)
    fit = OLS(np.array(gains), add_constant(-10 * table["cost"].to_numpy())).fit()
    assert slope.slope == pytest.approx(fit.params[1]) and slope.low > 0
    assert (slope.low, slope.high) == pytest.approx(tuple(fit.conf_int()[1]))
    assert slope.share == pytest.approx(fit.rsquared)
    assert np.isnan(slopes(table.iloc[:2])[0].low)
    assert changes(costs[costs["arm"] == "a"], accuracy, "a").empty
