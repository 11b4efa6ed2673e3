"""The numbers that differ between the sides of a file's pairs: listed, and dropped only where that is wanted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.bitext.check import NUMBERS
from core.bitext.report import Report
from pages.parts import show
from pages.parts.text import caption


def numbers_apart(report: Report) -> None:
    """A list of lines with what each side alone has; nothing where no numbers differ."""
    if not report.apart:
        return
    with st.expander(f"Numbers that differ ({report.found(NUMBERS):,})", expanded=False):
        caption(
            "Numbers are written out in words, in other units or with other signs between their digits: of clean files "
            "up to 4 % differ so. They are listed to be looked through, and drop nothing unless their filter is on."
        )
        rows = [
            {"line": n.line, "source alone": ", ".join(n.source), "target alone": ", ".join(n.target)}
            for n in report.apart
        ]
        show.table(pd.DataFrame(rows), "numbers-that-differ", height=240)
        if report.found(NUMBERS) > len(report.apart):
            caption(f"The first {len(report.apart):,} are listed.")
