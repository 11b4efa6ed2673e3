"""A line cut into the pieces that `core.evaluation.slicing.parser` reads; each knows where it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadInput
from core.evaluation.slicing.query import LONGEST, LONGEST_PATTERN

_NUMBER = re.compile(r"-?\d{1,12}(?:\.(?!\.)\d{0,12})?")
_NAME = re.compile(r"[^\W\d]\w*(?:\.(?!\.)\w+)*(?:-[^\W\d]\w*)*")
_SIGN = re.compile(r"<=|>=|!=|\.\.|[<>=~(),:]")
_CLOSE = {'"': '"', "“": "”", "`": "`"}


@dataclass(frozen=True)
class Piece:
    """`kind` is name, number, text, pattern, sign or end; `fold` belongs to a pattern with an i after it."""

    kind: str
    text: str
    at: int
    fold: bool = False
    quoted: bool = False


def fault(at: int, what: str) -> BadInput:
    """The sentence about a line that cannot be read; `at` counts characters from 0."""
    return BadInput(f"The slice cannot be read at character {at + 1}: {what}.")


def cut(line: str) -> list[Piece]:
    """The pieces of a line, the last one its end. Raises `BadInput` in one sentence with the place.

    >>> [piece.text for piece in cut('premise ~ "not" and item in 10..20')]
    ['premise', '~', 'not', 'and', 'item', 'in', '10', '..', '20', '']
    """
    if len(line) > LONGEST:
        raise BadInput(f"The slice has {len(line):,} characters; {LONGEST:,} are read.")
    pieces: list[Piece] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        piece, at = _next(line, at)
        pieces.append(piece)
    return [*pieces, Piece("end", "", len(line))]


def _next(line: str, at: int) -> tuple[Piece, int]:
    sign = line[at]
    if sign in _CLOSE:
        text, end = _until(line, at, _CLOSE[sign], "the quoted text is not closed")
        return Piece("name" if sign == "`" else "text", text, at, quoted=True), end
    if sign == "/":
        text, end = _until(line, at, "/", "the regular expression is not closed by another /")
        if len(text) > LONGEST_PATTERN:
            raise fault(at, f"a regular expression has at most {LONGEST_PATTERN} characters")
        fold = line[end : end + 1] == "i" and not line[end + 1 : end + 2].isalnum()
        return Piece("pattern", text, at, fold), end + fold
    for kind, shape in (("number", _NUMBER), ("name", _NAME), ("sign", _SIGN)):
        if found := shape.match(line, at):
            return Piece(kind, found[0], at), found.end()
    raise fault(at, f"{sign!r} means nothing here")


def _until(line: str, at: int, close: str, missing: str) -> tuple[str, int]:
    """The text up to `close`, which a backslash before it takes as itself, and the place after it."""
    text, place = "", at + 1
    while place < len(line):
        if line[place] == "\\" and line[place + 1 : place + 2] == close:
            text, place = text + close, place + 2
        elif line[place] == "\\" and close == "/":
            text, place = text + line[place : place + 2], place + 2
        elif line[place] == close:
            if not text.strip():
                raise fault(at, "there is nothing between the signs")
            return text, place + 1
        else:
            text, place = text + line[place], place + 1
    raise fault(at, missing)
