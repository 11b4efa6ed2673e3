"""The board on which links are drawn: words on both sides, lines between them; the app hears of every change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.config import content_hash
from core.data.links import SentenceLinks, from_base
from core.data.pharaoh import is_links, parse_links

_HERE = Path(__file__).parent
_HTML = """
<div class="board">
  <div class="board-tools" role="toolbar" aria-label="Drawing">
    <button type="button" class="board-sure">Sure (S)</button>
    <button type="button" class="board-possible">Possible (P)</button>
    <button type="button" class="board-undo">Undo (U)</button>
    <button type="button" class="board-redo">Redo</button>
    <button type="button" class="board-clear">Clear</button>
  </div>
  <div class="board-field">
    <div class="board-side board-source" role="group"></div>
    <svg class="board-lines" aria-hidden="true"></svg>
    <div class="board-side board-target" role="group"></div>
  </div>
  <div class="board-live" role="status" aria-live="polite"></div>
</div>
"""

_mount = st.components.v2.component(
    "isogloss_board",
    html=_HTML,
    css=(_HERE / "board.css").read_text(encoding="utf-8"),
    js=(_HERE / "board.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def board(
    sides: tuple[Sequence[str], Sequence[str]], rtl: tuple[bool, bool], codes: tuple[str, str],
    start: SentenceLinks, again: int, on_change: Callable[[], None] = lambda: None,
) -> SentenceLinks:  # fmt: skip
    """Draw the board and return the links on it; it begins with `start`, anew whenever the words, `start` or the
    number `again` change."""
    first = [(i, j, "s" if (i, j) in start.sure else "p") for i, j in sorted(start.possible | start.sure)]
    version = content_hash([list(sides[0]), list(sides[1]), [list(link) for link in first], again])
    data = {
        "version": version,
        "links": [[f"{i} {j}", kind] for i, j, kind in first],
        "sides": [
            {"words": list(words), "rtl": right, "code": code, "label": label}
            for words, right, code, label in zip(sides, rtl, codes, ("First text", "Second text"), strict=True)
        ],
    }
    shown = _mount(key="board", data=data, default={"drawn": ""}, on_drawn_change=on_change)
    return read_drawn(str(shown.drawn or ""), version, sides, start)


def read_drawn(
    text: str, version: str, sides: tuple[Sequence[str], Sequence[str]], start: SentenceLinks
) -> SentenceLinks:
    """The links that a browser told of a board, `start` where it told of another; what is no link is not believed."""
    told, _, links = text.partition("|")
    if told != version or (links and not is_links(links)):
        return start
    lengths = len(sides[0]), len(sides[1])
    return from_base(parse_links(links, Path("drawn links"), 1), 0, lengths, 1)[0]
