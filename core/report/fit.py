"""How much room a text takes on a slide, from above: what is estimated to fit does, in PowerPoint and LibreOffice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

#: Of the type's size: a letter's width on average, a letter of a wide script's, and a line's height.
_LETTER, _WIDE, _LINE = 0.56, 1.02, 1.36


def lines(text: str, width: float, size: float) -> int:
    """Lines that `text` takes in `width` inches at `size` points; a word longer than a line is broken.

    >>> lines("one two three", 10.0, 14), lines("a" * 200, 1.0, 14) > 15
    (1, True)
    """
    room, used, count = width * 72.0 / size, 0.0, 1
    for word in text.split():
        long = sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else _LETTER for c in word)
        if used and used + _LETTER + long > room:
            count, used = count + 1, 0.0
        count += int(long // room)
        used += (long % room if long > room else long) + _LETTER
    return count


def height(text: str, width: float, size: float, after: float = 0.0) -> float:
    """Inches that a paragraph takes, with `after` points behind it."""
    return (lines(text, width, size) * size * _LINE + after) / 72.0


def row_height(cells: Sequence[str], widths: Sequence[float], size: float) -> float:
    """Inches that a row of a table takes: of its tallest cell, with the margins of cells."""
    tallest = max(height(cell, max(width - 0.2, 0.2), size) for cell, width in zip(cells, widths, strict=True))
    return tallest + 0.08


def pages(heights: Sequence[float], room: float, head: float = 0.0) -> Iterator[range]:
    """Which of so many things one under the other stand on each page of `room` inches, `head` of it taken each time.

    >>> [list(page) for page in pages([1.0, 1.0, 1.0], 2.5)]
    [[0, 1], [2]]
    """
    start, used = 0, head
    for i, tall in enumerate(heights):
        if i > start and used + tall > room:
            yield range(start, i)
            start, used = i, head
        used += tall
    if start < len(heights):
        yield range(start, len(heights))
