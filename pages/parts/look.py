"""The look that configuration cannot give: page set-up, mark, stylesheet, and columns that wrap."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

#: Least widths of a column; look.css gives them.
Least = Literal["narrow", "small", "medium", "wide"]
_HERE = Path(__file__).parent


def apply() -> None:
    """Set the page up; the first call of every run of the app."""
    st.set_page_config(
        page_title="Isogloss", page_icon=str(_HERE / "mark.svg"), layout="wide", initial_sidebar_state=230
    )
    st.logo(str(_HERE / "wordmark.svg"), icon_image=str(_HERE / "mark.svg"), size="large")
    st.html(_HERE / "look.css")


def columns(
    key: str,
    widths: int | Sequence[float],
    least: Least = "medium",
    gap: Any = "small",
) -> list[Any]:
    """Columns that move under each other where the window leaves them less than `least` (see look.css)."""
    with st.container(key=f"wrap-{least}-{key}"):
        return list(st.columns(widths, gap=gap))
