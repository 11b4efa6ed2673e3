"""The ribbons on a page: drawn by core, shown in the layout that fits, clicked, and saved as SVG, PNG or HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.figures.ribbons import PlanMarks, Ribbon, Words, ribbons_svg, standalone

_HERE = Path(__file__).parent
#: Lines are shrunk to fit at most this far; where there is less room, columns are shown.
_SHRINK = 0.8
#: A picture of lines wider than this many pixels is never shown.
_WIDEST = 1500.0

_mount = st.components.v2.component(
    "isogloss_ribbons",
    html='<div class="ribbon-picture"></div><div class="ribbon-tools"></div>',
    css=(_HERE / "ribbons.css").read_text(encoding="utf-8"),
    js=(_HERE / "ribbons.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def ribbons(
    source: Words,
    target: Words,
    bands: Sequence[Ribbon],
    name: str,
    title: str,
    caption: str = "",
    marks: PlanMarks | None = None,
    on_pick: Callable[[str], None] | None = None,
    beside: bool = False,
) -> None:
    """Draw a plan; `on_pick` gets what was clicked: a word (`s3`, `t0`) or a ribbon (`s3t0`).

    Pictures that stand `beside` each other are all in columns, so that the eye finds the same word at the same height.
    """
    lines = ribbons_svg(source, target, bands, "lines", title, marks)
    width = float(re.search(r' width="(\d+)"', lines)[1])  # type: ignore[index]
    span = 110.0 if beside else 170.0
    data = {
        "lines": lines if width <= _WIDEST and not beside else "",
        "least": round(_SHRINK * width),
        "columns": ribbons_svg(source, target, bands, "columns", title, marks, span),
        "name": f"isogloss-{name}",
        "page": standalone("<!--picture-->", caption or title),
    }
    key = f"ribbons-{name}"

    def picked() -> None:
        found = st.session_state[key].picked
        if found and on_pick is not None:
            on_pick(str(found))

    _mount(key=key, data=data, on_picked_change=picked)
