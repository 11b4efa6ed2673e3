"""Columns of one's own for slices: a CSV comes in, what is unread is told, and a column can be removed."""

from __future__ import annotations

import streamlit as st

from core.errors import IsoglossError
from core.evaluation.slicing.own_columns import MOST_ROWS, read_own_columns
from core.evaluation.slicing.table import SliceTable
from core.notation import plural
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import workspace
from pages.parts.text import caption, note
from store.user import item_columns

_TOLD = "columns-told"


def draw(chosen: ErrorSelection, table: SliceTable) -> None:
    """The upload and the columns there are."""
    file = st.file_uploader(
        "Columns of your own", type=["csv", "tsv"], key="own-columns",
        help=f"CSV; its first line names the columns: item, perhaps language, and yours. {MOST_ROWS:,} lines are read.",
    )  # fmt: skip

    def kept() -> None:
        upload = st.session_state.get("own-columns")
        try:
            if upload is None:
                return
            rows, told = read_own_columns(upload.getvalue(), set(table.item.tolist()), table.codes)
            item_columns.keep_columns(workspace(), chosen.kind, chosen.split, rows)
        except IsoglossError as error:
            st.session_state[_TOLD] = [str(error)]
        else:
            names = ", ".join(dict.fromkeys(rows["name"]))
            st.session_state[_TOLD] = [f"{plural(len(rows), 'value')} kept of the columns {names}.", *told]

    st.button("Keep these columns", key="own-keep", on_click=kept, disabled=file is None)
    for sentence in st.session_state.pop(_TOLD, []):
        note(str(sentence))
    if not table.own:
        return
    caption(f"Columns kept: {', '.join(table.own)}. Ask for one by its name; between ` ` where it has blanks.")
    name = str(st.selectbox("Column", list(table.own), key="own-column", width=260))

    def removed() -> None:
        item_columns.remove_column(workspace(), chosen.kind, chosen.split, name)
        st.session_state[_TOLD] = [f"The column “{name}” is removed."]

    st.button("Remove column", key="own-remove", on_click=removed, icon=":material/delete:")
