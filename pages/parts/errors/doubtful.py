"""Doubtful items: a queue of suspicious labels, marks in bulk, numbers with and without, and marks as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.errors import IsoglossError
from core.exchange.marks_file import MOST_BYTES, read_marks_file
from core.languages import language, sort_codes
from core.notation import plural
from pages.parts import look, show
from pages.parts.errors.filters import ErrorSelection
from pages.parts.items import Texts
from pages.parts.stored import read, workspace
from pages.parts.text import caption, finding, note
from store.results import selected
from store.results.errors.doubtful import doubted_items
from store.user import marks

VIEW = "Doubtful items"
#: Items of the queue, and sentences about rows of a file that were not read.
MOST, TOLD = 200, 8


def draw(chosen: ErrorSelection, texts: Texts) -> None:
    """The queue with its marks to set, then what the marks do to the numbers, then the marks as a file."""
    if told := st.session_state.pop("marks-told", ""):
        note(told)
    table = marks.read_marks(workspace(), chosen.kind, chosen.split) if workspace().user.exists() else pd.DataFrame()
    _queue(chosen, texts, {int(i) for i in table["item_id"]} if len(table) else set())
    _with_and_without(chosen, table)
    _file(chosen, texts, table)


def _queue(chosen: ErrorSelection, texts: Texts, marked: set[int]) -> None:
    rows = read(doubted_items, chosen.selection, MOST)
    pairs = _two_labels(chosen, texts)
    twice = {item for row in pairs for item in row["items"]}
    if rows.empty and not pairs:
        note("No item's gold label is doubted: in every one it is the most probable label, over these runs.")
        return
    shown = pd.DataFrame(
        {
            "mark": [int(i) in marked for i in rows["item_id"]],
            "item": rows["item_id"],
            "gold": [LABELS[i] for i in rows["gold"]],
            "runs say": [LABELS[i] for i in rows["suggested"]],
            "gold's probability ×100": rows["of_gold"],
            "theirs ×100": rows["of_suggested"],
            "wrong ×100": rows["wrong"],
            "same text, another label": ["yes" if int(i) in twice else "" for i in rows["item_id"]],
            **texts.in_english(rows),
        }
    )
    places = len({row["language"] for row in pairs})
    same = (
        f" {plural(len(pairs), 'pair')} of identical texts in {plural(places, 'language')} with two gold labels."
        if pairs
        else ""
    )
    finding(f"{plural(len(rows), 'item')} whose gold label the runs doubt most, in the languages chosen.{same}")
    columns: dict[str, Any] = {
        name: show.number(name) for name in ("gold's probability ×100", "theirs ×100", "wrong ×100")
    }
    columns["mark"] = st.column_config.CheckboxColumn("mark", help="Enter or space ticks the box of the row.")
    with st.form("doubtful-items", border=False):
        edited = st.data_editor(
            shown, hide_index=True, column_config=columns, key="doubtful", height=360,
            disabled=[str(name) for name in shown if name != "mark"],
        )  # fmt: skip
        left, right = look.columns("doubtful-reason", [4, 1], "narrow")
        with left:
            reason = st.text_input("Reason of the new marks", "the label is doubtful", max_chars=marks.LIMIT)
        with right:
            saved = st.form_submit_button("Save marks")
    if saved:
        _save(chosen, shown, edited, str(reason))
    caption(
        "The queue: items in the order of their gold label's mean probability over the chosen runs and languages "
        "(self-confidence, Northcutt et al. 2021); runs that learned the same mistakes doubt right labels too. A mark "
        "is of the label, in every language; of a translation it is set on the item."
    )
    show.download(shown.drop(columns="mark"), "doubtful-items")
    if pairs:
        with st.expander("Identical texts with two gold labels"):
            show.table(
                pd.DataFrame(pairs).assign(items=[", ".join(map(str, row["items"])) for row in pairs]), "two-labels"
            )


def _save(chosen: ErrorSelection, shown: pd.DataFrame, edited: pd.DataFrame, reason: str) -> None:
    items = shown["item"].astype(int)
    new = [(int(item), "", reason) for item in items[edited["mark"] & ~shown["mark"]]]
    gone = [int(item) for item in items[~edited["mark"] & shown["mark"]]]
    try:
        if new:
            marks.mark_all(workspace(), chosen.kind, chosen.split, new)
        for item in gone:
            marks.unmark(workspace(), chosen.kind, chosen.split, item, "")
    except IsoglossError as error:
        note(str(error))
        return
    st.session_state["marks-told"] = f"{plural(len(new), 'mark')} set, {len(gone)} taken back."
    st.rerun()


def _two_labels(chosen: ErrorSelection, texts: Texts) -> list[dict[str, Any]]:
    """Language, items and labels of identical texts with several gold labels, in the languages chosen."""
    codes = chosen.selection.languages or sort_codes(sorted(set(texts.languages)))
    return [
        {"language": language(code).label, "items": ids, "gold labels": ", ".join(labels)}
        for code in codes
        for ids, labels in texts.two_labelled(code)
    ]


def _with_and_without(chosen: ErrorSelection, table: pd.DataFrame) -> None:
    """Accuracy of every chosen arm over all items and over those that are not marked."""
    if table.empty:
        return
    left_out = tuple((str(code), int(item)) for code, item in zip(table["language"], table["item_id"], strict=True))
    selection, numbers = chosen.selection.without_labels(), ["items", "correct"]
    every, rest = (
        read(selected.accuracy, replace(selection, without=marked)).groupby("arm", sort=False)[numbers].sum()
        for marked in ((), left_out)
    )
    shown = pd.DataFrame(
        {
            "arm": every.index,
            "with ×100": (100 * every["correct"] / every["items"]).to_numpy(),
            "without ×100": (100 * rest["correct"] / rest["items"]).reindex(every.index).to_numpy(),
            "predictions with": every["items"].to_numpy(),
            "predictions without": rest["items"].reindex(every.index).to_numpy(),
        }
    )
    st.subheader("With and without the marked items", anchor=False)
    show.table(shown, "with-and-without", {n: show.number(n) for n in ("with ×100", "without ×100")})
    caption("Descriptive: who chose the items by what the runs say of them cannot test the runs on the rest.")


def _file(chosen: ErrorSelection, texts: Texts, table: pd.DataFrame) -> None:
    st.subheader("Marks as a file", anchor=False)
    every = read(selected.accuracy, replace(chosen.selection.without_labels(), languages=None))
    codes = sorted({str(code) for code in every["language"]})
    if len(table):
        rows = table.rename(columns={"item_id": "item"})[["item", "language", "reason"]]
        show.download(lambda: _with_texts(chosen, texts, rows), "marks", f"CSV, {plural(len(rows), 'mark')} with texts")
    given = st.file_uploader(
        "Read marks back: a CSV with item, language, reason", "csv", key="marks-file",
        max_upload_size=MOST_BYTES // 1_000_000,
    )  # fmt: skip
    if given is None:
        return
    try:
        found = read_marks_file(given.getvalue(), codes)
    except IsoglossError as error:
        note(str(error))
        return
    for sentence in found.unread[:TOLD]:
        caption(f"Not read: {sentence}.")
    if len(found.unread) > TOLD:
        caption(f"And {len(found.unread) - TOLD:,} rows more are not read.")
    if st.button(f"Keep {plural(len(found.marks), 'mark')}", key="keep-marks", disabled=not found.marks):
        try:
            marks.mark_all(workspace(), chosen.kind, chosen.split, found.marks)
        except IsoglossError as error:
            note(str(error))
            return
        st.session_state["marks-told"] = f"{plural(len(found.marks), 'mark')} kept."
        st.rerun()


def _with_texts(chosen: ErrorSelection, texts: Texts, rows: pd.DataFrame) -> pd.DataFrame:
    """The marks with their texts, and what every chosen run says of the item, a column a run."""
    items = sorted({int(item) for item in rows["item"]})
    answers: pd.DataFrame = read(selected.of_items, chosen.selection, items)
    found = []
    for item, code, reason in rows.itertuples(index=False):
        own = answers[(answers["item_id"] == item) & (answers["language"] == (code or "en"))]
        gold = int(own["gold"].iloc[0]) if len(own) else -1
        text = texts.get(code or "en", int(item), gold) if gold >= 0 else None
        found.append(
            {
                "item": item, "language": code, "reason": reason, "gold": LABELS[gold] if gold >= 0 else "",
                "read in": language(code or "en").name,
                "premise": text.premise if text else "", "hypothesis": text.hypothesis if text else "",
                **{chosen.labels[run]: LABELS[k] for run, k in zip(own["run_id"], own["predicted"], strict=True)},
            }
        )  # fmt: skip
    return pd.DataFrame(found)
