"""What goes into a report: title, arms, languages, items and kept plans; every choice is in the link."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.languages import language, sort_codes
from core.report.material import TITLE, TITLE_LENGTH, Choices, read_item
from pages.parts import address, groups, look
from pages.parts.report import material as reported

#: Query parameters of the choices: the presentation takes the same link.
KEYS = ("title", "arms", "languages", "items", "plans", "group")


def chosen(runs: pd.DataFrame, codes: list[str]) -> Choices:
    """The controls, for `runs` that were read in the languages `codes`. Raises `BadInput` for an item that is not "
    "written as language and number."""
    st.text_input("Title", key="title", bind="query-params", placeholder=TITLE, max_chars=TITLE_LENGTH)
    named = {language(code).label: code for code in sort_codes(codes)}
    arms = list(dict.fromkeys(runs["arm"]))
    kept = {str(row["name"]): str(row["view_id"]) for row in reported.kept_plans().to_dict("records")}
    left, right = look.columns("report", 2, "medium")
    with left:
        _several("Arms shown", arms, "arms", "All")
        if kept:
            _several("Kept plans", list(kept), "plans", "One that the runs stored")
    with right:
        _several("Languages shown", list(named), "languages", "All")
        st.text_input(
            "Items",
            key="items",
            bind="query-params",
            placeholder="sw:155, ur:12; else the clearest error fixed and broken",
            help="Language and number of an item, as the Errors page shows it; several between commas.",
        )
    return read_choices(named, kept, str(runs["group_id"].iloc[0]))


def read_choices(codes: dict[str, str], kept: dict[str, str], group: str) -> Choices:
    """The choices that the controls, or a link, hold."""
    state = st.session_state
    items = [part for part in str(state.get("items") or "").split(",") if part.strip()]
    return Choices(
        title=str(state.get("title") or ""),
        languages=tuple(codes[name] for name in state.get("languages") or () if name in codes),
        arms=tuple(state.get("arms") or ()),
        items=tuple(read_item(part) for part in items),
        plans=tuple(kept[name] for name in state.get("plans") or () if name in kept),
        group=group,
    )


def _several(label: str, options: list[str], key: str, placeholder: str) -> None:
    st.multiselect(label, options, key=key, bind="query-params", placeholder=placeholder)


def linked(query: Any) -> Choices:
    """The choices of a link that the controls wrote: lists are repeated parameters, languages are labels or codes."""
    kept = {str(row["name"]): str(row["view_id"]) for row in reported.kept_plans().to_dict("records")}
    codes = [
        label[label.rindex("(") + 1 : -1] if label.endswith(")") else label for label in query.get_all("languages")
    ]
    items = [part for part in query.get("items", "").split(",") if part.strip()]
    return Choices(
        title=query.get("title", "")[:TITLE_LENGTH],
        languages=tuple(language(code).code for code in codes),
        arms=tuple(query.get_all("arms")),
        items=tuple(read_item(part) for part in items),
        plans=tuple(kept[name] for name in query.get_all("plans") if address.known("plan", name, kept)),
        group=groups.named(query.get("group", "")),
    )
