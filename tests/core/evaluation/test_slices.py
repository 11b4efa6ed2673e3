"""Slices, flips and the change in cost against planted effects and independent oracles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant

from core.evaluation.explained import changes, slopes
from core.evaluation.flips import read_flips
from core.evaluation.slices import _judge, _matrices, by_language, compare_slices, rank
from core.statistics.significance import holm
from core.verdict.analysis import Analysis
from core.verdict.answers import PROBABILITIES, read_answers
from core.verdict.by_language import compare_languages
from core.verdict.contrast import Contrasts

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
    seeds = {seed: place for place, seed in enumerate(sorted(table["seed"].unique()))}
    pairs = table.pivot_table(
        index=["language", "seed", "item_id"], columns="arm", values="right", aggfunc="mean"
    ).reset_index()
    pairs["difference"] = pairs["b"].astype(float) - pairs["a"].astype(float)
    premise = (pairs["item_id"] // 3).rename("premise")
    grouped = pairs.groupby(["language", "seed", premise])["difference"].agg(["sum", "size"]).reset_index()
    grouped.columns = pd.Index(["value", "seed", "premise", "difference", "items"])
    content = grouped["value"] + grouped["premise"].astype(str)
    return grouped.assign(
        arm="b", slice="language", seeds=len(seeds), place=grouped["seed"].map(seeds), content=content
    )


def test_languages_equal_the_verdicts_comparison():
    """The rule is one: without the sheet at hand the same interval, and no p of its own; with it the sheet's."""
    table = predictions(np.random.default_rng(1), {"en": 0.0, "sw": 0.1, "ur": -0.05}, seeds=(0, 1, 2))
    for method in ("first", "crossed"):
        contrasts = Contrasts(read_answers(table), 500, analysis=Analysis(method=method))
        wanted = compare_languages(contrasts, "b", "a").set_index("language")
        got = by_language(sums(table), method, repetitions=500).set_index("value")
        for name in ("difference", "low", "high"):
            assert np.allclose(got[name], wanted[name].loc[got.index], atol=1e-4), (method, name)
        assert got["items"].tolist() == [240] * 3 and got["premises"].tolist() == [80] * 3
        assert got["p"].isna().all() and not got["tested"].any() and (wanted["p"] <= 1).all()
        answered = wanted.reset_index().assign(arm="b")
        theirs = by_language(sums(table), method, answered, repetitions=500).set_index("value")
        assert np.allclose(theirs["p"], wanted["p"].loc[theirs.index]) and theirs["tested"].all()


@pytest.mark.slow
def test_a_planted_slice_comes_first_and_chance_does_not_stand():
    found, false = 0, 0
    for number in range(12):
        table = predictions(np.random.default_rng(number), {"en": 0.0, "sw": 0.2, "ur": 0.0}, seeds=tuple(range(6)))
        ranked = rank(compare_slices(sums(table), "crossed", repetitions=300))
        first = ranked.iloc[0]
        found += first["value"] == "sw" and first["p_holm"] < 0.05 and first["at_least"] > 0
        false += bool((ranked.loc[ranked["value"] != "sw", "p_holm"] < 0.05).any())
    assert found >= 11 and false <= 3


def test_corrections_are_for_all_rows_together():
    given = sums(predictions(np.random.default_rng(3), dict.fromkeys(CODES, 0.06), seeds=(0, 1, 2)))
    table = compare_slices(given, "crossed")
    p = [one.p for one in _judge(*_matrices(given)[1:], [3] * 3, "crossed", 10, 0)]
    assert np.allclose(table["p_holm"], holm(p))
    order = np.argsort(p)
    ranked = np.array(p)[order] * len(table) / np.arange(1, len(table) + 1)
    assert np.allclose(table["q"].to_numpy()[order], np.minimum.accumulate(ranked[::-1])[::-1].clip(max=1))
    # A language that the study answers keeps the study's p and leaves the others' correction.
    answered = table[table["value"] == "sw"].rename(columns={"value": "language"}).assign(p=0.0123, tested=True)
    beside = compare_slices(given, "crossed", answered).set_index("value")
    assert beside.loc["sw", "p"] == 0.0123 and np.isnan(beside.loc["sw", "p_holm"])
    assert np.allclose(beside.loc[["en", "ur"], "p_holm"], holm([p[0], p[2]]))


def test_slices_of_the_same_items_are_one():
    """With one language chosen, the language, and gold within language, say what others say already."""
    given = sums(predictions(np.random.default_rng(3), dict.fromkeys(CODES, 0.06), seeds=(0, 1, 2)))
    swahili = given[given["value"] == "sw"]
    twice = pd.concat([swahili, swahili.assign(slice="language and gold label", value="sw, all")])
    table = compare_slices(twice, "crossed")
    assert table[["slice", "value"]].to_numpy().tolist() == [["language", "sw"]]
    assert table["p_holm"].iloc[0] == compare_slices(swahili, "crossed")["p_holm"].iloc[0], "and corrected once"
    other = swahili.assign(slice="gold label", value="neutral", content="others")
    assert len(compare_slices(pd.concat([swahili, other]), "crossed")) == 2


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_one_or_two_runs_and_chosen_items_carry_no_p(seeds):
    given = sums(predictions(np.random.default_rng(3), dict.fromkeys(CODES, 0.5), seeds=seeds))
    for method in ("first", "crossed"):
        table = compare_slices(given, method, repetitions=50)
        assert table[["p", "p_holm", "q"]].isna().all().all() and not table["tested"].any()
        assert (table["low"] < table["high"]).all()
    three = sums(predictions(np.random.default_rng(3), dict.fromkeys(CODES, 0.5), seeds=(0, 1, 2)))
    assert compare_slices(three, "crossed", exploring=False)[["p_holm", "q"]].isna().all().all()


