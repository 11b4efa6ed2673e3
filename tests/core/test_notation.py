"""Numbers and untrusted text as figures and sentences write them."""

from __future__ import annotations

import math

import pytest

from core.notation import count, duration, interval, p_value, plain, plural, rate, signed


@pytest.mark.parametrize("write", [rate, signed, p_value, count, duration])
@pytest.mark.parametrize("value", [None, math.nan])
def test_what_is_missing_is_said_to_be(write, value):
    assert write(value) == "n/a"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (-0.04, "0.0"), (0.05, "+0.1"), (-12.34, "−12.3"), (100, "+100.0")]
)
def test_differences_are_signed_and_zero_is_not_negative(value, text):
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "< .001"), (0.000999, "< .001"), (0.001, ".001"), (0.05, ".050"), (1.0, "1.000")]
)
def test_p_values(value, text):
    assert p_value(value) == text


def test_intervals_with_an_unknown_bound_are_missing():
    assert interval(1.0, math.nan) == "n/a"
    assert interval(1.04, 2.06) == "1.0 to 2.1"


def test_plain_escapes_joins_lines_and_cuts():
    assert plain("<b>a</b>\n & b") == "&lt;b&gt;a&lt;/b&gt; &amp; b"
    assert plain("x" * 100, 10) == "x" * 9 + "…"
    assert plain("&" * 12, 10) == "&amp;" * 9 + "…", "cut before escaping: no half entity"


def test_plural():
    assert [plural(n, "item") for n in (0, 1, 2, 1200)] == ["0 items", "1 item", "2 items", "1,200 items"]
