"""What a reader should do, by rule from the outcomes of the sheet, in words that need no term of the field.

The rule, in this order, over the main arms that were compared with the baseline:

- one that is ahead and whose runs have not collapsed is recommended; of several the one that is ahead of the others,
  else either of them;
- nothing was tested: nothing is recommended;
- one lies above without being shown to, or is ahead with runs that have collapsed: the baseline is kept for now;
- else the baseline is recommended.

A method that was tested and is behind or equivalent, without collapse, "did not" help; of any other it is said only
that it "is not shown to".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.arms.names import BASELINE, METHODS, plain_name
from core.languages import language
from core.notation import count, interval, plural, rate, signed
from core.statistics.crossed import FEWEST_SEEDS
from core.statistics.significance import MARGIN
from core.verdict.levels import LOW
from core.verdict.sentences import Question

#: What the study asks, in a layman's words.
QUESTION = "Which training makes a multilingual model more reliable in languages with little data?"
Standing = Literal["baseline", "better", "worse", "as good", "not decided", "not tested"]
_SAID: dict[Standing, str] = {
    "baseline": "what the others are compared with", "better": "better", "worse": "worse",
    "as good": f"as good, within {MARGIN:g} point", "not decided": "not decided: it could be chance",
    "not tested": "one training run: not tested",
}  # fmt: skip
#: Of a difference whose own interval leaves 0 out and whose p, corrected for all questions of its family, does not.
MANY_ASKED = "not decided: as several questions are asked, it could be chance"


@dataclass(frozen=True)
class Number:
    """One training's accuracy x100 and its difference from the baseline, as a layman reads them.

    `low` and `high` bound the difference, for the baseline its accuracy; None where nothing bounds it. `said` is the
    standing in words, with what is collapsed or of a single run said in it. `small`: the difference is shown, and lies
    within the margin.
    """

    arm: str
    name: str
    value: float
    difference: float | None
    low: float | None
    high: float | None
    standing: Standing
    said: str
    collapsed: bool = False
    small: bool = False

    @property
    def beside(self) -> str:
        """The interval: of the difference in points, or of the value."""
        if self.low is None or self.high is None:
            return ""
        if self.difference is None:
            return interval(self.low, self.high)
        return f"{signed(self.difference)} points ({signed(self.low)} to {signed(self.high)})"


@dataclass(frozen=True)
class Recommendation:
    """The answer: what to do, what was found, the outcome in a word or two, the numbers, what it rests on and what it
    cannot say."""

    advice: str
    found: str
    outcome: str
    numbers: tuple[Number, ...]
    rests_on: str
    cannot_say: str
    languages: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"{self.advice} {self.found}"

    @property
    def numbers_sentence(self) -> str:
        """The numbers in one line, for what has no room for cards."""
        told = [
            f"{_capital(one.name)} {rate(one.value)}{f', {one.beside}' if one.beside else ''}: {one.said}"
            for one in self.numbers
        ]
        return "; ".join(told) + "."


def recommend(
    sheet: Mapping[str, Any], collapsed: Mapping[str, tuple[int, int, int]], where: str, starts: int = 0
) -> Recommendation | None:
    """The recommendation of a sheet (`core.verdict.sheet.make_sheet`); None where no main arm was compared with the
    baseline.

    `collapsed` has by arm how many collapsed of how many runs measured and how many were not measured, `where` names
    split and data, `starts` counts the first trainings that the runs began from (0: not known).
    """
    asked = against_baseline(sheet)
    if not asked:
        return None
    numbers = (_baseline(sheet, asked[0]), *(_number(q, collapsed.get(q["first"], (0, 0, 0))) for q in asked))
    advice, found, outcome = _decided(sheet["questions"], numbers, _names(asked[0]["languages"]))
    return Recommendation(
        advice, found, outcome, numbers, _rests_on(asked, where, starts),
        _cannot_say(numbers, asked, collapsed, starts), tuple(asked[0]["languages"]),
    )  # fmt: skip


def against_baseline(sheet: Mapping[str, Any]) -> list[Question]:
    """The main arms' contrasts with the baseline that the answer is made of: those of the measure that the primary
    question has, else of the first one asked."""
    analysis = sheet.get("analysis") or {}
    base, main = analysis.get("baseline", BASELINE), analysis.get("main") or METHODS
    asked = [q for q in sheet["questions"] if q["second"] == base]
    asked = [q for q in asked if q["first"] in main] or [q for q in asked if q["primary"]]
    primary = next((q for q in sheet["questions"] if q["primary"]), None)
    for wanted in (primary, asked[0] if asked else None):
        found = [q for q in asked if wanted is not None and q["name"] == wanted["name"]]
        if found:
            return found
    return []


def _baseline(sheet: Mapping[str, Any], q: Question) -> Number:
    """The baseline's own level, with the sheet's interval where that is over the same languages."""
    units = [str(code) for code in q["languages"]]
    unit = LOW if len(units) > 1 and all(language(code).low_resource for code in units) else units[0]
    row = next((x for x in sheet["levels"] if (x["arm"], x["unit"]) == (q["second"], unit)), None)
    same = row is not None and (unit == LOW or len(units) == 1) and rate(row["value"]) == rate(q["second_value"])
    low, high = (row["low"], row["high"]) if row is not None and same else (None, None)
    name = plain_name(str(q["second"]))
    return Number(str(q["second"]), name, q["second_value"], None, low, high, "baseline", _SAID["baseline"])


def _number(q: Question, collapsed: tuple[int, int, int]) -> Number:
    standing = _standing(q)
    said = _SAID[standing]
    if standing == "not decided" and q["low"] is not None and not q["low"] <= 0 <= q["high"]:
        said = MANY_ASKED
    small = standing in ("better", "worse") and bool(q["within_margin"])
    if small:
        said += f", by less than {MARGIN:g} point"
    if standing == "not tested" and len(q["seeds"]) != 1:
        few = _few_runs(q)
        said = f"{plural(len(q['seeds']), 'training run') if few else 'too few questions'}: not tested"
    broken, measured, _ = collapsed
    if broken:
        said += "; " + (
            "its training collapsed" if broken == measured else f"{broken} of {measured} training runs collapsed"
        )
    arm = str(q["first"])
    return Number(
        arm, plain_name(arm), q["first_value"], q["difference"], q["low"], q["high"], standing, said, broken > 0, small
    )


def _few_runs(q: Question) -> bool:
    """Whether an untested question lacks training runs, and not questions of the test."""
    return len(q["seeds"]) < FEWEST_SEEDS


def _standing(q: Question) -> Standing:
    if q["outcome"] == "ahead":
        return "better" if q["ahead"] == q["first"] else "worse"
    if q["outcome"] == "equivalent":
        return "as good"
    return "not tested" if q["outcome"] == "described" else "not decided"


def _decided(questions: Sequence[Question], numbers: Sequence[Number], where: str) -> tuple[str, str, str]:
    base, *methods = numbers
    better = [one for one in methods if one.standing == "better" and not one.collapsed]
    if better:
        best = _best(questions, better)
        names = " or ".join(one.name for one in best)
        small = f", by less than {MARGIN:g} point" if all(one.small for one in best) else ""
        return (
            f"Train by {'either ' if len(best) > 1 else ''}{names}.",
            f"{'Each' if len(best) > 1 else 'It'} did better than {_inside(base)} in {where}{small}"
            f"{_others([one for one in methods if one not in better])}.",
            "a gain is shown",
        )  # fmt: skip
    if all(one.standing == "not tested" for one in methods):
        asked = [q for q in questions if any(one.arm == q["first"] for one in methods) and q["second"] == base.arm]
        few = "trained too few times" if any(map(_few_runs, asked)) else "tested on too few questions"
        return (
            "No recommendation yet.",
            f"{_subject(methods)} {'were' if len(methods) > 1 else 'was'} {few} to tell a difference in {where} from "
            "chance.", "not tested",
        )  # fmt: skip
    chance = [one for one in methods if one.standing in ("not decided", "not tested") and (one.difference or 0.0) > 0]
    broken = [one for one in methods if one.standing == "better"]
    if chance or broken:
        told = [f"{_and(chance)} did better, but that could be chance"] if chance else []
        told += [f"{_and(broken)} did better, but with runs that collapsed"] if broken else []
        return (
            f"Stay with {_inside(base)} for now.",
            f"No gain is shown in {where}{' without collapse' if broken else ''}: {'; '.join(told)}.",
            "no gain is shown",
        )  # fmt: skip
    advice = "Train in English only." if base.arm == BASELINE else f"Stay with {_inside(base)}."
    return advice, f"{_none_helped(methods)} in {where}.", "no gain is shown"


def _sure(one: Number) -> bool:
    """Whether it is known that a method did not help: a test said so, of runs that have not collapsed."""
    return one.standing in ("worse", "as good") and not one.collapsed


def _others(rest: Sequence[Number]) -> str:
    """What is said of the methods beside the recommended ones."""
    lost, broken = [one for one in rest if _sure(one)], [one for one in rest if one.standing == "better"]
    unknown = [one for one in rest if one not in lost and one not in broken]
    told = [f"{_and(lost)} did not"] if lost else []
    told += [f"{_and(unknown)} {'is' if len(unknown) == 1 else 'are'} not shown to"] if unknown else []
    told += [f"{_and(broken)} did too, but with runs that collapsed"] if broken else []
    return "".join(f"; {part}" for part in told)


def _none_helped(methods: Sequence[Number]) -> str:
    """That no method helped, as strongly as the tests allow."""
    if all(map(_sure, methods)):
        size = f" by {MARGIN:g} point or more" if any(one.standing == "as good" for one in methods) else ""
        verb, alone = f"helped{size}", f"did not help{size}"
    else:
        verb, alone = "is shown to help", "is not shown to help"
    if len(methods) == 1:
        return f"{_subject(methods)} {alone}"
    return f"{'Neither method' if len(methods) == 2 else 'None of the methods'} {verb}"


def _best(questions: Sequence[Question], better: Sequence[Number]) -> list[Number]:
    """Of several that are better the one that is ahead of each other one, else all."""
    arms = {one.arm for one in better}
    behind = {
        q["second"] if q["ahead"] == q["first"] else q["first"]
        for q in questions
        if {q["first"], q["second"]} <= arms and q["outcome"] == "ahead" and not q["lower_is_better"]
        and (q["primary"] or q["name"] == questions[0]["name"])
    }  # fmt: skip
    left = [one for one in better if one.arm not in behind]
    return left or list(better)


def _inside(base: Number) -> str:
    """The baseline's name inside a sentence, without what stands in brackets."""
    return base.name.split(" (")[0]


