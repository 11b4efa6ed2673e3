"""The slice workbench: a line that asks for items, what it holds at once, and slices kept by name."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import IsoglossError
from core.evaluation.slicing.answers import Counted, count_slice
from core.evaluation.slicing.query import LONGEST
from core.evaluation.slicing.table import SliceTable
from core.languages import language
from core.notation import plural
from pages.parts import look, show
from pages.parts.errors import slice_source
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import kept as lasts
from pages.parts.stored import read_own, workspace
from pages.parts.text import caption, finding, note
from store.user import kept_slices

_TOLD = "slice-told"
HELP = """
`premise ~ "word"`, `hypothesis ~ /reg(ular|ex)/i`: the word, in any case, or a regular expression (RE2) stands in it

`overlap > 0.5`: share of the hypothesis' words that stand in the premise; in Thai and Chinese a subword is a word

`negation`, `number`: in either text; `premise.negation`, `hypothesis.number`: in one

`premise.words > 20`, `hypothesis.words in 3..8`, `item in 10..200`

`gold = neutral`, `language in (sw, ur)`, `NAME = value`: a column of your own

`and`, `or`, `not`, parentheses; `on english: …` tests the English parallel, so that the slice is one in all languages
"""


def query_line() -> tuple[str, dict[str, str]]:
    """Draw the kept slices and the line; return the line, and all kept slices by name."""
    table = read_own(kept_slices.list_slices)
    kept = {str(name): str(query) for name, query in zip(table["name"], table["query"], strict=True)}
    left, right = look.columns("slice-line", [1.4, 4], "narrow")

    def brought() -> None:
        st.session_state["query"] = kept.get(str(st.session_state["slice"]), "")

    with left:
        picked = st.selectbox(
            "Kept slice", list(kept), None, key="slice", bind="query-params", on_change=brought,
            placeholder="choose one" if kept else "none yet", disabled=not kept,
        )  # fmt: skip
    if picked and "query" not in st.session_state and "query" not in st.query_params:
        st.session_state["query"] = kept[str(picked)]
    with right:
        line = st.text_input(
            "Slice", key="query", bind="query-params", max_chars=LONGEST, help=HELP,
            placeholder='on english: negation and not hypothesis ~ "never"',
        )  # fmt: skip
    return str(line or "").strip(), kept


def draw_slice(chosen: ErrorSelection, table: SliceTable, line: str) -> bool:
    """What the line holds: counts and each arm's accuracy in it and outside. Returns whether the line can be read."""
    try:
        found = slice_source.sliced(table, line)
    except IsoglossError as error:
        note(str(error))
        return False
    answers = slice_source.answers_of(table, chosen.selection)
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    counted = count_slice(found.mask, answers, [arms[run] for run in chosen.selection.run_ids], table)
    finding(_sentence(counted))
    for sentence in found.told:
        caption(sentence)
    if answers.other_gold:
        caption(
            f"{plural(answers.other_gold, 'prediction')} left out: the data on this machine has another label there, "
            "so it is another version."
        )
    if counted.pairs:
        shown = counted.by_arm.rename(columns={"accuracy": "accuracy ×100", "outside": "outside the slice ×100"})
        names = ("accuracy ×100", "outside the slice ×100")
        show.table(shown, "slice", {name: show.number(name) for name in names})
        caption("All seeds together; descriptive. Keep the slice to have it among those that are compared below.")
    return True


def keep(line: str) -> None:
    """The name and the button that keep the line."""
    left, right = look.columns("slice-keep", [3, 1.2], "narrow", gap="small")

    def kept() -> None:
        try:
            name = kept_slices.keep_slice(workspace(), str(st.session_state.get("slice-name") or ""), line)
        except IsoglossError as error:
            st.session_state[_TOLD] = str(error)
        else:
            st.session_state["slice"], st.session_state["slice-name"] = name, ""
            st.session_state[_TOLD] = f"Kept as “{name}”." + ("" if lasts() else " It lasts as long as this server.")

    left.text_input(
        "Name", key="slice-name", max_chars=kept_slices.NAME_LENGTH, placeholder="name of the slice",
        label_visibility="collapsed",
    )  # fmt: skip
    right.button("Keep slice", key="slice-keep", on_click=kept, icon=":material/bookmark_add:")
    _tell()


def manage(kept: dict[str, str], table: SliceTable) -> None:
    """All kept slices with what they hold here, one of them renamed or removed."""
    rows: list[tuple[str, str, int | None, int | None, str]] = []
    for name, line in kept.items():
        try:
            mask = slice_source.sliced(table, line).mask
        except IsoglossError as error:
            rows.append((name, line, None, None, str(error)))
        else:
            rows.append((name, line, len(set(table.item[mask])), len(set(table.language[mask])), ""))
    shown = pd.DataFrame(rows, columns=["name", "slice", "items", "languages", "problem"])
    show.table(shown if any(shown["problem"]) else shown.drop(columns="problem"), "kept-slices")
    first, second, third = look.columns("slice-manage", [2, 2, 1.6], "narrow")
    name = str(first.selectbox("Kept", list(kept), key="slice-managed"))
    second.text_input("New name", key="slice-renamed", max_chars=kept_slices.NAME_LENGTH)

    def renamed() -> None:
        try:
            new = kept_slices.rename_slice(workspace(), name, str(st.session_state.get("slice-renamed") or ""))
        except IsoglossError as error:
            st.session_state[_TOLD] = str(error)
        else:
            if st.session_state.get("slice") == name:
                st.session_state["slice"] = new
            st.session_state["slice-renamed"] = ""
            st.session_state[_TOLD] = f"“{name}” is now “{new}”."

    def removed() -> None:
        kept_slices.remove_slice(workspace(), name)
        if st.session_state.get("slice") == name:
            st.session_state["slice"] = None
        st.session_state[_TOLD] = f"“{name}” is removed; its line was: {kept[name]}"

    with third, show.side_by_side("slice-buttons"):
        st.button("Rename", key="slice-rename", on_click=renamed)
        st.button("Remove", key="slice-remove", on_click=removed, icon=":material/delete:")


def _tell() -> None:
    if said := st.session_state.pop(_TOLD, ""):
        note(str(said))


def _sentence(counted: Counted) -> str:
    if not counted.pairs:
        return "No item that passes the filters is in this slice."
    codes = counted.languages
    where = language(codes[0]).name if len(codes) == 1 else plural(len(codes), "language")
    share = f"{counted.pairs:,} of {counted.of:,} pairs of item and language"
    return f"{plural(counted.items, 'item')} in {where}: {share}."
