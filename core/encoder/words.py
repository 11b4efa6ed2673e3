"""Words of a text in any script, and the word that each subword belongs to."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]  # first character and the one after the last
_Class = Literal["space", "letter", "unspaced", "mark", "sign"]

# Scripts written without spaces between words: there a subword is the smallest unit that can be called a
# word.
_UNSPACED: tuple[Span, ...] = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Myanmar
    (0x1780, 0x1800),  # Khmer
    (0x1950, 0x1AB0),  # Tai Le, New Tai Lue, Khmer symbols, Tai Tham
    (0x2E80, 0x3000),  # Han radicals
    (0x3005, 0x3008),  # Han iteration mark, number zero
    (0x3040, 0x3130),  # Hiragana, Katakana, Bopomofo
    (0x31A0, 0xA000),  # Bopomofo and Katakana extensions, Han
    (0xA9E0, 0xAA80),  # Myanmar extensions
    (0xF900, 0xFB00),  # Han compatibility
    (0xFF66, 0xFFA0),  # halfwidth Katakana
    (0x1AFF0, 0x1B170),  # Kana supplements
    (0x20000, 0x40000),  # Han extensions
)


@lru_cache(maxsize=65_536)
def _class(character: str) -> _Class:
    category = unicodedata.category(character)
    if character.isspace() or character in "\u200b\u2581\ufeff":
        return "space"
    if category[0] == "M" or category == "Cf":
        return "mark"
    if category[0] in "LN":
        code = ord(character)
        return "unspaced" if any(a <= code < b for a, b in _UNSPACED) else "letter"
    return "sign"


def count_unspaced(text: str) -> tuple[int, int]:
    """Letters of a text in scripts without spaces between words: those of Han and Kana, and the others."""
    letters = [ord(character) for character in text if _class(character) == "unspaced"]
    han = sum(code >= 0x2E80 and not 0xA9E0 <= code < 0xAA80 for code in letters)
    return han, len(letters) - han


def letter_runs(text: str) -> list[tuple[str, bool]]:
    """Runs of letters, digits and their marks, those of scripts without spaces apart: (run, whether its script has
    spaces). An apostrophe between two letters stays.

    >>> letter_runs("Don't go! BM25は速い")
    [("Don't", True), ('go', True), ('BM25', True), ('は速い', False)]
    """
    runs: list[tuple[str, bool]] = []
    start, open_class = 0, ""
    for at, character in enumerate(text):
        kind: str = _class(character)
        if open_class and kind == "mark":
            continue
        joins = character in "'\u2019" and open_class == "letter" and _class(text[at + 1 : at + 2] or " ") == "letter"
        if joins or kind == open_class:
            continue
        if open_class:
            runs.append((text[start:at], open_class == "letter"))
        start, open_class = at, kind if kind in ("letter", "unspaced") else ""
    if open_class:
        runs.append((text[start:], open_class == "letter"))
    return runs


def word_spans(text: str, pieces: Sequence[Span] = ()) -> list[Span]:
    """Spans of the words of `text`, in order, given the spans of its subwords.

    In spaced scripts a word is a run of letters, digits and their marks (with an apostrophe, full stop,
    comma or hyphen between two of them), or a run of other signs. In Thai, Lao, Khmer, Myanmar, Han and
    Kana each subword begins a word. No word ends inside a subword.

    >>> [text[a:b] for text in ["Don't go, 3.5 km!"] for a, b in word_spans(text)]
    ["Don't", 'go', ',', '3.5', 'km', '!']
    """
    classes: list[_Class] = []
    for at, character in enumerate(text):
        kind = _class(character)
        if kind == "mark":  # a mark is of the class of what it stands on
            kind = classes[-1] if classes and classes[-1] != "space" else "sign"
        elif kind == "sign" and _joins(text, at):
            kind = "letter"
        classes.append(kind)
    starts = {a for a, _ in pieces}
    inside = {at for a, b in pieces for at in range(a + 1, b)}
    spans: list[Span] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at < len(text):
            previous, kind = classes[at - 1], classes[at]
            cut = previous != kind or (kind == "unspaced" and at in starts and _class(text[at]) != "mark")
            if not cut or (at in inside and "space" not in (previous, kind)):
                continue
        if text and classes[begin] != "space":
            spans.append((begin, at))
        begin = at
    return spans


def _joins(text: str, at: int) -> bool:
    if text[at] not in "'\u2019\u02bc.,-\u2010\u2011" or not 0 < at < len(text) - 1:
        return False
    before, after = text[at - 1], text[at + 1]
    if text[at] in ".,":
        return before.isdigit() and after.isdigit()
    return _class(before) in ("letter", "mark") and _class(after) == "letter"


def words_of_pieces(spans: Sequence[Span], pieces: Sequence[Span]) -> NDArray[np.int64]:
    """Index of the word of each piece [n]: the word it overlaps most, the first of equals; -1 when it overlaps none.

    `spans` must be in order and disjoint.
    """
    begins = np.array([a for a, _ in spans], dtype=np.int64)
    word_of = np.full(len(pieces), -1, dtype=np.int64)
    for index, (a, b) in enumerate(pieces):
        best = 0
        at = max(int(np.searchsorted(begins, a, side="right")) - 1, 0)
        while at < len(spans) and spans[at][0] < b:
            shared = min(b, spans[at][1]) - max(a, spans[at][0])
            if shared > best:
                best, word_of[index] = shared, at
            at += 1
    return word_of
