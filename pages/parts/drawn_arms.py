"""Which arms a figure draws: the main ones, and the controls when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.arms.names import main_arms, sort_arms


def drawn_arms(found: Iterable[str]) -> list[str]:
    """The main arms of `found`, in the order of every figure; all of them once the reader switches the controls on.

    Shows a switch where there are both, kept in the page's address; once a page.
    """
    arms = sort_arms(found)
    main = main_arms(arms)
    if len(main) == len(arms):
        return arms
    return arms if st.toggle("Show the controls too", key="controls", bind="query-params") else main
