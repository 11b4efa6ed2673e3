"""How wide a word will be, roughly: enough to lay words out in a line before any browser has measured them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def text_width(text: str) -> float:
    """Estimated width of `text` in em; marks and joiners take no room, wide characters a whole em.

    >>> text_width("ab") < text_width("mm") < text_width("漢字")
    True
    """
    return sum(_width(character) for character in text)


def shortened(text: str, em: float) -> str:
    """`text` on one line, cut with an ellipsis where it would be wider than `em`."""
    line = " ".join(text.split()) or "␣"
    if text_width(line) <= em:
        return line
    room, kept = em - 1.0, ""
    for character in line:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return kept + "…"


@lru_cache(maxsize=20_000)
def _width(character: str) -> float:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf", "Cc"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if ord(character) > 0x1F000:
        return 1.3
    if category == "Mc":
        return 0.35
    if character in "iljtfrI.,:;'!|()[] ":
        return 0.33
    if character in "mwMW@%":
        return 0.88
    if category == "Lu":
        return 0.68
    return 0.56
