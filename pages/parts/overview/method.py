"""The overview's method: the words of the report, for a reader who has never trained a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.reference.floors import shipped_floors
from core.report.method import method_in_words
from pages.parts.text import escape


def method(runs: pd.DataFrame, split: str, kind: str, sheet: Mapping[str, Any]) -> None:
    """Task, problem, remedies, comparison, numbers and verdict, a paragraph each."""
    told = method_in_words(runs.to_dict("records"), sheet, shipped_floors(kind, split))  # type: ignore[arg-type]
    st.html("".join(f"<h3>{escape(head)}</h3><p class='iso-prose'>{escape(text)}</p>" for head, text in told))
