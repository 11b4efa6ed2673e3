"""Representations: sentences as points, as two models place them, and what was measured of their spread by layer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, SECOND
from pages.parts import encoders, groups, libraries, look, models, show, sources
from pages.parts.guard import guarded, page
from pages.parts.representations import diagnostics, maps
from pages.parts.representations.sentences import chosen_sentences
from pages.parts.text import note

PURPOSE = "Where does a model put sentences: do translations lie together, and did a training draw everything together?"


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    sources.banner(runs, "Maps: computed when asked for")
    encoders.picker(runs)
    collapsed = diagnostics.say(runs)
    labels = models.choices(runs)
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder's map is drawn. Train arms to "
            f"compare with {sources.HOW_TO_RUN}."
        )
    _map(runs, labels, collapsed, saved_as)
    with guarded("diagnostics"):
        diagnostics.section(runs, saved_as)


@st.fragment
def _map(runs: pd.DataFrame, labels: dict[str, str], collapsed: dict[str, list[int]], saved_as: str) -> None:
    """The map and its controls: what they change is drawn without the rest of the page."""
    with guarded("map"):
        place, beside = look.columns("source", [3, 1], "narrow")
        sentences = chosen_sentences(place)
        by = maps.colours(beside, any(one.label >= 0 for one in sentences))
        asked = maps.controls(labels, _first(labels, runs), by)
        libraries.load_beside()
        if maps.ready(sentences, asked.choices):
            maps.draw(sentences, asked, labels, collapsed, saved_as)


def _first(labels: dict[str, str], runs: pd.DataFrame) -> tuple[str, str]:
    """English training alone beside the adversary, where both have their weights; else the first choices."""
    arms = {models.arm_of(choice, runs): choice for choice in reversed(labels)}
    if BASELINE in arms and SECOND in arms:
        return arms[BASELINE], arms[SECOND]
    return models.first_pair(labels, runs)


with page("Representations", PURPOSE):
    body()
