"""The overview's first screen: the recommendation with its numbers, what it rests on, one figure, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from core.arms.names import main_arms
from core.figures import summary
from core.figures.glance import languages_at_a_glance
from core.figures.style import arm_style
from core.notation import rate
from core.report.method import warm_starts
from core.verdict.decomposition import decompositions
from core.verdict.recommendation import Number, Recommendation, recommend
from pages.parts import look, show
from pages.parts.errors import decomposition as errors_decomposition
from pages.parts.errors import item as errors_item
from pages.parts.overview import examples
from pages.parts.overview.answer import ACROSS, opens_errors
from pages.parts.text import escape, finding


def answer(
    sheet: Mapping[str, Any], collapsed: Mapping[str, tuple[int, int, int]], runs: pd.DataFrame,
    accuracy: pd.DataFrame, split: str, data: str,
) -> Recommendation | None:  # fmt: skip
    """The block that says what to do; what is stored, where nothing can be recommended."""
    found = recommend(sheet, collapsed, f"the {summary.place(split, data)}", warm_starts(runs.to_dict("records")))  # type: ignore[arg-type]
    if found is None:
        finding(summary.finding(summary.by_arm(summary.by_language(accuracy)), split, data))
        return None
    numbers = "".join(_number(one) for one in found.numbers)
    why = urlencode(_kept() | {"tab": "Why"}, quote_via=quote)
    parts = ""
    if decompositions(sheet["questions"]):
        made_of = escape(errors_decomposition.link(_kept()))
        parts = f', <a href="{made_of}" target="_self">what the difference is made of</a>'
    st.html(
        f'<section class="iso-answer" aria-label="The answer"><h2>{escape(found.advice)}'
        f'<span class="iso-chip">{escape(found.outcome)}</span></h2><p class="iso-told">{escape(found.found)}</p>'
        f'<div class="iso-numbers">{numbers}</div>'
        f'<p class="iso-caption"><b>Rests on:</b> {escape(found.rests_on)} Numbers are right answers in 100, with 95 % '
        f'intervals.</p><p class="iso-caption"><b>Cannot say:</b> {escape(found.cannot_say)} '
        f'<a href="?{escape(why)}" target="_self">The evidence</a>{parts}</p></section>'
    )
    return found


def _number(one: Number) -> str:
    style = arm_style(one.arm)
    warned = " iso-warned" if one.collapsed else ""
    name = one.name[0].upper() + one.name[1:]
    glyph = f'<span style="color:{style.colour}" aria-hidden="true">{style.glyph}</span>'
    return (
        f'<div class="iso-number{warned}"><p>{glyph} '
        f"{escape(name)}</p><p><b>{rate(one.value)}</b> <span>{escape(one.beside)}</span></p>"
        f"<p>{escape(one.said)}</p></div>"
    )


def figure(
    levels: pd.DataFrame, asked: Sequence[str], split: str, data: str, runs: pd.DataFrame, stored: pd.DataFrame,
    saved_as: str,
) -> None:  # fmt: skip
    """Every language at a glance beside what to open next."""
    left, right = look.columns("glance", [3.4, 1], "small")
    with left:
        rows = levels[levels["arm"].isin(main_arms(levels["arm"])) & ~levels["unit"].isin(ACROSS)]
        table = rows.rename(columns={"unit": "language", "value": "accuracy"})
        title = f"Right answers by language, {summary.place(split, data)}"
        made = languages_at_a_glance(table, title, asked)
        shaded = "; the languages that are asked about are shaded" if asked else ""
        told = f"{title}{shaded}. The tab Languages has the numbers."
        show.figure(made, "glance", saved_as, on_click=opens_errors(runs, split), alt=told)
    with right:
        st.html(f'<div class="iso-next"><h3>What to open next</h3><ul>{"".join(_ways_on(stored))}</ul></div>')


def _ways_on(stored: pd.DataFrame) -> list[str]:
    item = urlencode(_kept() | {"outcome": "wrong", "tab": errors_item.TAB}, quote_via=quote)
    ways = [(f"errors?{item}#{errors_item.ANCHOR}", "An error", "read in every language")]
    ways += [
        (link, one.title, "and what moved it")
        for one, link in examples.links(stored)
        if one.title == examples.EXAMPLES[0].title
    ]
    ways += [
        (f"representations?{urlencode(_kept())}", "The map of sentences", "where a training put them"),
        (f"present?{urlencode(_kept())}", "The presentation", "the answer in a few slides"),
        (f"report?{urlencode(_kept())}", "The report", "one file to hand on"),
    ]
    return [
        f'<li><a href="{escape(link)}" target="_self">{escape(title)}</a><span>, {escape(told)}</span></li>'
        for link, title, told in ways
    ]


def _kept() -> dict[str, str]:
    """What of the address goes on to other pages: the runs shown."""
    return {"group": st.query_params["group"]} if "group" in st.query_params else {}
