"""Errors: the items behind an accuracy, filtered, counted, and shown in every language."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.figures.confusion import confusion
from core.figures.distribution import cosine_by_label
from core.figures.formats import plural
from core.languages import language
from pages.parts import filters as bar
from pages.parts import groups, look, show, sources, untrained
from pages.parts.filters import PAGE_SIZE, Filters
from pages.parts.guard import page
from pages.parts.items import Texts, in_all_languages
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store import predictions

PURPOSE = "Which items does an arm get wrong, in which languages, and what do the other arms say about the same item?"


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    coverage = read(predictions.coverage, list(runs["run_id"])) if len(runs) else pd.DataFrame()
    sources.banner(runs)
    if coverage.empty:
        _nothing_stored(saved_as, len(runs))
        return
    chosen = bar.choose(runs, coverage)
    total = chosen.total()
    finding(bar.count_sentence(total, chosen))
    if total == 0:
        note(chosen.emptied_by())
    texts = Texts(str(runs["data_kind"].iloc[0]), chosen.split)
    left, right = look.columns("items", [5, 4], "wide", "large")
    with right:
        _confusion(chosen, groups.run_labels(runs)[chosen.run_id], saved_as)
    with left:
        if total:
            _items(chosen, total, texts)
    _one_item(runs, chosen, texts)


def _confusion(chosen: Filters, label: str, saved_as: str) -> None:
    codes = chosen.languages or (None,)
    tables = [read(predictions.confusion, chosen.run_id, chosen.split, code) for code in codes]
    counts = pd.concat(tables).groupby(["gold", "predicted"], as_index=False)["items"].sum()
    where = ", ".join(language(code).name for code in chosen.languages) if chosen.languages else "all languages"
    made = confusion(counts, "Gold against predicted", f"{label}, {where}")
    show.figure(made, "confusion", saved_as, on_click=_filter_cell, alt=f"{label}: gold against predicted, {where}")
    show.download(counts, "confusion")
    caption("Counts before the label filters. Click a cell to see its items.")


def _filter_cell(cell: list[int]) -> None:
    st.session_state["gold"], st.session_state["predicted"] = LABELS[cell[0]], LABELS[cell[1]]
    st.session_state["outcome"] = bar.ANY


def _items(chosen: Filters, total: int, texts: Texts) -> None:
    pages = -(-total // PAGE_SIZE)
    number = 1
    if pages > 1:
        # A narrower filter leaves fewer pages than the one that was open.
        if (st.session_state.get("page") or 1) > pages:
            st.session_state["page"] = pages
        number = st.number_input(f"Page of {pages:,}", 1, max(pages, 1), 1, key="page", bind="query-params", width=160)
    rows = texts.join(chosen.find(int(number))[0])
    if texts.problem:
        note(texts.problem)
    table = pd.DataFrame(
        {
            "language": [language(code).label for code in rows["language"]],
            "item": rows["item_id"],
            "gold": [LABELS[i] for i in rows["gold"]],
            "predicted": [LABELS[i] for i in rows["predicted"]],
            "outcome": ["right" if right else "wrong" for right in rows["correct"]],
            "premise": rows["premise"],
            "hypothesis": rows["hypothesis"],
            **{f"{name} ×100": 100 * rows[name] for name in LABELS},
        }
    )
    if not any(table["premise"]):
        table = table.drop(columns=["premise", "hypothesis"])

    def opened() -> None:
        selected = st.session_state["items"].selection.rows
        if selected:
            st.session_state["item"] = int(table["item"].iloc[selected[0]])

    show.table(
        table,
        "items",
        {f"{name} ×100": show.number(f"{name} ×100") for name in LABELS},
        key="items",
        height=430,
        on_select=opened,
        selection_mode="single-row",
    )
    caption("Select a row to open the item below in every language and with every arm.")


def _one_item(runs: pd.DataFrame, chosen: Filters, texts: Texts) -> None:
    st.subheader("One item in every language", anchor=False)
    first, total = chosen.find()
    default = int(first["item_id"].iloc[0]) if total else 0
    st.session_state.setdefault("item", None)
    item_id = st.number_input(
        "Item",
        min_value=0,
        value=None,
        step=1,
        key="item",
        bind="query-params",
        width=160,
        placeholder=str(default),
        help="An item is one premise and hypothesis; it has the same number in every language.",
    )
    item_id = default if item_id is None else int(item_id)
    rows = read(predictions.item, list(runs["run_id"]), chosen.split, item_id)
    if rows.empty:
        note(f"No stored run read item {item_id} of this split; choose a number from the table above.")
        return
    rows["item_id"] = item_id
    gold = LABELS[int(rows["gold"].iloc[0])]
    right = int(rows["correct"].sum())
    finding(f"Item {item_id}, gold label {gold}: {plural(right, 'prediction')} of {len(rows):,} right.")
    st.html(in_all_languages(rows, texts, groups.run_labels(runs)))
    caption(
        "Three numbers an arm: entailment, neutral, contradiction ×100. The framed one is predicted, "
        "green if right, orange if wrong."
    )
    show.download(rows, "item")


def _nothing_stored(saved_as: str, runs: int) -> None:
    what = "No run is stored yet, so no classifier has been trained" if runs == 0 else "No run here has predictions"
    note(
        f"{what} and there are no errors to show. Instead this page shows how near the untrained encoder puts premise "
        f"and hypothesis in the project's own starter items. Train the quick set with {sources.HOW_TO_RUN}."
    )
    codes = sources.starter().xnli_languages("test")
    code = st.selectbox(
        "Language",
        codes,
        format_func=lambda c: language(c).label,
        key="language",
        bind="query-params",
        width=260,
    )
    table = untrained.pair_cosines(code)
    means = table.groupby("label")["cosine"].mean()
    said = ", ".join(f"{LABELS[int(label)]} {value:.3f}" for label, value in means.items())
    finding(f"Mean cosine of premise and hypothesis in {language(code).name}, {plural(len(table), 'item')}: {said}.")
    title = f"Starter items in {language(code).name}: how near are premise and hypothesis?"
    note_ = "untrained encoder, one point an item; no classifier has been trained"
    show.figure(cosine_by_label(table, title, note_), "premise-hypothesis-cosine", saved_as, alt=title)
    items = {item.id: item for item in sources.starter().xnli("test", code).items}
    rows = table.assign(
        label=[LABELS[int(label)] for label in table["label"]],
        premise=[items[int(i)].premise for i in table["item_id"]],
        hypothesis=[items[int(i)].hypothesis for i in table["item_id"]],
    ).rename(columns={"item_id": "item", "label": "gold"})
    show.table(rows, "starter-items", {"cosine": show.number("cosine", digits=3)})


with page("Errors", PURPOSE):
    body()
