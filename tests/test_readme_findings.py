"""README's "What we found" says what the shipped reference results say."""

from __future__ import annotations

import pytest

from core.evaluation.prior import balance
from core.languages import LOW_RESOURCE
from core.reference.collapse import judge_runs, read_collapse
from core.reference.preregistration import FIXED
from core.reference.stored_verdict import read_verdict
from core.reference.unpack import read_reference
from core.shipped import SHIPPED
from tests.support.paths import ROOT
from tests.test_readme import README

SECTION = README.split("## What we found")[1].split("\n## ")[0]
TOLD = " ".join(SECTION.split())
LOW = "low-resource accuracy"


@pytest.fixture(scope="module")
def answers():
    sheet = read_verdict(SHIPPED)[1]
    return {(q["name"], q["first"], q["second"]): q for q in sheet["questions"]}


def signed(value):
    return f"{value:+.1f}".replace("-", "−")


def interval(answer):
    return f"{signed(answer['difference'])} points, 95 % interval {signed(answer['low'])} to {signed(answer['high'])}"


@pytest.fixture(scope="module")
def reference():
    return read_reference(SHIPPED)


def test_it_is_short():
    assert len([line for line in SECTION.splitlines() if line.strip()]) <= 20


def test_it_names_the_file_in_which_its_questions_were_fixed():
    assert f"`{FIXED.relative_to(ROOT).as_posix()}` before test was read" in TOLD and FIXED.is_file()


def test_against_english_alone_comes_first(answers):
    transport, adversarial = (answers[LOW, arm, "english-only"] for arm in ("transport", "adversarial"))
    assert transport["ahead"] == "english-only" and adversarial["outcome"] == "undecided"
    assert (
        f"low-resource languages ({transport['second_value']:.1f}): transport {interval(transport)}, is behind" in TOLD
    )
    assert f"adversarial {interval(adversarial)}, is undecided once corrected" in TOLD
    assert TOLD.index("Neither method beats") < TOLD.index("goes with the collapse")
    for refuted in ("hide the language", "lives on the pairing", "is ahead of adversarial"):
        assert refuted not in TOLD


def test_the_primary_answer(answers):
    primary = answers[LOW, "transport", "adversarial"]
    assert primary["primary"] and primary["seeds"] == [0, 1, 2] and primary["ahead"] == "transport"
    assert f"{primary['first_value']:.1f} against {primary['second_value']:.1f} ({interval(primary)})" in TOLD


def test_what_goes_with_it(answers, reference):
    typed = answers["low-resource accuracy under typing errors", "transport", "adversarial"]
    mixed = answers["low-resource accuracy under code-switching", "transport", "adversarial"]
    assert {one["outcome"] for one in (typed, mixed)} == {"described"} and typed["seeds"] == mixed["seeds"] == [0]
    noisy = reference.by_arm("robust")
    noisy = noisy[(noisy["split"] == "noise") & noisy["language"].isin(LOW_RESOURCE)]
    right = noisy[["entailment", "neutral", "contradiction"]].to_numpy().argmax(1) == noisy["gold"]
    rates = 100 * right.groupby([noisy["arm"], noisy["language"]]).mean().groupby("arm").mean()
    beside = signed(rates["transport"] - rates["english-only"])
    assert f"typing errors transport is {signed(typed['difference'])} over adversarial and {beside} beside" in TOLD
    assert f"code-switching {signed(mixed['difference'])} over adversarial" in TOLD


def test_what_has_collapsed(reference):
    table = read_collapse(reference)
    collapsed = {run for run, answer in judge_runs(table).items() if answer.collapsed}
    last = table[(table["layer"] == table["layer"].max()) & ~table["language"].isin(["", "en"])]
    arms = dict(zip(table["run"], table["arm"], strict=True))
    assert sorted(arms[run] for run in collapsed) == [
        "adversarial", "adversarial", "adversarial", "adversarial-language", "transport-shuffled"
    ]  # fmt: skip
    kept = (last["deviation"] / last["deviation_reference"])[last["arm"] == "adversarial"].max()
    assert f"keep at most {100 * kept:.0f} % of the baseline's spread" in TOLD


def test_the_shift_of_answers(reference):
    low = reference.by_arm("predictions")
    low = low[(low["split"] == "test") & low["language"].isin(LOW_RESOURCE)]
    rates = {}
    for (arm, _, _), own in low.groupby(["arm", "seed", "language"]):
        probabilities = own[["entailment", "neutral", "contradiction"]].to_numpy(float)
        right = balance(probabilities).probabilities.argmax(1) == own["gold"].to_numpy()
        rates.setdefault(arm, []).append(100 * right.mean())
    mean = {arm: f"{sum(values) / len(values):.1f}" for arm, values in rates.items()}
    told = (
        f"english-only reaches {mean['english-only']}, transport {mean['transport']}, adversarial {mean['adversarial']}"
    )
    assert told in TOLD


def test_what_is_left_after_the_shift_has_its_interval(answers):
    def after(first, second):
        again = answers[LOW, first, second]["prior_corrected"]
        return again, signed(again["difference"]), f"({signed(again['low'])} to {signed(again['high'])})"

    primary, difference, bounds = after("transport", "adversarial")
    assert primary["ahead"] == "transport" and round(primary["difference"], 2) == 1.88
    before = signed(answers[LOW, "transport", "adversarial"]["difference"])
    assert f"Of {before} between the two {difference} are left {bounds}" in TOLD
    beside, difference, bounds = after("transport", "english-only")
    assert beside["outcome"] == "undecided" and round(beside["difference"], 2) == 0.09
    assert f"transport is {difference} beside english-only {bounds}, undecided" in TOLD


def test_the_parts_and_the_controls(answers):
    def beside(arm):
        answer = answers[LOW, arm, "english-only"]
        assert answer["seeds"] == [0], arm
        return signed(answer["difference"])

    parts = f"tokens {beside('transport-token')}, posteriors {beside('transport-posterior')}"
    assert f"{parts}, mean-matching {beside('mean-matching')}" in TOLD
    assert f"perturbations {beside('adversarial-perturbation')} beside" in TOLD
    assert f"discriminator alone ({beside('adversarial-language')})" in TOLD
    assert f"shuffled pairs ({beside('transport-shuffled')}) have collapsed" in TOLD
    translated = answers[LOW, "translate-test", "english-only"]
    assert translated["outcome"] == "described" and set(translated["languages"]) == {"sw", "ur"}
    assert f"(Swahili, Urdu) is {signed(translated['difference'])} beside it." in TOLD
