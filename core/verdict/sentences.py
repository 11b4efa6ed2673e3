"""The verdict in words: one plain sentence for each answered question, made from its numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.languages import language
from core.notation import p_value, plural, rate, signed
from core.statistics.significance import MARGIN, POWER

if TYPE_CHECKING:
    from core.verdict.verdict import Result


def tell(answered: Result) -> str:
    """What was found, with the difference, its interval, p, the sizes and the minimum detectable effect."""
    a = answered
    pair = f"{a.first} and {a.second}"
    if a.outcome == "ahead":
        said = f"{a.ahead} is ahead of {a.second if a.ahead == a.first else a.first}"
        if a.lower_is_better:
            said += " (lower is better)"
    elif a.outcome == "equivalent":
        said = f"{pair} are equivalent within {_points(MARGIN)}"
    elif a.tested:
        said = f"undecided between {pair}"
    else:
        said = f"undecided between {pair}, because {_untested(a)}"
    parts = [
        f"{a.first} {_value(a.first_value)}, {a.second} {_value(a.second_value)}, "
        f"difference {signed(a.difference)} ({_interval(a)})",
        f"{_seeds(a)}{plural(a.premises, a.unit)} {_over(a)}",
        _could_have(a),
    ]
    if a.outcome == "ahead" and a.within_margin:
        parts.insert(1, f"the difference is smaller than {_points(MARGIN)}")
    if a.lower_is_better and a.english_first is not None and a.english_second is not None:
        parts.insert(1, f"in English {a.first} has {rate(a.english_first)} and {a.second} {rate(a.english_second)}")
    if a.seed_variance == "pooled":
        parts.append("the variance between seeds is borrowed from arms and questions that have several")
    elif a.seed_variance == "none":
        parts.append("neither arm is trained, so that nothing varies between seeds")
    return f"{a.name[0].upper()}{a.name[1:]}: {said}; {'; '.join(parts)}."


def _untested(a: Result) -> str:
    if a.seed_variance == "unknown":
        return "with a single seed the variance between seeds is unknown"
    return f"{plural(a.premises, a.unit)} are too few for a test"


def _interval(a: Result) -> str:
    told = f"95 % interval {signed(a.low)} to {signed(a.high)}"
    if not a.tested:
        return f"{told}, of the items alone" if a.seed_variance == "unknown" else told
    p = p_value(a.p)
    corrected = f", Holm-corrected over {plural(a.family, 'secondary question')}" if a.family > 1 else ""
    return f"{told}, p {p if p.startswith('<') else f'= {p}'}{corrected}"


def _seeds(a: Result) -> str:
    return "" if a.seed_variance == "none" else f"{plural(len(a.seeds), 'seed')} and "


def _over(a: Result) -> str:
    if a.languages == ("all",):
        return "in every language"
    if a.complete == 1:
        return f"in {language(a.languages[0]).name}"
    if len(a.languages) == a.complete:
        return f"in each of {a.complete} languages"
    return f"in {'' if len(a.languages) == 1 else 'each of '}{len(a.languages)} of {a.complete} languages"


def _could_have(a: Result) -> str:
    size, power = f"{a.smallest:.1f} points", f"{100 * POWER:.0f} % power"
    if a.seed_variance == "unknown":
        return f"even if seeds did not matter, the minimum detectable effect would be {size} ({power})"
    return f"minimum detectable effect {size} ({power})"


def _value(value: float) -> str:
    """A gap may be negative, and then has a true minus."""
    return rate(value).replace("-", "−")


def _points(value: float) -> str:
    return f"{value:g} point" if value == 1 else f"{value:g} points"
