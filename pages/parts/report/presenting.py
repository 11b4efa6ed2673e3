"""The presentation: a deck that moves in the browser, by keys, buttons and swipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from core.report.deck import Slide

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "isogloss_presenting",
    html=(
        '<div class="iso-deck" role="region" aria-label="Presentation"><div class="stage" aria-live="polite"></div>'
        '<aside class="notes" aria-label="Notes" hidden></aside><nav aria-label="Slides">'
        '<button class="back" type="button" aria-label="Previous slide">←</button>'
        '<button class="on" type="button" aria-label="Next slide">→</button><span class="count"></span>'
        '<button class="speak" type="button">Notes</button><button class="full" type="button">Full screen</button>'
        '<a class="leave" href="report" target="_self">Leave</a></nav></div>'
    ),
    css=(_HERE / "presenting.css").read_text(encoding="utf-8"),
    js=(_HERE / "presenting.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def present(slides: Sequence[Slide], leave: str) -> None:
    """Show the deck over the whole window; `leave` is the address that Escape and the last button lead to.

    The slide shown is in the address (`view`, from 1), which the browser keeps: the server is not asked.
    """
    _mount(key="presenting", data={"slides": [asdict(slide) for slide in slides], "leave": leave})
