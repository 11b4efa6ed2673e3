"""The verdict in words, made from the numbers of a question as it lies in the answer sheet, whichever way they fell.

A question is a mapping with the fields of `core.verdict.verdict.Result`. Three forms: every question in full
(`tell`), the two methods against the baseline as the lead of a page or report, and the primary one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.arms.names import BASELINE, FIRST, SECOND
from core.languages import LOW_RESOURCE, language
from core.notation import p_value, plural, rate, signed, too_few
from core.statistics.crossed import FEWEST_SEEDS
from core.statistics.significance import MARGIN, POWER
from core.verdict.marks import described
from core.verdict.questions import LOW

Question = Mapping[str, Any]
_NUMBERS = ("no", "one", "two", "three", "four", "five")


def tell(q: Question) -> str:
    """What was found, with the difference, its interval, p, the sizes and the minimum detectable effect."""
    outcome = _outcome(q)
    if q["outcome"] == "undecided":
        outcome = f"undecided between {q['first']} and {q['second']}"
    elif q["outcome"] == "described":
        outcome = described(len(q["seeds"])) + (f" ({_untested(q)})" if len(q["seeds"]) > 1 else "")
    elif q["outcome"] == "ahead" and q["lower_is_better"]:
        outcome += " (lower is better)"
    parts = [
        f"{q['first']} {_value(q['first_value'])}, {q['second']} {_value(q['second_value'])}, "
        f"difference {signed(q['difference'])} ({_interval(q)})",
        f"{_seeds(q)}{plural(q['premises'], q['unit'])} {_over(q)}",
    ]
    if q["tested"] and q["smallest"] is not None and q["smallest"] == q["smallest"]:
        parts.append(_detectable(q))
    if q["outcome"] == "ahead" and q["within_margin"]:
        parts.insert(1, f"the difference is smaller than {_points(MARGIN)}")
    if q["lower_is_better"] and q["english_first"] is not None and q["english_second"] is not None:
        first, second = rate(q["english_first"]), rate(q["english_second"])
        parts.insert(1, f"in English {q['first']} has {first} and {q['second']} {second}")
    if q["seed_variance"] == "pooled":
        parts.append("the interval borrows the variance between seeds from arms and questions that have several")
    elif q["seed_variance"] == "none":
        parts.append("neither arm is trained, so that nothing varies between seeds")
    if corrected := after_correction(q):
        parts.append(corrected)
    return f"{q['name'][0].upper()}{q['name'][1:]}: {outcome}; {'; '.join(parts)}."


def after_correction(q: Question) -> str:
    """What is left of a question's difference after correction of the label prior; "" where it was not corrected."""
    again = q.get("prior_corrected")
    if not again:
        return ""
    size = f"{signed(again['difference'])} ({signed(again['low'])} to {signed(again['high'])}"
    return f"after correction of the label prior {size}{'' if not again['tested'] else f', {_called(q, again)}'})"


def on_prior(questions: Sequence[Question]) -> str:
    """How much of the headline differences is a shift of answers; "" where nothing was corrected."""
    said = []
    for q in (next((q for q in questions if q["primary"]), None), *_against_baseline(questions).values()):
        again = q.get("prior_corrected") if q is not None else None
        if q is None or not again:
            continue
        size = f"{signed(again['difference'])} points ({signed(again['low'])} to {signed(again['high'])}"
        outcome = f", {_called(q, again)}" if again["tested"] else ""
        if q["primary"]:
            said.append(
                f"of {signed(q['difference'])} between {q['first']} and {q['second']} {size}{outcome}) are left"
            )
        else:
            said.append(f"{q['first']} against {q['second']} goes from {signed(q['difference'])} to {size}{outcome})")
    if not said:
        return ""
    return f"Answers balanced over the labels, without any label, change this: {'; '.join(said)}."


def headline(questions: Sequence[Question], where: str) -> str | None:
    """The answer to the primary question in one sentence; None where it cannot be asked. `where` names the split."""
    q = next((q for q in questions if q["primary"]), None)
    if q is None:
        return None
    if q["outcome"] == "undecided":
        outcome = f"it is undecided whether {q['first']} or {q['second']} is better"
    elif q["outcome"] == "described":
        outcome = f"{q['first']} and {q['second']} are described, not tested ({_untested(q)}),"
    else:
        small = f", by less than {_points(MARGIN)}," if q["outcome"] == "ahead" and q["within_margin"] else ""
        outcome = f"{_outcome(q)}{small}"
    p = f", {_p(q)}" if q["tested"] else ", of the items alone" if q["seed_variance"] == "unknown" else ""
    return (
        f"On {where}, {outcome} in {_low_resource(q['languages'])}: {q['first']} {rate(q['first_value'])}, "
        f"{q['second']} {rate(q['second_value'])}, difference {signed(q['difference'])} points (95 % interval "
        f"{_bounds(q)}{p}; {plural(len(q['seeds']), 'seed')}, {plural(q['items'], 'item')} a language)."
    )


def lead(questions: Sequence[Question], where: str) -> str | None:
    """What a reader should take away first: whether either method beats English training alone; None where no method
    was compared with it.

    A method beats it where the verdict calls it ahead. Where one lies above it and is undecided, none "is shown to"
    beat it: that is not to say that it does not.
    """
    asked = _against_baseline(questions)
    if not asked:
        return None
    better = [arm for arm, q in asked.items() if q["ahead"] == arm]
    others = [arm for arm in asked if arm not in better]
    open_ones = [
        arm for arm in others if asked[arm]["outcome"] in ("undecided", "described") and asked[arm]["difference"] > 0
    ]
    if len(better) == 2:
        outcome = f"both {FIRST} and {SECOND} beat English training alone"
    elif better:
        rest = f" and {others[0]} {'is not shown to' if open_ones else 'does not'}" if others else ""
        outcome = f"{better[0]} beats English training alone{rest}"
    elif len(others) == 2:
        outcome = f"neither {FIRST} nor {SECOND} {'is shown to beat' if open_ones else 'beats'} English training alone"
    else:
        outcome = f"{others[0]} {'is not shown to beat' if open_ones else 'does not beat'} English training alone"
    base = next(iter(asked.values()))
    against = " and ".join(f"{arm} {_against(q)}" for arm, q in asked.items())
    value = rate(base["second_value"])
    return f"On {where}, {outcome} in {_low_resource(base['languages'])}: against {BASELINE} ({value}), {against}."


