"""Plans drawn beside each other: ribbons, heat maps or a list, and what moved from the first to the second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.difference import difference_map, moves
from core.figures.drawn_plan import DrawnPlan
from core.figures.plan import cell_table, plan_heat_map
from core.figures.ribbons import difference_ribbons, plan_ribbons
from core.figures.style import INK, arm_style
from pages.parts import look, show
from pages.parts.alignment.controls import HEAT, LIST, RIBBONS
from pages.parts.alignment.ribbons import ribbons
from pages.parts.text import caption, escape

#: Words a side that a picture can show legibly.
WORDS = 60
Link = tuple[int, int]


def draw(
    view: str, plans: Sequence[DrawnPlan], saved_as: str, word: tuple[int, int] | None, on_pick: Callable[[str], None]
) -> None:
    """Draw one plan, or two with their difference. `on_pick` gets what was clicked (`s3`, `t0`, `s3t0`)."""
    shown = [plan.clipped(WORDS) for plan in plans]
    if view == LIST:
        _list(shown)
    elif len(shown) == 1:
        _plan(view, shown[0], 0, saved_as, word, on_pick)
    else:
        width: Literal["small", "medium"] = "small" if view == RIBBONS else "medium"
        first, between, second = look.columns(f"plans-{view}", 3, width)
        with first:
            _plan(view, shown[0], 0, saved_as, word, on_pick, True)
        with between:
            _difference(view, shown[0], shown[1], saved_as, on_pick)
        with second:
            _plan(view, shown[1], 1, saved_as, word, on_pick, True)
        if view == RIBBONS:
            caption("Width is mass. In the middle, in each arm's colour: mass that lies there with that arm only.")


def _plan(
    view: str, one: DrawnPlan, place: int, saved_as: str, word: tuple[int, int] | None, on_pick: Callable[[str], None],
    beside: bool = False,
) -> None:  # fmt: skip
    name = f"plan-{'ab'[place]}"
    alt = f"Transport plan between words, {one.label}, layer {one.layer}"
    if view == HEAT:
        made = plan_heat_map(
            one.plan, one.source.words, one.target.words, one.arm, one.links, one.target.rtl, one.label, one.judged
        )
        show.figure(made, name, saved_as, on_click=lambda cell: on_pick(f"s{cell[0]}t{cell[1]}"), alt=alt)
        return
    style = arm_style(one.arm)
    heading(f'<span style="color:{style.colour}">{style.glyph}</span> {escape(one.label)}')
    marks = one.marks(word)
    bands = plan_ribbons(one.plan, one.colour, marks)
    ribbons(one.source, one.target, bands, name, alt, f"{alt}. Width: mass.", marks, on_pick, beside)


def _difference(view: str, first: DrawnPlan, second: DrawnPlan, saved_as: str, on_pick: Callable[[str], None]) -> None:
    change = np.asarray(second.plan) - np.asarray(first.plan)
    colours = (first.colour if first.colour != second.colour else INK, second.colour)
    names = (first.label, second.label)
    alt = f"Mass that moved from {names[0]} to {names[1]}, layer {first.layer}"
    if view == HEAT:
        made = difference_map(change, first.source.words, first.target.words, colours, names, first.target.rtl)
        show.figure(made, "difference", saved_as, on_click=lambda cell: on_pick(f"s{cell[0]}t{cell[1]}"), alt=alt)
        return
    heading("what moved")
    bands = difference_ribbons(change, *colours, names)
    ribbons(first.source, first.target, bands, "difference", alt, alt, None, on_pick, True)


def _list(shown: Sequence[DrawnPlan]) -> None:
    if len(shown) == 2:
        first, second = shown
        table = moves(
            first.plan, second.plan, first.source.words, first.target.words, (first.label, second.label)
        )  # fmt: skip
        st.html('<p class="iso-caption">What moved, largest first; mass ×100.</p>')
        numbers = {name: show.number(name, digits=2) for name in table.columns[2:]}
        show.table(table, "moves", numbers, height=260)
    for column, one, place in zip(look.columns("lists", len(shown), "wide"), shown, "ab", strict=False):
        with column:
            style = arm_style(one.arm)
            heading(f'<span style="color:{style.colour}">{style.glyph}</span> {escape(one.label)}')
            table = cell_table(one.plan, one.source.words, one.target.words, one.links, one.judged)
            numbers = {name: show.number(f"{name} ×100", digits=2) for name in ("mass", "share of source word")}
            show.table(table, f"links-{place}", numbers, height=420)


def heading(markup: str) -> None:
    """The line over a picture; `markup` is HTML whose text is escaped."""
    st.html(f'<h4 class="iso-arm">{markup}</h4>')


def pharaoh(links: Sequence[Link]) -> str:
    """Links in Pharaoh form, base 0."""
    return " ".join(f"{i}-{j}" for i, j in sorted(links)) + "\n"


def plan_rows(one: DrawnPlan) -> pd.DataFrame:
    """Every cell of a plan: indices from 0, words and mass (a share of all mass)."""
    rows = [
        (i, j, one.source.words[i], one.target.words[j], float(one.plan[i, j]))
        for i in range(len(one.source.words))
        for j in range(len(one.target.words))
    ]
    return pd.DataFrame(rows, columns=["source_index", "target_index", "source", "target", "mass"])
