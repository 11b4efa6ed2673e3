"""What was measured of the runs' states on held-out sentences, by layer and language, beside the reference."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.arms.names import main_arms
from core.figures.sentence_map import diagnostics_figure
from core.verdict.sentences import on_collapse
from pages.parts import show
from pages.parts.drawn_arms import drawn_arms
from pages.parts.stored import read
from pages.parts.text import caption, finding
from store.results.collapse import collapsed_arms, collapsed_layers, state_diagnostics


def say(runs: pd.DataFrame) -> dict[str, list[int]]:
    """What has collapsed, in a sentence; the collapsed layers by run."""
    counts: dict[str, tuple[int, int, int]] = read(collapsed_arms, runs) if len(runs) else {}
    told = on_collapse(counts)
    if told:
        finding(told)
    elif any(measured for _, measured, _ in counts.values()):
        finding("No run shown has collapsed, by the rule under the figure.")
    found: dict[str, list[int]] = read(collapsed_layers, [str(run) for run in runs["run_id"]]) if len(runs) else {}
    return found


def section(runs: pd.DataFrame, saved_as: str) -> None:
    """The figure, and the numbers; nothing where no run was measured."""
    table = read(state_diagnostics, [str(run) for run in runs["run_id"]]) if len(runs) else pd.DataFrame()
    if table.empty:
        return
    st.subheader("Layer by layer, on held-out sentences", anchor=False)
    arms = drawn_arms(table["arm"])
    title = "How far sentences lie apart, and whether translations are found"
    made = diagnostics_figure(table[table["arm"].isin(arms or main_arms(table["arm"]))], title)
    show.figure(made, "diagnostics", saved_as, alt=title)
    caption(
        "Reference: the run's warm start where its weights are kept, else English training alone of its seed. Spread: "
        "standard deviation of a dimension; unrelated: 1 minus the mean cosine. Collapsed (dotted): in every language "
        "spread below half and distance below a third. Means over seeds and aligned languages."
    )
    with st.expander("The same as numbers, by language", key="diagnostic-numbers", on_change="rerun") as numbers:
        if numbers.open:
            show.table(table, "diagnostics")
