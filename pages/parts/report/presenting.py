"""Keys of the presentation, and its views: what is said large, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.figures.accuracy import accuracy_by_language
from core.figures.controls import controls_figure
from core.figures.ribbons import PlanMarks, plan_ribbons, ribbons_svg
from core.report import tables, words
from core.report.material import Example, Material, ReportedPlan
from pages.parts import show
from pages.parts.text import escape, passage, sentence

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "isogloss_presenting",
    html="<span></span>",
    js=(_HERE / "presenting.js").read_text(encoding="utf-8"),
)
View = tuple[str, Callable[[], None]]
#: Rows of a table that one view holds.
_ROWS = 10


def keys(view: int, views: int, on_move: Callable[[str], None]) -> None:
    """Listen to the keyboard; `on_move` gets the number of the view to go to, or "leave"."""

    def moved() -> None:
        found = st.session_state["presenting"].moved
        if found is not None:
            on_move(str(found))

    _mount(key="presenting", data={"view": view, "views": views}, on_moved_change=moved)


def views(made: Material, saved_as: str) -> list[View]:
    """Title and drawing of every view that has content."""
    found: list[View] = [("The answer", lambda: _answer(made)), ("Every language", lambda: _languages(made, saved_as))]
    found.append(("The questions", lambda: _table(tables.answers(made), "Questions")))
    if made.sheet["controls"]:
        found.append(("What explains it", lambda: _controls(made, saved_as)))
    found += [(one.heading, lambda one=one: _example(one)) for one in made.examples]  # type: ignore[misc]
    found += [
        (f"{one.heading}, {one.drawn.label}", lambda one=one: _plan(one))  # type: ignore[misc]
        for one in made.plans
    ]
    found += [(head, lambda text=text: _said(text)) for head, text in words.method(made)]  # type: ignore[misc]
    found.append(("Limits", lambda: _list(words.limits(made))))
    return found


def _answer(made: Material) -> None:
    _said(words.verdict(made))
    for text in (words.beside(made), *made.missing):
        if text:
            st.html(f'<p class="iso-more">{sentence(text)}</p>')


def _languages(made: Material, saved_as: str) -> None:
    title = f"Accuracy by language, {words.where(made)}"
    table = tables.accuracy_rows(made)
    show.figure(_large(accuracy_by_language(table, title)), "present-languages", saved_as, alt=title)


def _controls(made: Material, saved_as: str) -> None:
    title = "Low-resource accuracy minus that of english-only"
    explained = pd.DataFrame(made.sheet["controls"])
    show.figure(_large(controls_figure(explained, title)), "present-controls", saved_as, alt=title)


def _example(one: Example) -> None:
    texts = f"{passage(one.premise, one.language)}{passage(one.hypothesis, one.language)}" if one.premise else ""
    english = f'<p class="iso-more">{escape(one.english_premise)} → {escape(one.english_hypothesis)}</p>'
    heads = ("Probabilities ×100", *LABELS)
    rows = tuple(
        (f"{a.label}, {'right' if a.predicted == one.gold else 'wrong'}", *tables.probabilities(a.probabilities))
        for a in one.answers
    )
    st.html(
        f'<div class="iso-present"><p class="iso-more">Gold label: <b>{LABELS[one.gold]}</b>. '
        f"{escape(one.told)}</p>{texts}{english if one.english_premise else ''}"
        f"{'' if texts else f'<p class=iso-more>{escape(one.missing)}</p>'}</div>"
    )
    _table(tables.Table(heads, rows), one.heading)


def _plan(plan: ReportedPlan) -> None:
    drawn = plan.drawn
    marks = PlanMarks(drawn.links)
    title = f"Transport plan between words, {drawn.label}"
    bands = plan_ribbons(drawn.plan, drawn.colour, marks)
    svg = ribbons_svg(drawn.source, drawn.target, bands, "lines", title, marks, clicks=False)
    st.html(f'<div class="iso-present">{svg}<p class="iso-more">{escape(plan.told)} Width is mass.</p></div>')


def _said(text: str) -> None:
    st.html(f'<p class="iso-said">{sentence(text)}</p>')


def _list(told: Sequence[str]) -> None:
    st.html(f'<div class="iso-present"><ul>{"".join(f"<li>{escape(one)}</li>" for one in told)}</ul></div>')


def _table(table: tables.Table, caption: str) -> None:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.heads)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows[:_ROWS])
    st.html(
        f'<div class="iso-present"><table aria-label="{escape(caption)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _large(made: object) -> object:
    """Type that the last row of a room can read."""
    made.update_layout(title={"font": {"size": 22}, "subtitle": {"font": {"size": 16}}}, font={"size": 17})  # type: ignore[attr-defined]
    made.update_xaxes(tickfont={"size": 17}, title={"font": {"size": 16}})  # type: ignore[attr-defined]
    made.update_yaxes(tickfont={"size": 17})  # type: ignore[attr-defined]
    return made
