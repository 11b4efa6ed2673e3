"""Tables and the finding computed from stored accuracies."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.summary import by_arm, by_language, finding, wide
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.statistics.intervals import wilson


def table(**means: dict[str, float]) -> pd.DataFrame:
    """One seed an arm, 200 items a language."""
    rows = [
        (arm.replace("_", "-"), 0, code, 200, round(2 * value), value)
        for arm, languages in means.items()
        for code, value in languages.items()
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "language", "items", "correct", "accuracy"])


def flat(low: float, english: float) -> dict[str, float]:
    return {code: english if code == "en" else low for code in XNLI_CODES}


def test_seeds_are_averaged_and_do_not_narrow_the_interval():
    one = table(transport={"sw": 50.0})
    three = pd.concat([one.assign(seed=s, accuracy=50.0 + s - 1) for s in range(3)])
    row = by_language(three).iloc[0]
    assert (row["seeds"], row["items"], row["accuracy"]) == (3, 200, 50.0)
    assert (row["low"], row["high"]) == pytest.approx(wilson(100, 200))


def test_rows_come_in_the_order_of_arms_and_languages():
    languages = by_language(table(adversarial=flat(50, 60), english_only=flat(50, 60)))
    assert list(languages["arm"].unique()) == ["english-only", "adversarial"]
    assert list(languages["language"][:15]) == list(XNLI_CODES)


def test_by_arm_gives_mean_english_and_gap():
    arms = by_arm(by_language(table(english_only=flat(50, 60), transport=flat(52, 59)))).set_index("arm")
    assert arms["low_resource"].to_dict() == {"english-only": 50.0, "transport": 52.0}
    assert arms["gap"].to_dict() == {"english-only": 10.0, "transport": 7.0}
    assert (arms["low_resource_languages"] == 5).all()
    assert (arms["low"] < arms["low_resource"]).all() and (arms["low_resource"] < arms["high"]).all()


def test_an_arm_without_all_low_resource_languages_has_no_mean():
    part = {code: 99.0 for code in ("en", "sw")}
    arms = by_arm(by_language(table(english_only=flat(50, 60), transport=part))).set_index("arm")
    assert math.isnan(arms.loc["transport", "low_resource"])
    assert arms.loc["english-only", "low_resource"] == 50.0


def test_an_arm_without_english_has_no_gap():
    only = {code: 50.0 for code in LOW_RESOURCE}
    row = by_arm(by_language(table(transport=only))).iloc[0]
    assert math.isnan(row["english"]) and math.isnan(row["gap"])
    assert row["low_resource"] == 50.0


def test_wide_puts_the_mean_and_english_in_front():
    cells = wide(by_language(table(english_only=flat(50, 60), transport=flat(52, 59))))
    assert list(cells.columns[:5]) == ["Arm", "Seeds", "Low-resource mean", "English (en)", "Gap"]
    assert list(cells.columns[5:]).count("English (en)") == 0
    assert len(cells.columns) == 4 + 15
    assert cells.set_index("Arm").loc["transport", "Swahili (sw)"] == 52.0


def test_the_finding_is_read_from_the_table():
    arms = by_arm(by_language(table(english_only=flat(50, 60), transport=flat(52.3, 59))))
    text = finding(arms, "test", "XNLI")
    assert text.startswith("On the test split of XNLI (5 low-resource languages, 200 items each), ")
    assert "transport has the highest low-resource mean, 52.3, which is 2.3 points above english-only (50.0)" in text
    assert text.endswith("with one seed an arm this is a description, not a test of significance.")


def test_the_finding_does_not_tell_apart_what_looks_equal():
    arms = by_arm(by_language(table(english_only=flat(50.0, 60), transport=flat(50.04, 59))))
    assert "english-only and transport share the highest low-resource mean, 50.0" in finding(arms, "test", "XNLI")
    three = table(english_only=flat(50.0, 60), transport=flat(50.04, 59), adversarial=flat(49.96, 59))
    text = finding(by_arm(by_language(three)), "test", "XNLI")
    assert "english-only, transport and adversarial share the highest" in text


def test_several_seeds_point_to_the_verdict():
    rows = table(english_only=flat(50, 60), transport=flat(52, 59))
    arms = by_arm(by_language(pd.concat([rows, rows.assign(seed=1)])))
    assert finding(arms, "validation", "XNLI").endswith("says whether the difference stands.")


def test_one_arm_or_none_is_said():
    one = by_arm(by_language(table(transport=flat(52, 59))))
    assert "nothing to compare it with" in finding(one, "test", "XNLI")
    none = by_arm(by_language(table(transport={"en": 60.0})))
    assert "no stored arm has results in every low-resource language yet" in finding(none, "test", "XNLI")


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=6),
    st.integers(1, 2000),
)
def test_the_finding_names_the_largest_mean(values, items):
    arms = [f"arm-{i}" for i in range(len(values))]
    rows = [(arm, 0, code, items, 0, value) for arm, value in zip(arms, values, strict=True) for code in LOW_RESOURCE]
    made = pd.DataFrame(rows, columns=["arm", "seed", "language", "items", "correct", "accuracy"])
    summed = by_arm(by_language(made))
    text = finding(summed, "test", "XNLI")
    best = float(np.max(values))
    assert f"low-resource mean, {best:.1f}" in text
    assert ((summed["low"] <= summed["low_resource"] + 1e-9) & (summed["low_resource"] <= summed["high"] + 1e-9)).all()


def test_main_arms_are_compared_and_a_control_above_them_is_named():
    rows = table(english_only=flat(50, 60), transport=flat(52, 59), mean_matching=flat(55, 60))
    text = finding(by_arm(by_language(rows)), "test", "XNLI")
    assert "transport has the highest low-resource mean, 52.0" in text
    assert "; the control mean-matching reaches 55.0; with one seed" in text
    below = table(english_only=flat(50, 60), transport=flat(52, 59), mean_matching=flat(51, 60))
    assert "mean-matching" not in finding(by_arm(by_language(below)), "test", "XNLI")
