"""How numbers and foreign text are written, the same in figures, tables and sentences."""

from __future__ import annotations

import html
import math
import re

MISSING = "n/a"


def rate(value: float | None) -> str:
    """A rate x100 with one decimal (a gap may be negative, and then has a true minus).

    >>> rate(61.849)
    '61.8'
    """
    return MISSING if _absent(value) else f"{value:.1f}".replace("-", "−")


def signed(value: float | None) -> str:
    """A difference x100 with its sign (a true minus), one decimal; what rounds to nothing has no sign.

    >>> signed(-0.26), signed(1.0), signed(-0.01)
    ('−0.3', '+1.0', '0.0')
    """
    if value is None or _absent(value):
        return MISSING
    rounded = round(value, 1)
    sign = "−" if rounded < 0 else "+" if rounded > 0 else ""
    return f"{sign}{abs(rounded):.1f}"


_TIES = re.compile(r"(?<=\d) (?=%)|(?<=\bp) (?=[=<])|(?<=[=<]) (?=[.\d])")


def unbroken(text: str) -> str:
    """The same with spaces at which a line must not break: before a percent sign, within a p-value.

    >>> unbroken("95 % interval, p = .015").count("\\N{NO-BREAK SPACE}")
    3
    """
    return _TIES.sub("\N{NO-BREAK SPACE}", text)


def interval(low: float | None, high: float | None) -> str:
    """An interval x100.

    >>> interval(58.04, 63.55)
    '58.0 to 63.5'
    """
    return MISSING if _absent(low) or _absent(high) else f"{rate(low)} to {rate(high)}"


def p_value(value: float | None) -> str:
    """A p-value: `< .001`, or three digits without the leading zero.

    >>> p_value(0.0304), p_value(1e-9), p_value(1.0)
    ('.030', '< .001', '1.000')
    """
    if value is None or _absent(value):
        return MISSING
    if value < 0.001:
        return "< .001"
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0") else text


def p_equals(p: float) -> str:
    """`p_value` after a letter: with its sign of equality, unless it begins with one of its own.

    >>> p_equals(0.0304), p_equals(0.00001)[0]
    ('= .030', '<')
    """
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def count(value: float | None) -> str:
    """A whole number with thin groups: `7,744`."""
    return MISSING if value is None or _absent(value) else f"{round(value):,}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them.

    >>> duration(42.3), duration(795), duration(8000)
    ('42 s', '13 min', '2 h 13 min')
    """
    if seconds is None or _absent(seconds):
        return MISSING
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def plural(number: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "item"), plural(3, "item"), plural(1190, "query")
    ('1 item', '3 items', '1,190 queries')
    """
    return f"{number:,} {noun if number == 1 else re.sub('(?<=[^aeou])y$', 'ie', noun) + 's'}"


def too_few(number: int, noun: str) -> str:
    """That so many are too few.

    >>> too_few(1, "language"), too_few(3, "premise")
    ('1 language is too few', '3 premises are too few')
    """
    return f"{plural(number, noun)} {'is' if number == 1 else 'are'} too few"


def plain(text: object, limit: int = 80) -> str:
    """Untrusted text made safe for plotly, which reads a part of HTML: one line, escaped, cut at `limit`."""
    line = " ".join(str(text).split())
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    return html.escape(line, quote=False)


def _absent(value: float | None) -> bool:
    return value is None or math.isnan(value)
