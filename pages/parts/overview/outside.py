"""Predictions of another model beside the arms: a row each, described, without marks."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.exchange.outside.summary import DESCRIBED, accuracy_by_model
from pages.parts import show
from pages.parts.stored import read
from pages.parts.text import caption
from store.results.outside import beside


def section(split: str, kind: str) -> None:
    """The table; nothing where no other model is stored on the split."""
    levels: pd.DataFrame = read(beside, split, kind)
    if levels.empty:
        return
    st.subheader("Beside the arms: predictions of another model", anchor=False)
    table = accuracy_by_model(levels)
    numbers = {name: show.number(name) for name in table.columns if name not in ("model", "predictions")}
    show.table(table, "outside", numbers)
    caption(DESCRIBED)
