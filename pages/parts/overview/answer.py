"""The overview's answer: the sentence, three cards, and the figure of every language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.arms.names import main_arms
from core.figures import summary
from core.figures.accuracy import ORDERS, accuracy_by_language
from core.figures.definitions import definition
from core.languages import language
from core.notation import plural
from core.verdict import sentences
from core.verdict.levels import GAP, LOW
from pages.parts import groups, look, show
from pages.parts.cards import card
from pages.parts.drawn_arms import drawn_arms
from pages.parts.text import caption, finding

#: Units of the sheet's levels that are no language.
ACROSS = (LOW, GAP, "others")
#: Where a click on a mark leads, until the next run of the page goes there.
OPEN = "open-errors"


def say(
    sheet: Mapping[str, Any],
    accuracy: pd.DataFrame,
    split: str,
    data: str,
    collapsed: Mapping[str, tuple[int, int, int]],
) -> None:
    """The answer: whether a method beats English training alone, then the primary question, then what collapse and a
    shift of answers take from it; what is stored, where nothing can be asked."""
    where = f"the {summary.place(split, data)}"
    primary = sentences.headline(sheet["questions"], where)
    first = sentences.lead(sheet["questions"], where) or primary
    finding(first or summary.finding(summary.by_arm(summary.by_language(accuracy)), split, data))
    beside = [
        text
        for text in (primary, sentences.on_collapse(collapsed), sentences.on_prior(sheet["questions"]))
        if text and text != first
    ]
    if first:
        caption(" ".join([*beside, "Accuracy ×100 and differences in points."]))


def cards(levels: pd.DataFrame) -> None:
    """Low-resource mean, English and the gap, an arm a row."""
    left, middle, right = look.columns("cards", 3)
    with left:
        own = _rows(levels, LOW)
        over = f"{_languages(levels)}, {_items(own)} each; 95 % interval." if len(own) else "No arm has them all."
        card("Low-resource mean, accuracy ×100", _values(own), over, definition("low-resource accuracy"))
    with middle:
        own = _rows(levels, "en")
        note = f"{_items(own)}; 95 % interval." if len(own) else "English was not read."
        card("English, accuracy ×100", _values(own), note, definition("English accuracy"))
    with right:
        card(
            "Gap: English minus low-resource mean",
            _values(_rows(levels, GAP)),
            "A gap can also close because English fell.",
            definition("transfer gap"),
        )


def by_language(levels: pd.DataFrame, split: str, data: str, runs: pd.DataFrame, saved_as: str) -> None:
    """The dumbbell of the main arms; a click on a mark opens the errors behind it."""
    left, right = look.columns("figure", [3, 2], "narrow")
    with left:
        order = st.segmented_control(
            "Languages in the order of",
            ORDERS,
            default=ORDERS[0],
            required=True,
            key="order",
            bind="query-params",
            help="Web text: from most to least text on the web. Effect: largest distance from english-only first.",
        )
    with right:
        shown = drawn_arms(levels["arm"])
    table = levels[levels["arm"].isin(shown) & ~levels["unit"].isin(ACROSS)].rename(
        columns={"unit": "language", "value": "accuracy"}
    )
    title = f"Accuracy by language, {summary.place(split, data)}"
    kinds = {"bootstrap": "bootstrap over premises", "wilson": "Wilson"}
    bars = " or ".join(kinds[kind] for kind in sorted(set(table["interval"])))
    made = accuracy_by_language(table, title, order or ORDERS[0], bars=bars)

    show.figure(made, "accuracy-by-language", saved_as, on_click=opens_errors(runs, split), alt=title)
    caption(
        f"Each mark is the mean of {plural(int(table['seeds'].max()), 'seed')} an arm at most. Click a mark to see the "
        "errors behind it."
    )


def opens_errors(runs: pd.DataFrame, split: str) -> Callable[[list[str]], None]:
    """What a click on a mark (arm, language or "") does: the next run of the page goes to the errors behind it."""

    def clicked(mark: list[str]) -> None:
        st.session_state[OPEN] = _link(mark, runs, split)

    return clicked


def _link(mark: list[str], runs: pd.DataFrame, split: str) -> dict[str, str]:
    """The errors page's link for a mark (arm, language)."""
    arm, code = mark
    run_id = str(runs.loc[runs["arm"] == arm, "run_id"].iloc[0])
    link = {"run": groups.run_labels(runs)[run_id], "outcome": "wrong"}
    if code:
        link["languages"] = language(code).label
    for name in ("split", "group"):
        if name in st.query_params:
            link[name] = split if name == "split" else st.query_params[name]
    return link


def _rows(levels: pd.DataFrame, unit: str) -> pd.DataFrame:
    own = levels[levels["unit"] == unit].set_index("arm")
    return own.loc[main_arms(own.index)].reset_index()


def _values(own: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    return list(own[["arm", "value", "low", "high"]].astype({"low": float, "high": float}).itertuples(False, None))


def _items(own: pd.DataFrame) -> str:
    return plural(int(own["items"].max()), "item")


def _languages(levels: pd.DataFrame) -> str:
    return plural(len({u for u in levels["unit"] if u not in ACROSS and language(u).low_resource}), "language")
