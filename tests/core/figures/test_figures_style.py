"""Arms look the same everywhere and different from each other."""

from __future__ import annotations

import re

import pytest
from plotly.validator_cache import ValidatorCache

from core.arms.names import main_arms, sort_arms
from core.figures.frame import arm_key, frame
from core.figures.style import ARMS, arm_style, tint
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.arms.registry import ARMS as IMPLEMENTED

FIXED = {
    "english-only": ("#7F7F7F", "circle"),
    "transport": ("#0072B2", "square"),
    "adversarial": ("#D55E00", "diamond"),
    "hybrid": ("#CC79A7", "hexagon"),
}


@pytest.mark.parametrize("arm", FIXED)
def test_main_arms_have_the_colours_of_the_interface(arm):
    style = arm_style(arm)
    assert (style.colour, style.symbol) == FIXED[arm]
    assert not style.control


def test_every_implemented_arm_has_a_style_of_its_own():
    known = {style.arm for style in ARMS}
    assert set(IMPLEMENTED) <= known


def test_shape_doubles_colour():
    pairs = [(style.colour, style.symbol) for style in ARMS]
    assert len(set(pairs)) == len(pairs)
    assert len({style.symbol for style in ARMS}) == len(ARMS)
    assert len({style.glyph for style in ARMS}) == len(ARMS)


def test_symbols_are_plotlys_and_colours_are_hexadecimal():
    symbols = ValidatorCache.get_validator("scatter.marker", "symbol")
    for style in ARMS:
        assert symbols.validate_coerce(style.symbol) == style.symbol
        assert re.fullmatch(r"#[0-9A-F]{6}", style.colour)


def test_controls_have_the_tint_of_the_arm_they_explain():
    controls = [style for style in ARMS if style.control]
    assert {style.explains for style in controls} <= {style.arm for style in ARMS}
    for style in controls:
        assert sum(_rgb(style.colour)) > sum(_rgb(arm_style(style.explains).colour))


def test_the_key_of_many_arms_takes_several_lines_and_leaves_the_plot_its_height():
    few = [style.arm for style in ARMS if not style.control][2:5]
    assert "<br>" not in arm_key(few)
    key = arm_key(style.arm for style in ARMS)
    lines = [re.sub(r"<[^>]+>", "", line) for line in key.split("<br>")]
    assert len(lines) > 2 and max(map(len, lines)) <= 105
    assert [name for line in lines for name in re.findall(r"[\w-]{2,}", line)] == [style.label for style in ARMS]
    heights = [made.layout.height - made.layout.margin.t for made in (frame("T", arm_key(few)), frame("T", key))]
    assert heights[1] >= heights[0] - 24


def test_main_arms_are_drawn_first_and_controls_alone_are_all_drawn():
    assert main_arms(["centring", "transport", "english-only"]) == ["english-only", "transport"]
    assert main_arms(["translate-test", "centring"]) == ["centring", "translate-test"]


def test_an_unknown_arm_keeps_its_name_and_comes_last():
    assert arm_style("new thing").label == "new thing"
    assert sort_arms(["zeta", "transport", "alpha", "english-only", "transport"]) == [
        "english-only",
        "transport",
        "alpha",
        "zeta",
    ]


def _rgb(colour: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", tint(colour, 1))[:3]]
