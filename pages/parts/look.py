"""The look that configuration cannot give: page set-up, mark and stylesheet."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent


def apply() -> None:
    """Set the page up; the first call of every run of the app."""
    st.set_page_config(page_title="Isogloss", page_icon=str(_HERE / "mark.svg"), layout="wide")
    st.logo(str(_HERE / "wordmark.svg"), icon_image=str(_HERE / "mark.svg"), size="large")
    st.html(_HERE / "look.css")
