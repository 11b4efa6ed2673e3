"""The predictions that pass, as a list with the selected one's item beside it, and all of them as CSV."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.languages import language
from core.notation import plural
from pages.parts import address, look, show
from pages.parts.errors import item as errors_item
from pages.parts.errors.filters import ErrorSelection
from pages.parts.items import Texts
from pages.parts.stored import read
from pages.parts.text import caption, note
from store.results import selected

TAB = "Predictions"
PAGE_SIZE = 50
#: What of an address names the selected prediction: its item and its language.
ROW = "row"
#: Predictions of a CSV, at most: more are for `python -m core errors` or the store itself.
MOST = 1_000_000


def draw(chosen: ErrorSelection, counted: selected.Count, texts: Texts) -> None:
    """The list on the left, the item of the selected row on the right, where the window has room for both."""
    if not counted.predictions:
        caption("None passes the filters above.")
        return
    left, right = look.columns("list", [3, 2], "wide")
    with left:
        rows = _page(chosen, counted, texts)
        with show.side_by_side("items"):
            _download(chosen, counted)
    with right:
        errors_item.beside_list(chosen, texts, *(_asked(chosen) or _of(rows, 0)))


def _of(rows: pd.DataFrame, number: int) -> tuple[int, str]:
    """Item and language of a row of the list."""
    return int(rows["item_id"].iloc[number]), str(rows["language"].iloc[number])


def _asked(chosen: ErrorSelection) -> tuple[int, str] | None:
    """The item and the language that the address names, where a run read it so."""
    given = st.query_params.get(ROW)
    if given is None:
        return None
    found = re.fullmatch(r"(\d{1,9}) ([A-Za-z-]{2,12})", given)
    if found and errors_item.was_read(chosen, int(found[1]), found[2]):
        return int(found[1]), found[2]
    address.tell(f"The link asks for the row {given[:40]!r}, which no run here has read; the first one is shown.")
    return None


def _page(chosen: ErrorSelection, counted: selected.Count, texts: Texts) -> pd.DataFrame:
    pages = -(-counted.predictions // PAGE_SIZE)
    number = 1
    if pages > 1:
        # A narrower filter leaves fewer pages than the one that was open.
        if (st.session_state.get("page") or 1) > pages:
            st.session_state["page"] = pages
        number = st.pagination(pages, key="page", bind="query-params", max_visible_pages=5)
    rows: pd.DataFrame = read(selected.page, chosen.selection, PAGE_SIZE, (int(number) - 1) * PAGE_SIZE)
    table = _table(chosen, texts, rows)
    if texts.problem:
        note(texts.problem)

    def opened() -> None:
        picked = st.session_state["items"].selection.rows
        if picked:
            st.query_params[ROW] = "{} {}".format(*_of(rows, picked[0]))
        else:
            st.query_params.pop(ROW, None)

    columns = {f"{name} ×100": show.number(f"{name} ×100") for name in LABELS}
    show.dataframe(table, columns, key="items", height=430, on_select=opened, selection_mode="single-row")
    return rows


def _download(chosen: ErrorSelection, counted: selected.Count) -> None:
    if counted.predictions > MOST:
        caption(f"A CSV holds at most {MOST:,} predictions; narrow the filters for one.")
        return
    selection = chosen.selection

    def whole() -> pd.DataFrame:
        rows: pd.DataFrame = read(selected.page, selection, counted.predictions)
        return _table(chosen, Texts(chosen.kind, chosen.split), rows)

    show.download(whole, "items", f"CSV, all {plural(counted.predictions, 'prediction')}")


def _table(chosen: ErrorSelection, texts: Texts, rows: pd.DataFrame) -> pd.DataFrame:
    rows = texts.join(rows)
    table = pd.DataFrame(
        {
            "language": [language(code).label for code in rows["language"]],
            "item": rows["item_id"],
            "run": rows["run_id"].map(chosen.labels),
            "gold": [LABELS[i] for i in rows["gold"]],
            "predicted": [LABELS[i] for i in rows["predicted"]],
            "outcome": ["right" if right else "wrong" for right in rows["correct"]],
            "premise": rows["premise"],
            "hypothesis": rows["hypothesis"],
            **{f"{name} ×100": 100 * rows[name] for name in LABELS},
        }
    )
    return table if any(table["premise"]) else table.drop(columns=["premise", "hypothesis"])
