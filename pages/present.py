"""Presentation: the report's views one at a time, in large type; arrow keys move, Escape leaves."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import groups
from pages.parts.guard import guarded, page
from pages.parts.report import choices as report_choices
from pages.parts.report import material as reported
from pages.parts.report import presenting
from pages.parts.sources import HOW_TO_RUN
from pages.parts.text import caption, note

_LEAVE = "leave-presentation"


def body() -> None:
    st.html(Path(__file__).parent / "parts" / "report" / "presenting.css")
    if st.session_state.pop(_LEAVE, False):
        st.switch_page("pages/report.py")
    stored = groups.all_runs()
    if stored.empty:
        note(f"No run is stored yet, so there is nothing to present. Train the quick set with {HOW_TO_RUN}.")
        presenting.keys(0, 1, _move)
        return
    made = reported.material(report_choices.linked(st.query_params))
    found = presenting.views(made, "png")
    at = _view(len(found))
    presenting.keys(at, len(found), _move)
    title, draw = found[at]
    st.subheader(title, anchor=False)
    with guarded(title):
        draw()
    caption(f"{at + 1} of {len(found)}. Arrow keys move, Escape leaves.")


def _view(views: int) -> int:
    given = st.query_params.get("view", "1")
    return min(max(int(given), 1), views) - 1 if given.isdecimal() else 0


def _move(wanted: str) -> None:
    if wanted == "leave":
        st.session_state[_LEAVE] = True
    else:
        st.query_params["view"] = str(int(wanted) + 1)


with page("Isogloss", ""):
    body()