def on_collapse(collapsed: Mapping[str, tuple[int, int, int]]) -> str:
    """What the collapse of arms takes from a comparison; `collapsed` has by arm how many collapsed of how many runs
    measured, and how many were not measured. "" where all were measured and none collapsed."""
    found = [f"{arm} ({count} of {plural(runs, 'run')})" for arm, (count, runs, _) in collapsed.items() if count]
    without = {arm: missing for arm, (_, _, missing) in collapsed.items() if missing}
    told = ""
    if without:
        arms = _and([f"{arm} ({plural(count, 'run')})" for arm, count in without.items()])
        told = f"Not measured for collapse, so that nothing is known of it: {arms}."
    if not found:
        return told
    return (
        f"The states of {_and(found)} have collapsed: sentences of a language lie almost in one place. A difference "
        "from such an arm goes with its collapse, and does not say what the method would do without it."
        f"{' ' if told else ''}{told}"
    )


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _against_baseline(questions: Sequence[Question]) -> dict[str, Question]:
    """The two methods' low-resource accuracy against the baseline, as far as it was asked."""
    return {arm: q for arm in (FIRST, SECOND) if (q := find(questions, LOW.name, arm, BASELINE)) is not None}


def _called(q: Question, again: Mapping[str, Any]) -> str:
    if again["outcome"] == "ahead":
        return f"{again['ahead']} ahead"
    return f"equivalent within {_points(MARGIN)}" if again["outcome"] == "equivalent" else str(again["outcome"])


def find(questions: Sequence[Question], name: str, first: str, second: str) -> Question | None:
    """The question of that name about those two arms."""
    wanted = (name, first, second)
    return next((q for q in questions if (q["name"], q["first"], q["second"]) == wanted), None)


def _outcome(q: Question) -> str:
    """Who is ahead, or that the two are equivalent; "" for an undecided question, which each form puts its own way."""
    if q["outcome"] == "ahead":
        return f"{q['ahead']} is ahead of {q['second'] if q['ahead'] == q['first'] else q['first']}"
    if q["outcome"] == "equivalent":
        return f"{q['first']} and {q['second']} are equivalent within {_points(MARGIN)}"
    return ""


def _against(q: Question) -> str:
    size = f"{signed(q['difference'])} ({_bounds(q)}{f', {_p(q)}' if q['tested'] else ''})"
    if q["outcome"] == "ahead":
        return f"is {'ahead' if q['ahead'] == q['first'] else 'behind'} by {size}"
    if q["outcome"] == "equivalent":
        return f"is equivalent within {_points(MARGIN)} at {size}"
    if q["outcome"] == "described":
        return f"is {described(len(q['seeds']))} at {size}"
    return f"is undecided at {size}"


def _untested(q: Question) -> str:
    if len(q["seeds"]) == 1 and q["seed_variance"] in ("unknown", "pooled"):
        return "one run against one run says nothing of the variance between seeds"
    if len(q["seeds"]) < FEWEST_SEEDS and q["seed_variance"] == "own":
        return f"{too_few(len(q['seeds']), 'seed')} for a test"
    return f"{too_few(q['premises'], q['unit'])} for a test"


def _interval(q: Question) -> str:
    interval = f"95 % interval {_bounds(q)}"
    if not q["tested"]:
        return f"{interval}, of the items alone" if q["seed_variance"] == "unknown" else interval
    corrected = f", Holm-corrected over {plural(q['family'], 'question')} of its family" if q["family"] > 1 else ""
    return f"{interval}, {_p(q)}{corrected}"


def _bounds(q: Question) -> str:
    return f"{signed(q['low'])} to {signed(q['high'])}"


def _p(q: Question) -> str:
    p = p_value(q["p"])
    return f"p {p}" if p.startswith("<") else f"p = {p}"


def _seeds(q: Question) -> str:
    return "" if q["seed_variance"] == "none" else f"{plural(len(q['seeds']), 'seed')} and "


def _over(q: Question) -> str:
    codes, complete = tuple(q["languages"]), q["complete"]
    if codes == ("all",):
        return "in every language"
    if complete == 1:
        return f"in {language(codes[0]).name}"
    if len(codes) == complete:
        return f"in each of {complete} languages"
    return f"in {'' if len(codes) == 1 else 'each of '}{len(codes)} of {complete} languages"


def _low_resource(codes: Sequence[str]) -> str:
    if len(codes) == len(LOW_RESOURCE):
        return f"the {_NUMBERS[len(codes)]} low-resource languages"
    names = ", ".join(language(code).name for code in codes)
    return f"{_NUMBERS[len(codes)]} of the {_NUMBERS[len(LOW_RESOURCE)]} low-resource languages ({names})"


def _detectable(q: Question) -> str:
    return f"minimum detectable effect {q['smallest']:.1f} points ({100 * POWER:.0f} % power)"


def _value(value: float) -> str:
    """A gap may be negative, and then has a true minus."""
    return rate(value).replace("-", "−")


def _points(value: float) -> str:
    return f"{value:g} point" if value == 1 else f"{value:g} points"
