"""A tour for first-time visitors: a strip above the page, four steps, left with one click or Escape, not seen again."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
#: File of the page, what the step before calls it, and what to look at there.
STEPS = (
    (
        "overview",
        "the answer",
        "The large line is the advice, the numbers under it carry it; tabs below hold the evidence.",
    ),
    (
        "errors",
        "one error",
        "The filters choose what is compared; select a row to see its item in every language.",
    ),
    (
        "alignment",
        "its tokens",
        "Ribbons show which word goes to which: the wider, the more mass. Two arms stand side by side.",
    ),
    ("report", "a report", "Choose what goes in, and download one HTML file or slides."),
)
#: Where the last step leads on.
ONWARDS = {"page": "bitext", "name": "your own sentences"}
_PAGES = [page for page, *_ in STEPS]
_mount = st.components.v2.component(
    "isogloss_tour",
    html='<div class="iso-tour" role="region" aria-label="Tour" hidden><b></b><span></span>'
    '<a class="iso-next" href="#"></a>'
    '<button class="iso-leave" type="button">Leave the tour</button></div>',
    css=(_HERE / "tour.css").read_text(encoding="utf-8"),
    js=(_HERE / "tour.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def tour(page: str) -> None:
    """The strip above the page of that address, if it is a step of the tour and the visitor has not left it.

    It links to the page of the next step. `?tour` in the address brings the strip back.
    """
    at = _PAGES.index(page or _PAGES[0]) if (page or _PAGES[0]) in _PAGES else -1
    steps = [{"page": page, "name": name, "text": text} for page, name, text in STEPS]
    _mount(key="tour", data={"steps": steps, "onwards": ONWARDS, "at": at, "again": "tour" in st.query_params})
