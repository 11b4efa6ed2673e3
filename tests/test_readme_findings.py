"""README's "What we found" says what the shipped reference results say."""

from __future__ import annotations

import pytest

from core.languages import LOW_RESOURCE
from core.reference.stored_verdict import read_verdict
from core.reference.unpack import read_reference
from core.shipped import SHIPPED
from tests.test_readme import README

SECTION = README.split("## What we found")[1].split("\n## ")[0]
TOLD = " ".join(SECTION.split())
LOW = "low-resource accuracy"


@pytest.fixture(scope="module")
def answers():
    sheet = read_verdict(SHIPPED)[1]
    return {(q["name"], q["first"], q["second"]): q for q in sheet["questions"]}


@pytest.fixture(scope="module")
def scores():
    return read_reference(SHIPPED).by_arm("scores")


def signed(value):
    return f"{value:+.1f}".replace("-", "−")


def interval(answer):
    return f"{signed(answer['difference'])} points, 95 % interval {signed(answer['low'])} to {signed(answer['high'])}"


def test_it_is_short():
    assert len([line for line in SECTION.splitlines() if line.strip()]) <= 15


def test_the_primary_answer(answers):
    primary = answers[LOW, "transport", "adversarial"]
    assert primary["primary"] and primary["seeds"] == [0, 1, 2] and primary["ahead"] == "transport"
    assert f"{primary['first_value']:.1f} against {primary['second_value']:.1f} ({interval(primary)})" in TOLD


def test_what_goes_with_it(answers):
    gap = answers["transfer gap", "transport", "adversarial"]
    same = answers["consistency with English", "transport", "adversarial"]
    typed = answers["low-resource accuracy under typing errors", "transport", "adversarial"]
    mixed = answers["low-resource accuracy under code-switching", "transport", "adversarial"]
    assert {one["ahead"] for one in (gap, same, typed, mixed)} == {"transport"}
    assert f"transfer gap ({signed(gap['difference'])})" in TOLD
    assert f"consistency with English ({signed(same['difference'])})" in TOLD
    assert f"typing errors ({signed(typed['difference'])})" in TOLD
    assert f"words of two languages ({signed(mixed['difference'])})" in TOLD
    english = answers["English accuracy", "transport", "adversarial"]
    assert english["outcome"] == "equivalent"
    assert f"equivalent within 1 point ({signed(english['difference'])})" in TOLD
    unseen = answers["accuracy in languages without bitext", "transport", "adversarial"]
    assert unseen["outcome"] == "undecided" and f"are undecided ({signed(unseen['difference'])}" in TOLD


def test_against_english_alone(answers):
    transport, adversarial = (answers[LOW, arm, "english-only"] for arm in ("transport", "adversarial"))
    assert transport["ahead"] == "english-only" and adversarial["outcome"] == "undecided"
    assert f"{transport['second_value']:.1f} there: transport {interval(transport)}, is behind" in TOLD
    assert f"adversarial {interval(adversarial)}, is undecided once corrected" in TOLD


def test_why(scores):
    low = scores[scores["language"].isin(LOW_RESOURCE) & scores["name"].str.startswith("retrieval_accuracy@1")]
    found = low.groupby("arm")["value"].mean()
    probe = scores[scores["name"] == "language_probe"].groupby("arm")["value"].mean()
    order = ("transport", "english-only", "adversarial")
    first, second, third = (f"{found[arm]:.1f}" for arm in order)
    assert (
        f"found for {first} of 100 low-resource sentences, {second} after english-only, {third} after adversarial"
        in TOLD
    )
    first, second, third = (f"{probe[arm]:.1f}" for arm in order)
    assert f"(right on {first}, {second} and {third} of 100)" in TOLD


def test_the_parts_and_the_controls(answers):
    def beside(arm, ahead=None):
        answer = answers[LOW, arm, "english-only"]
        assert answer["seeds"] == [0] and answer["ahead"] == ahead, arm
        assert ahead or answer["outcome"] == "undecided"
        return answer["difference"]

    assert (
        f"language discriminator alone is {-beside('adversarial-language', 'english-only'):.1f} points behind" in TOLD
    )
    assert f"perturbations alone are undecided ({signed(beside('adversarial-perturbation'))})" in TOLD
    tokens, posteriors = (signed(beside(f"transport-{part}")) for part in ("token", "posterior"))
    assert f"parts are undecided (tokens {tokens}, posteriors {posteriors})" in TOLD
    assert f"so is mean-matching ({signed(beside('mean-matching'))})" in TOLD
    assert f"put transport {-beside('transport-shuffled', 'english-only'):.1f} points behind" in TOLD
    assert f"(Swahili, Urdu) is ahead by {beside('translate-test', 'translate-test'):.1f}." in TOLD
    assert set(answers[LOW, "translate-test", "english-only"]["languages"]) == {"sw", "ur"}
