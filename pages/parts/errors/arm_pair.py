"""The two arms that a view sets against each other: any two, and until some are chosen the filter bar's."""

from __future__ import annotations

import streamlit as st

from core.arms.names import sort_arms
from pages.parts import look
from pages.parts.errors.filters import ErrorSelection


def proposed(chosen: ErrorSelection) -> tuple[str, str]:
    """The arm compared with, and the arm: the two that the filter bar names, in its order, with the baseline first;
    else the baseline and the first other arm that is shown. Both are one where there is one arm."""
    named = [str(arm) for arm in st.session_state.get("run") or [] if arm in set(chosen.runs["arm"])]
    if len(named) == 2:
        return (named[1], named[0]) if named[1] == chosen.baseline else (named[0], named[1])
    others = [arm for arm in [*chosen.arms, *sort_arms(chosen.group["arm"])] if arm != chosen.baseline]
    return chosen.baseline, others[0] if others else chosen.baseline


def choose(chosen: ErrorSelection) -> tuple[str, str]:
    """Draw the choice and return the arm compared with and the arm."""
    arms = [str(arm) for arm in chosen.group["arm"].drop_duplicates()]
    against, arm = proposed(chosen)
    left, right = look.columns("arm-pair", 2, "narrow")
    follow("arm", arm)
    follow("base", against)
    with left:
        arm = st.selectbox("Arm", arms, arms.index(arm), key="arm", bind="query-params")
    with right:
        against = st.selectbox("Against", arms, arms.index(against), key="base", bind="query-params")
    return str(against), str(arm)


def follow(key: str, proposal: str) -> None:
    """Let the control `key` follow the filter bar where that proposes something else than before."""
    before = st.session_state.setdefault(f"{key}-proposed", proposal)
    if before != proposal:
        st.session_state[f"{key}-proposed"] = proposal
        if key in st.session_state:
            st.session_state[key] = proposal
