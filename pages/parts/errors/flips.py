"""Flips: what one run fixed and broke of another's answers, with the items of a cell."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.evaluation.flips import Flips
from core.figures.claim import claim
from core.figures.flips import CELLS, flip_sentence, flip_table
from core.languages import language
from core.notation import plural
from core.verdict.marks import ONE_RUN
from pages.parts import look, show
from pages.parts.errors import claims
from pages.parts.errors.arm_pair import follow, proposed
from pages.parts.errors.filters import ErrorSelection
from pages.parts.errors.item import open_item
from pages.parts.items import Texts
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import flips as stored

PAGE_SIZE = 50


def draw(chosen: ErrorSelection, saved_as: str, texts: Texts) -> None:
    ids = list(chosen.labels)
    if len(ids) < 2:
        note("One run is stored, and it takes two to compare.")
        return
    first, second = _runs(chosen, ids)
    if first == second:
        note("Both sides are the same run; choose two.")
        return
    names = chosen.labels[first], chosen.labels[second]
    found = read(stored.compare_flips, chosen.selection, first, second)
    reason = _reason(chosen)
    finding(flip_sentence(found, *names, reason))
    if not found.items:
        return
    left, right = look.columns("flips", [2, 3], "medium", "large")

    def opened(cell: list[bool]) -> None:
        st.session_state["flip"] = next(name for name, sides in CELLS.items() if sides == tuple(cell))

    with left:
        made = flip_table(found, *names)
        show.figure(made, "flips", saved_as, on_click=opened, alt=f"{names[1]} against {names[0]}")
        show.download(_cells(found), "flips")
        selection = chosen.selection.of_items((first, second))
        how = claims.command(chosen, "flips", selection)
        where = _where(chosen) + claims.filters_in_words(selection)
        counted = f"{plural(found.items, 'item')}, fixed {found.fixed:,}, broken {found.broken:,}; {ONE_RUN}"
        sentence = claim(
            f"Change in accuracy of {names[1]} against {names[0]}, {where}", found.difference, found.low, found.high,
            counted, (first, second), how,
        )  # fmt: skip
        claims.claims([sentence], "flips", chosen)
        caption("Filters of items apply here, filters of predictions do not.")
    with right:
        cell = st.segmented_control(
            "Items", list(CELLS), default="fixed", required=True, key="flip", bind="query-params", wrap=True
        )
        _items(chosen, first, second, str(cell or "fixed"), texts)


def _runs(chosen: ErrorSelection, ids: list[str]) -> tuple[str, str]:
    """Any two runs; until some are chosen, one of each arm that the filter bar proposes, of one seed if it can be."""
    against, arm = proposed(chosen)
    of_arm = {name: _of_arm(chosen, name, ids) for name in (against, arm)}
    start = of_arm[against][0] if of_arm[against] else ids[0]
    others = [run for run in of_arm[arm] if run != start] or [run for run in ids if run != start]
    seeds = dict(zip(chosen.group["run_id"], chosen.group["seed"], strict=True))
    other = next((run for run in others if seeds[run] == seeds[start]), others[0])
    follow("first", start)
    follow("second", other)
    left, right = look.columns("flip-runs", 2, "narrow")
    with left:
        first = st.selectbox(
            "First run", ids, ids.index(start), lambda key: chosen.labels[key], key="first", bind="query-params"
        )
    with right:
        second = st.selectbox(
            "Second run", ids, ids.index(other), lambda key: chosen.labels[key], key="second", bind="query-params"
        )
    return str(first), str(second)


def _of_arm(chosen: ErrorSelection, arm: str, ids: list[str]) -> list[str]:
    """The arm's runs, those of the chosen seeds first."""
    own = [str(run) for run in chosen.group.loc[chosen.group["arm"] == arm, "run_id"] if run in ids]
    return sorted(own, key=lambda run: run not in chosen.selection.run_ids)


def _reason(chosen: ErrorSelection) -> str:
    """What else forbids a test: items chosen by filters, or translations of one item counted as many."""
    reasons = [chosen.descriptive()] if chosen.descriptive() else []
    if chosen.selection.languages is None or len(chosen.selection.languages) > 1:
        reasons.append("an item counts once in each language")
    return " and ".join(reasons)


def _where(chosen: ErrorSelection) -> str:
    codes = chosen.selection.languages
    return ", ".join(language(code).name for code in codes) if codes else "all languages of both"


def _cells(found: Flips) -> pd.DataFrame:
    counts = [found.both_right, found.broken, found.fixed, found.both_wrong]
    return pd.DataFrame({"cell": list(CELLS), "items": counts})


def _items(chosen: ErrorSelection, first: str, second: str, cell: str, texts: Texts) -> None:
    rows, total = read(stored.flipped, chosen.selection, first, second, *CELLS[cell], PAGE_SIZE)
    rows = texts.join(rows)
    table = pd.DataFrame(
        {
            "language": [language(code).label for code in rows["language"]],
            "item": rows["item_id"],
            "gold": [LABELS[i] for i in rows["gold"]],
            "first": [LABELS[i] for i in rows["predicted_a"]],
            "second": [LABELS[i] for i in rows["predicted_b"]],
            "premise": rows["premise"],
            "hypothesis": rows["hypothesis"],
        }
    )
    if not any(table["premise"]):
        table = table.drop(columns=["premise", "hypothesis"])

    def opened() -> None:
        picked = st.session_state["flipped-items"].selection.rows
        if picked:
            open_item(int(table["item"].iloc[picked[0]]))

    options = {"key": "flipped-items", "height": 330, "on_select": opened, "selection_mode": "single-row"}
    show.table(table, "flipped", None, **options)
    shown = f"The first {len(table)} of {plural(total, 'item')}" if total > len(table) else plural(total, "item")
    caption(f"{shown}. Select a row to open the item below.")