def test_a_small_slice_with_a_large_difference_does_not_come_first():
    rows = [("b", "s", "small", 8, 60.0, -5.0, 125.0), ("b", "s", "large", 4000, -6.0, -8.0, -4.0)]
    table = pd.DataFrame(rows, columns=["arm", "slice", "value", "items", "difference", "low", "high"])
    ranked = rank(table)
    assert ranked["value"].tolist() == ["large", "small"] and ranked["at_least"].tolist() == [4.0, 0.0]


def test_no_sums_give_no_rows():
    empty = sums(predictions(np.random.default_rng(0), dict.fromkeys(CODES, 0.0), premises=3)).iloc[:0]
    assert compare_slices(empty, "first").empty and by_language(empty, "first").empty


def cells(random, premises, shares):
    """The 2 x 2 table by premise of three items each, drawn with these shares of the four cells."""
    kinds = [(True, True), (True, False), (False, True), (False, False)]
    rows = []
    for premise in range(premises):
        counts = random.multinomial(3, shares)
        rows += [(*kind, premise, int(n)) for kind, n in zip(kinds, counts, strict=True) if n]
    return pd.DataFrame(rows, columns=["correct_a", "correct_b", "premise", "items"])


@pytest.mark.parametrize("method", ["first", "crossed"])
def test_flips_are_counted_and_their_interval_is_of_premises(method):
    table = cells(np.random.default_rng(2), 200, [0.5, 0.1, 0.2, 0.2])
    found = read_flips(table, method)
    own = table.groupby(["correct_a", "correct_b"])["items"].sum()
    assert (found.both_right, found.broken, found.fixed, found.both_wrong) == (
        own[True, True], own[True, False], own[False, True], own[False, False]
    )  # fmt: skip
    assert found.items == 600 and found.difference == pytest.approx(100 * (found.fixed - found.broken) / 600)
    change = table.assign(d=(table["correct_b"].astype(int) - table["correct_a"].astype(int)) * table["items"])
    by_premise = change.groupby("premise")["d"].sum().to_numpy() / 3
    reach = 1.972 * 100 * by_premise.std(ddof=1) / np.sqrt(200)
    assert (found.low, found.high) == pytest.approx((found.difference - reach, found.difference + reach), abs=0.25)
    assert (read_flips(table, method, (1.0, 2.0)).low, read_flips(table, method, (1.0, 2.0)).high) == (1.0, 2.0)


def test_the_interval_of_a_difference_covers():
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(200):
        found = read_flips(cells(rng, 100, [0.5, 0.08, 0.14, 0.28]))
        covered += found.low <= 6.0 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_no_common_items_have_no_interval():
    found = read_flips(pd.DataFrame(columns=["correct_a", "correct_b", "premise", "items"]))
    assert found.items == 0 and found.low != found.low


def test_changes_in_ranks_are_paired_by_sentence_and_the_slope_is_least_squares():
    rng = np.random.default_rng(5)
    codes = ("sw", "ur", "hi", "th", "tr")
    hard = rng.random(40)
    rows = [
        (arm, seed, code, str(n), 0.2 + 0.3 * hard[n] + 0.05 * k * (arm == "b"))
        for arm in ("a", "b")
        for seed in (0, 1)
        for k, code in enumerate(codes)
        for n in range(40)
    ]
    ranks = pd.DataFrame(rows, columns=["arm", "seed", "language", "sentence", "reciprocal"])
    gains = [5 * 0.2 * k + rng.normal(0, 0.1) for k in range(5)]
    accuracy = pd.DataFrame({"arm": "b", "value": codes, "difference": gains, "low": -1.0, "high": 9.0, "items": 1002})
    table = changes(ranks, accuracy, "a", 200).set_index("language").loc[list(codes)].reset_index()
    assert np.allclose(table["mrr"], [5.0 * k for k in range(5)]) and (table["seeds"] == 2).all()
    assert np.allclose(table["mrr_high"] - table["mrr_low"], 0, atol=1e-6), "what both find alike does not vary"
    ranks.loc[ranks["arm"] == "b", "reciprocal"] += rng.normal(0, 0.1, 400)
    noisy = changes(ranks, accuracy, "a")
    reach = 1.96 * 100 * 0.1 / np.sqrt(2 * 40)
    assert ((noisy["mrr_high"] - noisy["mrr_low"]) / 2).mean() == pytest.approx(reach, rel=0.25)
    (slope,) = slopes(table)
    fit = OLS(np.array(gains), add_constant(table["mrr"].to_numpy() / 10)).fit()
    assert slope.slope == pytest.approx(fit.params[1]) and slope.low > 0
    assert (slope.low, slope.high) == pytest.approx(tuple(fit.conf_int()[1]))
    assert slope.share == pytest.approx(fit.rsquared)
    assert np.isnan(slopes(table.iloc[:2])[0].low)
    assert changes(ranks[ranks["arm"] == "a"], accuracy, "a").empty
