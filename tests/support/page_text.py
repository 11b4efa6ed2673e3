"""What a page opened in Streamlit's test runner shows."""

from __future__ import annotations

import base64
import html
import re
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.parts.guard import UNEXPECTED


def markup(page: AppTest) -> str:
    """All the HTML a page writes itself, as one text."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def words(page: AppTest) -> str:
    """The same without tags and entities, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup(page))).split())


def accuracies(page: AppTest) -> dict[str, list[str]]:
    """The overview's table: arm (without its glyph) to its cells, pairs first; marks are left out."""
    table = next(text for text in markup(page).split("<table") if "iso-figures" in text)
    rows = re.findall(r"<tr>(<td>.*?)</tr>", table)
    cells = [[re.sub(r"<sup.*?</sup>|<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
    return {html.unescape(first).split(" ", 1)[1]: rest for first, *rest in cells}


def charts(page: AppTest) -> list[str]:
    """The specifications of a page's figures, as JSON text."""
    return [str(element.proto.spec) for element in page.get("plotly_chart")]


#: Words that a layman does not know: not on the first screen, not on a deck's first three slides, save with a tooltip.
SPECIALIST = ("arm", "arms", "Low-5", "generalised", "objective", "took", "Holm", "TOST", "entropy")


def specialist_words(markup_or_text: str) -> list[str]:
    """Which of `SPECIALIST` a reader sees; what has a tooltip is left out."""
    seen = re.sub(r"<(\w+)[^>]*\btitle=.*?</\1>", " ", markup_or_text, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]*>", " ", seen))
    return [word for word in SPECIALIST if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]


def check_whole(page: AppTest) -> None:
    """The page ran to its end: no exception, and no box for an unexpected failure."""
    assert not page.exception, page.exception
    assert UNEXPECTED[:40] not in words(page)
    assert [title.value for title in page.title] or "<h1" in markup(page)


def numbers(column: Any) -> list[float]:
    """A column of plotly's JSON, which writes arrays of numbers as base64."""
    if isinstance(column, dict):
        return list(np.frombuffer(base64.b64decode(column["bdata"]), np.dtype(column["dtype"])))
    return list(column)
