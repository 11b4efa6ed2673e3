"""The verdict in words, made from the numbers of a question as it lies in the answer sheet, whichever way they fell.

A question is a mapping with the fields of `core.verdict.verdict.Result`. Three forms: every question in full
(`tell`), the two methods against the baseline as the lead of a page or report, and the primary one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.arms.names import BASELINE, FIRST, SECOND
from core.languages import LOW_RESOURCE, language
from core.notation import p_value, plural, rate, signed
from core.statistics.significance import MARGIN, POWER
from core.verdict.questions import LOW

Question = Mapping[str, Any]
_NUMBERS = ("no", "one", "two", "three", "four", "five")


def tell(q: Question) -> str:
    """What was found, with the difference, its interval, p, the sizes and the minimum detectable effect."""
    outcome = _outcome(q)
    if q["outcome"] == "undecided":
        why = "" if q["tested"] else f", because {_untested(q)}"
        outcome = f"undecided between {q['first']} and {q['second']}{why}"
    elif q["outcome"] == "ahead" and q["lower_is_better"]:
        outcome += " (lower is better)"
    parts = [
        f"{q['first']} {_value(q['first_value'])}, {q['second']} {_value(q['second_value'])}, "
        f"difference {signed(q['difference'])} ({_interval(q)})",
        f"{_seeds(q)}{plural(q['premises'], q['unit'])} {_over(q)}",
        _detectable(q),
    ]
    if q["outcome"] == "ahead" and q["within_margin"]:
        parts.insert(1, f"the difference is smaller than {_points(MARGIN)}")
    if q["lower_is_better"] and q["english_first"] is not None and q["english_second"] is not None:
        first, second = rate(q["english_first"]), rate(q["english_second"])
        parts.insert(1, f"in English {q['first']} has {first} and {q['second']} {second}")
    if q["seed_variance"] == "pooled":
        parts.append("the variance between seeds is borrowed from arms and questions that have several")
    elif q["seed_variance"] == "none":
        parts.append("neither arm is trained, so that nothing varies between seeds")
    return f"{q['name'][0].upper()}{q['name'][1:]}: {outcome}; {'; '.join(parts)}."


def headline(questions: Sequence[Question], where: str) -> str | None:
    """The answer to the primary question in one sentence; None where it cannot be asked. `where` names the split."""
    q = next((q for q in questions if q["primary"]), None)
    if q is None:
        return None
    if q["outcome"] == "undecided":
        why = "" if q["tested"] else f" ({_untested(q)})"
        outcome = f"it is undecided{why} whether {q['first']} or {q['second']} is better"
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
    asked = {arm: q for arm in (FIRST, SECOND) if (q := find(questions, LOW.name, arm, BASELINE)) is not None}
    if not asked:
        return None
    better = [arm for arm, q in asked.items() if q["ahead"] == arm]
    others = [arm for arm in asked if arm not in better]
    open_ones = [arm for arm in others if asked[arm]["outcome"] == "undecided" and asked[arm]["difference"] > 0]
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


def on_collapse(collapsed: Mapping[str, tuple[int, int]]) -> str:
    """What the collapse of arms takes from a comparison; `collapsed` has how many of how many runs, by arm; "" for
    none."""
    found = [f"{arm} ({count} of {plural(runs, 'run')})" for arm, (count, runs) in collapsed.items() if count]
    if not found:
        return ""
    return (
        f"The states of {_and(found)} have collapsed: sentences of a language lie almost in one place. A difference "
        "from such an arm goes with its collapse, and does not say what the method would do without it."
    )


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


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
    return f"is undecided at {size}"


def _untested(q: Question) -> str:
    if q["seed_variance"] == "unknown":
        return "with a single seed the variance between seeds is unknown"
    return f"{plural(q['premises'], q['unit'])} are too few for a test"


def _interval(q: Question) -> str:
    interval = f"95 % interval {_bounds(q)}"
    if not q["tested"]:
        return f"{interval}, of the items alone" if q["seed_variance"] == "unknown" else interval
    corrected = f", Holm-corrected over {plural(q['family'], 'secondary question')}" if q["family"] > 1 else ""
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
    size, power = f"{q['smallest']:.1f} points", f"{100 * POWER:.0f} % power"
    if q["seed_variance"] == "unknown":
        return f"even if seeds did not matter, the minimum detectable effect would be {size} ({power})"
    return f"minimum detectable effect {size} ({power})"


def _value(value: float) -> str:
    """A gap may be negative, and then has a true minus."""
    return rate(value).replace("-", "−")


def _points(value: float) -> str:
    return f"{value:g} point" if value == 1 else f"{value:g} points"
