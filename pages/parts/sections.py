"""What stands behind tabs or folded: it is built when it is opened, and an address opens what it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.parts import address
from pages.parts.guard import guarded

#: The open tab's place in the address and in the session; a page has one row of tabs.
TAB = "tab"


@dataclass(frozen=True)
class Section:
    """A tab: its title, what builds it, and the parameters of an address that ask for something in it."""

    title: str
    build: Callable[[], None]
    asked_by: tuple[str, ...] = ()


def tabs(sections: Sequence[Section]) -> None:
    """A row of tabs, of which the open one is built: the one that the address names, else the last of which it asks for
    something, else the first."""
    titles = [one.title for one in sections]
    if TAB not in st.query_params and st.session_state.get(TAB) not in titles:
        st.session_state.pop(TAB, None)  # another page's; left there, Streamlit would correct the address a second time
        asked = [one.title for one in sections if any(name in st.query_params for name in one.asked_by)]
        if asked:
            st.session_state[TAB] = asked[-1]
    for place, one in zip(st.tabs(titles, key=TAB, bind="query-params"), sections, strict=True):
        if place.open:
            with place, guarded(one.title):
                one.build()


def open_tab(title: str) -> None:
    """Open the tab of that title at the page's next run; for a click that sets a control in it."""
    st.session_state[TAB] = title
    address.with_next(TAB, title)


def set_by_click(key: str, nothing: object) -> None:
    """Let a click set the control `key` while its tab is closed.

    Streamlit writes a control's value into the address only where it knew the key before.
    """
    st.session_state.setdefault(key, nothing)


def folded(title: str, key: str, build: Callable[[], None]) -> None:
    """A title that unfolds, and is in the address as `key` while it is unfolded."""
    place = st.expander(title, key=key, on_change="rerun", bind="query-params")
    if place.open:
        with place:
            build()
