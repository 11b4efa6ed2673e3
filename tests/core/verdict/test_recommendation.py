"""The recommendation follows from the outcomes by rule, whichever way they fall."""

from __future__ import annotations

import json

import pytest

from core.shipped import SHIPPED
from core.verdict.recommendation import MANY_ASKED, recommend

METHODS = ("transport", "adversarial")


def sheet(*outcomes, primary=("undecided", None)):
    """A sheet of two methods against the baseline; an outcome is (outcome, difference, within the margin)."""
    common = {"name": "low-resource accuracy", "languages": ["tr", "sw"], "seeds": [0, 1, 2], "items": 90,
              "low": -1.0, "high": 1.0, "first_value": 60.0, "second_value": 60.0,
              "lower_is_better": False}  # fmt: skip
    between = {"first": METHODS[0], "second": METHODS[1], "outcome": primary[0], "ahead": primary[1], "primary": True}
    questions = [common | between | {"within_margin": False, "difference": 0.0}]
    for arm, (outcome, difference, within) in zip(METHODS, outcomes, strict=True):
        ahead = None if outcome != "ahead" else arm if difference > 0 else "english-only"
        questions.append(common | {"first": arm, "second": "english-only", "outcome": outcome, "ahead": ahead,
                                   "difference": difference, "within_margin": within, "primary": False})  # fmt: skip
    return {"questions": questions, "levels": [], "analysis": {}}


def told(*outcomes, collapsed=(), primary=("undecided", None)):
    found = recommend(sheet(*outcomes, primary=primary), {arm: (3, 3, 0) for arm in collapsed}, "the test split", 1)
    return found.sentence


BEHIND, OPEN_BELOW = ("ahead", -1.0, False), ("undecided", -3.0, False)
OPEN_ABOVE, AHEAD = ("undecided", 0.4, False), ("ahead", 2.0, False)
ALONE, ALONE_BELOW = ("described", 2.0, False), ("described", -2.0, False)


@pytest.mark.parametrize(
    ("outcomes", "more", "expected"),
    [
        ((BEHIND, BEHIND), {}, "Train in English only. Neither method helped in Swahili and Turkish."),
        ((BEHIND, OPEN_BELOW), {}, "Train in English only. Neither method is shown to help in Swahili and Turkish."),
        ((BEHIND, ALONE_BELOW), {}, "Train in English only. Neither method is shown to help"),
        ((BEHIND, BEHIND), {"collapsed": ("adversarial",)}, "Train in English only. Neither method is shown to help"),
        ((("equivalent", 0.1, True), BEHIND), {}, "Train in English only. Neither method helped by 1 point or more in"),
        ((OPEN_ABOVE, BEHIND), {}, "Stay with English training alone for now. No gain is shown"),
        ((AHEAD, BEHIND), {}, "Train by matching translations (transport). It did better than English training alone"),
        ((AHEAD, AHEAD), {}, "Train by either matching translations (transport) or hiding the language (adversarial)."),
        ((AHEAD, AHEAD), {"primary": ("ahead", "adversarial")}, "Train by hiding the language (adversarial)."),
        ((BEHIND, AHEAD), {"collapsed": ("adversarial",)}, "Stay with English training alone for now. No gain is shown "
         "in Swahili and Turkish without collapse: hiding the language (adversarial) did better, but with runs that"),
        ((ALONE, ALONE), {}, "No recommendation yet."),
    ],
)  # fmt: skip
def test_every_outcome_has_its_advice(outcomes, more, expected):
    assert told(*outcomes, **more).startswith(expected)


@pytest.mark.parametrize(
    ("other", "collapsed", "expected"),
    [
        (BEHIND, (), "did not"),
        (OPEN_ABOVE, (), "is not shown to"),
        (ALONE, (), "is not shown to"),
        (BEHIND, ("adversarial",), "is not shown to"),
        (AHEAD, ("adversarial",), "did too, but with runs that collapsed"),
    ],
)
def test_of_the_other_method_no_more_is_said_than_was_shown(other, collapsed, expected):
    assert told(AHEAD, other, collapsed=collapsed).endswith(f"; hiding the language (adversarial) {expected}.")


def test_what_was_not_tested_is_told_by_its_reason():
    few = sheet(ALONE, ALONE)
    assert "trained too few" not in recommend(few, {}, "the test split").found  # three seeds: the questions are too few
    assert "tested on too few questions" in recommend(few, {}, "the test split").found
    for question in few["questions"]:
        question["seeds"] = [0]
    found = recommend(few, {}, "the test split")
    assert "trained too few times" in found.found and found.numbers[1].said == "one training run: not tested"


def test_an_unmeasured_collapse_is_named():
    found = recommend(sheet(AHEAD, BEHIND), {"transport": (0, 1, 2)}, "the test split", 1)
    assert found.cannot_say.startswith("Whether the training of matching translations (transport) collapsed")


def test_ahead_within_the_margin_and_collapse_are_said():
    found = recommend(sheet(("ahead", 0.6, True), BEHIND), {"adversarial": (1, 3, 0)}, "the test split", 1)
    assert "by less than 1 point" in found.found and found.numbers[1].said == "better, by less than 1 point"
    assert found.numbers[2].said == "worse; 1 of 3 training runs collapsed" and found.numbers[2].collapsed
    assert found.cannot_say.startswith("What hiding the language (adversarial) would do where its training does not")


def test_without_a_method_beside_the_baseline_nothing_is_recommended():
    assert recommend({"questions": [], "levels": []}, {}, "the test split") is None


def test_the_shipped_answer():
    stored = json.loads((SHIPPED / "verdict.json").read_text(encoding="utf-8"))["sheet"]
    found = recommend(stored, {"adversarial": (3, 3, 0)}, "the test split of XNLI", 1)
    assert found.sentence == (
        "Train in English only. Neither method is shown to help in Swahili, Urdu, Hindi, Thai and Turkish."
    )
    assert [one.beside for one in found.numbers] == ["58.7 to 60.4", "−0.6 points (−0.9 to −0.2)",
                                                     "−3.5 points (−5.4 to −1.6)"]  # fmt: skip
    assert found.numbers[2].said == f"{MANY_ASKED}; its training collapsed"  # its interval leaves 0 out