def _subject(methods: Sequence[Number]) -> str:
    return _capital(_and(methods))


def _and(methods: Sequence[Number]) -> str:
    return " and ".join(one.name for one in methods)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _names(codes: Sequence[str]) -> str:
    """The languages by name, last first: those of XNLI from least to most text on the web.

    >>> _names(["tr", "ur"])
    'Urdu and Turkish'
    """
    names = [language(str(code)).name for code in codes][::-1] if "all" not in codes else ["every language"]
    if len(names) > 6:
        return f"{len(names)} languages"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _rests_on(asked: Sequence[Question], where: str, starts: int) -> str:
    runs = sorted({len(q["seeds"]) for q in asked})
    trained = plural(runs[0], "training run") if len(runs) == 1 else f"{runs[0]} to {runs[-1]} training runs"
    begun = (
        ""
        if not starts
        else f", all begun from {'one' if starts == 1 else starts} English training" + "s" * (starts > 1)
    )
    items = sorted({q["items"] for q in asked})
    read = count(items[0]) if len(items) == 1 else f"{count(items[0])} to {count(items[-1])}"
    return f"{_capital(where)}, {read} questions a language; {trained} of each{begun}."


def _cannot_say(
    numbers: Sequence[Number], asked: Sequence[Question], collapsed: Mapping[str, tuple[int, int, int]], starts: int
) -> str:
    """What these results leave open, most important first."""
    told = [
        f"what {one.name} would do where its training does not collapse" for one in numbers if one.collapsed
    ]  # fmt: skip
    unknown = [one for one in numbers[1:] if not one.collapsed and collapsed.get(one.arm, (0, 0, 0))[2]]
    if unknown:
        told.append(f"whether the training of {_and(unknown)} collapsed, which was not measured of every run")
    if any(one.standing == "not tested" for one in numbers) and any(map(_few_runs, asked)):
        told.append("whether another training run, or a larger model, would give the same")
    elif starts == 1:
        told.append("whether another English training to start from, or a larger model, would give the same")
    else:
        told.append("whether a larger model would give the same")
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])}; {told[-1]}"
    return f"{_capital(listed)}."
