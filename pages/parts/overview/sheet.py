"""The answer sheet of the runs a page shows, with a word on the wait where it has to be made."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.notation import plural
from pages.parts.stored import read, workspace
from store.results.runs import list_imports
from store.results.sheets import find_sheet, key_of, new_sheet


def sheet(runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """The sheet of `runs` (the store's columns, one recipe an arm) on `split`.

    Raises `BadInput` if the predictions cannot be compared, as when runs disagree on a gold label.
    """
    return _sheet(key_of(workspace(), read(list_imports), runs, split), runs, split)


@st.cache_resource(show_spinner=False, max_entries=20)
def _sheet(key: str, _runs: pd.DataFrame, split: str) -> dict[str, Any]:
    """The same dictionary for every session: it is read, never changed."""
    found = find_sheet(workspace(), key)
    if found is None:
        with st.spinner(f"Comparing the predictions of {plural(len(_runs), 'run')} (some seconds, once)…"):
            found = new_sheet(workspace(), key, _runs, split)
    return found
