"""The overview's measures beside plain accuracy."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.further import MEASURES, further_table
from core.figures.table_latex import latex_table
from pages.parts import show
from pages.parts.stored import read
from pages.parts.text import caption
from store.results import scores


def measures(runs: pd.DataFrame, split: str) -> None:
    """One row an arm; nothing where no run has any of them."""
    found = read(scores.read_scores, list(runs["run_id"]), [measure.score for measure in MEASURES])
    found = found[found["split"].isin([split, "retrieval", "held-out", "alignment"])]
    table = further_table(found)
    if len(table.columns) < 3:
        return
    st.subheader("Beside plain accuracy", anchor=False)
    definitions = {measure.label: measure.definition for measure in MEASURES}
    columns = {str(name): show.number(str(name), definitions.get(str(name))) for name in table.columns[2:]}
    show.dataframe(table, columns)
    with show.side_by_side("further"):
        show.download(table, "further")
        show.latex(latex_table(table, "Measures beside accuracy, x100"), "further")
    caption(
        "All ×100: means over the low-resource languages (generalised: over pairs of different languages), then over "
        "an arm's runs. They describe; no test stands behind a difference here."
    )
