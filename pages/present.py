"""Presentation: the report's slides over the whole window; keys, buttons and swipe move, Escape leaves."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from core.report.deck import deck
from pages.parts import address, groups
from pages.parts.guard import page
from pages.parts.report import choices as report_choices
from pages.parts.report import material as reported
from pages.parts.report import presenting
from pages.parts.sources import HOW_TO_RUN
from pages.parts.text import note


def body() -> None:
    stored = groups.all_runs()
    if stored.empty:
        note(f"No run is stored yet, so there is nothing to present. Train the quick set with {HOW_TO_RUN}.")
        return
    made = reported.material(report_choices.linked(st.query_params))
    kept = {key: st.query_params.get_all(key) for key in report_choices.KEYS if key in st.query_params}
    slides = deck(made)
    address.whole_number("view", 1, len(slides), 1)
    presenting.present(slides, f"report?{urlencode(kept, doseq=True)}" if kept else "report")


with page("Presentation", ""):
    body()
