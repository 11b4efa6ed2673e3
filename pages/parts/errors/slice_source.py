"""Items, answers and slices for the slice workbench, each made once and shared by all sessions."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.evaluation.slicing.answers import SliceAnswers, make_answers
from core.evaluation.slicing.evaluate import Sliced, evaluate
from core.evaluation.slicing.opening import open_table
from core.evaluation.slicing.parser import parse
from core.evaluation.slicing.table import SliceTable
from core.experiment.run_encoder import EMBEDDED
from pages.parts import live, models
from pages.parts.errors.filters import ErrorSelection
from pages.parts.items import readable
from pages.parts.stored import read_own, stamp, workspace
from store.results.selection import Selection
from store.results.slices import item_answers
from store.user import item_columns


def table_of(chosen: ErrorSelection) -> SliceTable:
    """The items of the page's data set and split. Raises `MissingData` where their text is not here."""
    found = readable(chosen.kind, chosen.split)
    folder = workspace().cache / "texts"

    def make() -> SliceTable:
        bar = st.empty()

        def show(done: int, total: int, text: str = "") -> None:
            bar.progress(done / max(total, 1), f"Measuring texts (once): {done:,} of {total:,} items…")

        try:
            return open_table(found, chosen.split, folder, lambda: models.load_base(EMBEDDED), show)
        finally:
            bar.empty()

    key = (chosen.kind, str(found.root), chosen.split, str(folder))
    table: SliceTable = live.recent("slice-tables", 4).get(key, make)
    own = read_own(item_columns.read_columns, chosen.kind, chosen.split)
    if own.empty:
        return table
    with_own: SliceTable = live.recent("slice-own-columns", 4).get(
        (key, stamp(workspace().user)), lambda: table.with_own(own)
    )
    return with_own


def sliced(table: SliceTable, line: str) -> Sliced:
    """The items of a line. Raises `BadInput` with the place of a fault."""
    query = parse(line)
    found: Sliced = live.recent("slices", 200).get((table.content, query.text), lambda: evaluate(query, table))
    return found


def answers_of(table: SliceTable, selection: Selection) -> SliceAnswers:
    """What the selected runs answered of the items that pass the filters of items."""
    asked = replace(selection.of_items(), compared=tuple(sorted(selection.compared)))

    def make() -> SliceAnswers:
        rows = item_answers(workspace(), asked, table.codes)
        return make_answers(rows, len(asked.run_ids), table)

    key = (table.content, asked, str(workspace().home), stamp(workspace().results))
    found: SliceAnswers = live.recent("slice-answers", 4).get(key, make)
    return found
