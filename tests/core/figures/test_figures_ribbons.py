"""Ribbons: widths are masses, words are text, both layouts, gold links in their colours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.ribbons import PlanMarks, Words, difference_ribbons, plan_ribbons, ribbons_svg, standalone
from core.figures.style import CORRECT, WRONG
from core.figures.text_width import shortened, text_width

SVG = "{http://www.w3.org/2000/svg}"
PLAN = np.array([[0.3, 0.1, 0.0], [0.0, 0.2, 0.4]])


def side(words, mass, rtl=False):
    return Words(words, np.asarray(mass), rtl)


def drawn(plan=PLAN, source=("a", "b"), target=("x", "y", "z"), layout="lines", rtl=False, marks=None):
    marks = marks or PlanMarks()
    left, right = side(source, plan.sum(1)), side(target, plan.sum(0), rtl)
    return ElementTree.fromstring(ribbons_svg(left, right, plan_ribbons(plan, "#0072B2", marks), layout, "t", marks))


def bands(svg):
    return {(int(b.get("data-i")), int(b.get("data-j"))): b for b in svg.iter(f"{SVG}path")}


def ends(band, layout="lines"):
    """Where the band begins and ends along the line, and its width at both ends."""
    numbers = [float(x) for x in re.findall(r"-?\d+\.?\d*", band.get("d"))]
    along = numbers[::2] if layout == "lines" else numbers[1::2]
    return along[0], along[-1], along[3], along[4]


def texts(svg):
    return ["".join(t.itertext()) for t in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("layout", ["lines", "columns"])
def test_a_ribbon_is_as_wide_as_its_mass_at_both_ends(layout):
    found = bands(drawn(layout=layout))
    assert set(found) == {(0, 0), (0, 1), (1, 1), (1, 2)}
    widths = {}
    for cell, band in found.items():
        a, b, c, d = ends(band, layout)
        assert b - a == pytest.approx(d - c, abs=0.2)
        widths[cell] = (b - a) / PLAN[cell]
    assert max(widths.values()) == pytest.approx(min(widths.values()), rel=0.05)


def test_ribbons_of_a_word_lie_side_by_side():
    found = bands(drawn())
    _, first_end, _, _ = ends(found[0, 0])
    second_begin, *_ = ends(found[0, 1])
    assert second_begin == pytest.approx(first_end, abs=0.2)


def test_a_line_that_reads_from_the_right_begins_at_the_right():
    def at(svg, word):
        return next(float(t.get("x")) for t in svg.iter(f"{SVG}text") if "".join(t.itertext()) == word)

    plain, turned = drawn(), drawn(rtl=True)
    assert at(plain, "x") < at(plain, "y") < at(plain, "z")
    assert at(turned, "x") > at(turned, "y") > at(turned, "z")
    assert at(plain, "a") < at(plain, "b") and at(turned, "a") < at(turned, "b")
    assert [t.get("direction") for t in turned.iter(f"{SVG}text")] == [None, None, "rtl", "rtl", "rtl"]


def test_gold_links_are_shown_as_hit_missed_and_spurious():
    marks = PlanMarks([(0, 0), (1, 1)], True, hit=[(0, 0)], missed=[(1, 2)], spurious=[(1, 1)])
    found = plan_ribbons(PLAN, "#0072B2", marks)
    colours = {(band.i, band.j): band.colour for band in found if not band.dashed}
    assert colours[0, 0] == CORRECT and colours[1, 1] == WRONG and colours[0, 1] == "#0072B2"
    assert [(band.i, band.j) for band in found if band.dashed] == [(1, 2)]
    assert "missed gold link" in next(band.told for band in found if band.dashed)


def test_links_stand_out_and_a_picked_word_is_bold():
    found = {(b.i, b.j): b.opacity for b in plan_ribbons(PLAN, "#0072B2", PlanMarks([(1, 2)]))}
    assert found[1, 2] > 2 * found[0, 0]
    bold = [t for t in drawn(marks=PlanMarks(word=(1, 2))).iter(f"{SVG}text") if t.get("font-weight")]
    assert ["".join(t.itertext()) for t in bold] == ["z"]


def test_a_difference_shows_each_move_in_the_colour_of_the_arm_that_has_more():
    change = np.array([[0.1, -0.1], [-0.05, 0.05]])
    found = {(b.i, b.j): (b.colour, b.mass) for b in difference_ribbons(change, "#111111", "#222222", ("A", "B"))}
    assert found[0, 0] == ("#222222", 0.1) and found[0, 1] == ("#111111", 0.1)
    assert difference_ribbons(np.zeros((2, 2)), "#111111", "#222222", ("A", "B")) == []


@pytest.mark.parametrize(
    "word", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&amp;", "\x00\ud800", ""]
)
@pytest.mark.parametrize("layout", ["lines", "columns"])
def test_words_are_text_whatever_they_hold(word, layout):
    svg = drawn(source=(word, "b"), layout=layout)
    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert tags <= {"svg", "title", "g", "path", "rect", "text"}
    assert not any(name.startswith("on") for element in svg.iter() for name in element.attrib)


def test_a_plan_of_one_word_each_and_a_plan_that_moves_nothing_are_drawn():
    assert len(bands(drawn(np.ones((1, 1)), ("a",), ("x",)))) == 1
    empty = ribbons_svg(
        side(["a"], [1.0]), side(["x"], [1.0]), plan_ribbons(np.zeros((1, 1)), "#0072B2", PlanMarks()), "lines", "t"
    )
    assert "<path" not in empty


def test_a_page_of_its_own_holds_the_picture_and_the_caption():
    page = standalone("<svg></svg>", "a < b")
    assert "<svg></svg>" in page and "a &lt; b" in page and "http" not in page


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.floats(2.0, 20.0))
def test_a_shortened_word_fits_and_a_short_one_is_kept(text, em):
    cut = shortened(text, em)
    assert text_width(cut) <= em + 1.0 and "\n" not in cut
    line = " ".join(text.split())
    if line and text_width(line) <= em:
        assert cut == line


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99), st.booleans())
def test_every_picture_is_well_formed_and_inside_its_frame(n, m, seed, rtl):
    plan = np.random.default_rng(seed).dirichlet(np.ones(n * m)).reshape(n, m)
    for layout in ("lines", "columns"):
        svg = drawn(plan, [f"w{k}" for k in range(n)], ["ก" * (k + 1) for k in range(m)], layout, rtl)
        wide, high = (float(svg.get(name)) for name in ("width", "height"))
        for rect in svg.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            assert -1 <= x and x + w <= wide + 1 and -1 <= y and y + h <= high + 1
