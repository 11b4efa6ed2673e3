"""Small cards: one measure, one row an arm, value with interval."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.figures.style import arm_style
from core.notation import interval, rate
from pages.parts.text import escape

Row = tuple[str, float, float, float]


def card(title: str, rows: Sequence[Row], note: str, definition: str = "") -> None:
    """Rows are (arm, value, low, high), x100; `note` says over what. Bounds that are NaN stay empty.

    `definition` is what hovering over the title tells.
    """
    lines = "".join(_row(*row) for row in rows)
    st.html(f'<div class="iso-card"><h4>{defined(title, definition)}</h4>{lines}<p>{escape(note)}</p></div>')


def defined(text: str, definition: str) -> str:
    """A term whose definition is one hover away."""
    return f'<span class="iso-def" title="{escape(definition)}">{escape(text)}</span>' if definition else escape(text)


def _row(arm: str, value: float, low: float, high: float) -> str:
    style = arm_style(arm)
    between = interval(low, high)
    return (
        f'<div class="iso-row"><span style="color:{style.colour}">{style.glyph}</span>'
        f'<span class="iso-name" title="{escape(style.meaning)}">{escape(style.label[:60])}</span>'
        f'<span class="iso-value">{rate(value)}</span>'
        f'<span class="iso-between">{"" if between == "n/a" else between}</span></div>'
    )


def told(arm: str, text: str, name: str = "") -> str:
    """A list item: the arm in its shape and colour, and a sentence about it; `name` in place of the arm's own."""
    style = arm_style(arm)
    mark = f'<span style="color:{style.colour}">{style.glyph}</span> <b>{escape(name or style.label)}</b>'
    return f"<li>{mark}: {escape(text)}</li>"
