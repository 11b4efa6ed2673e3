"""The overview's controls: what explains the answer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.controls import controls_figure, controls_table
from core.figures.definitions import definition
from core.figures.table_latex import latex_table
from pages.parts import show
from pages.parts.overview.answer import opens_errors
from pages.parts.text import caption


def controls(explained: pd.DataFrame, runs: pd.DataFrame, split: str, saved_as: str) -> None:
    """The forest and its numbers; nothing without controls."""
    if explained.empty:
        return
    st.subheader("What explains it", anchor=False)
    title = "Differences from english-only, by the question they answer"
    show.figure(controls_figure(explained, title), "controls", saved_as, on_click=opens_errors(runs, split), alt=title)
    single = (
        " A control has one run: it is described, not tested, and its interval borrows the variance between seeds."
        if _pooled(explained)
        else ""
    )
    alone = " What is put on one run has bars of the items alone." if _alone(explained) else ""
    caption(
        "Low-resource accuracy, in points; a question's rows are on the same languages. Click a mark to see the arm's "
        f"errors.{single}{alone}"
    )
    with st.expander("The same as numbers"):
        table = controls_table(explained)
        signed = [
            name
            for name in table.columns
            if name not in ("question", "arm", "accuracy ×100", "p", "languages", "seeds", "test")
        ]
        columns = {
            name: show.difference(name, definition("interval of a difference"))
            for name in signed
            if name != "seeds' variance"
        }
        columns["p"] = show.number("p", definition("p"), digits=3)
        columns["accuracy ×100"] = show.number("accuracy ×100", definition("low-resource accuracy"))
        show.dataframe(table, columns)
        with show.side_by_side("controls"):
            show.download(table, "controls")
            show.latex(latex_table(table, title, signed), "controls")


def _pooled(explained: pd.DataFrame) -> bool:
    return bool((explained["seed_variance"] == "pooled").any())


def _alone(explained: pd.DataFrame) -> bool:
    return bool((explained["seed_variance"] == "unknown").any())
