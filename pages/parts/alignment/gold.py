"""How well words are linked, against links that people drew: a table of gold sets, and the arms layer by layer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.alignment.default_layer import CHOSEN_LAYER
from core.alignment.published_error import PUBLISHED, measured_alignment
from core.arms.names import UNTRAINED
from core.figures.alignment_error import by_layer, gold_table, layer_figure
from core.figures.table_latex import latex_table
from pages.parts import show
from pages.parts.alignment import live as alignment_live
from pages.parts.stored import read
from pages.parts.text import caption, finding
from store.results import scores


def panel(runs: pd.DataFrame, saved_as: str) -> None:
    """The table, and above it the figure where runs hold their errors by layer."""
    st.subheader("Against links that people drew", anchor=False)
    stored = read(scores.read_scores, list(runs["run_id"]), "alignment_error") if len(runs) else pd.DataFrame()
    if len(stored):
        means = by_layer(stored)
        best = means.loc[means.groupby("arm")["value"].idxmin()]
        told = ", ".join(f"{row['arm']} {row['value']:.1f} at layer {row['layer']}" for row in best.to_dict("records"))
        finding(f"Each arm's lowest mean error over {int(means['sets'].max())} gold sets: {told}.")
        trained = [run for run in stored["run_id"].unique() if run != UNTRAINED]
        frozen = alignment_live.frozen_layers(trained[0], runs) if trained else None
        show.figure(
            layer_figure(means, frozen), "alignment-error", saved_as, alt="Word alignment error of the arms by layer"
        )
        show.download(means, "alignment-error")
    table, latex = _table(stored, CHOSEN_LAYER)
    numbers = {str(name): show.number(str(name)) for name in table.columns[3:]}
    show.dataframe(table, numbers, height=350)
    with show.side_by_side("gold-sets"):
        show.download(table, "gold-sets")
        show.latex(latex, "gold-sets")
    caption(
        "AER ×100 (Och and Ney 2003), lower is better; `untrained` with its bootstrap interval reads the plan "
        f"at layer {CHOSEN_LAYER}, as chosen on XL-WA dev; the arms' errors were stored with the decoding that was the "
        "default first, and stand beside the untrained encoder's by the same. The rules beside it read the untrained "
        "states of the same layer; eflomal and fast_align learn from the sentences alone, or from more bitext. "
        "Published: larger encoders, and not every test set is known to be the same. Made by "
        "`python -m core alignment-error` (untrained) and by `run --preset reference` (arms)."
    )


@st.cache_data(show_spinner=False, max_entries=8)
def _table(stored: pd.DataFrame, layer: int) -> tuple[pd.DataFrame, str]:
    """The table and its LaTeX; kept, because the page is drawn again at every move of a slider."""
    table = gold_table(measured_alignment(), stored, PUBLISHED, layer)
    return table, latex_table(table, "Alignment error rate x100 on gold links")
