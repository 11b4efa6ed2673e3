"""What a reader yields: a pair with its line, a line that could not be read with the reason, or a remark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

#: What a format itself says of a unit: not to be translated; not a finished translation; not approved yet.
LOCKED, FUZZY, UNAPPROVED = "locked", "fuzzy", "unapproved"
_ENDS = " \t\r\n\v\f"


class Pair(NamedTuple):
    """Two sides of a line (of a row, entry or unit), trimmed; either may be empty. `line` counts from 1.

    `states` holds those of `LOCKED`, `FUZZY` and `UNAPPROVED` that the file itself gives the unit.
    """

    line: int
    source: str
    target: str
    states: tuple[str, ...] = ()


class Unreadable(NamedTuple):
    """A line, row, entry or unit that gives no pair, and why, in words that end a sentence."""

    line: int
    reason: str


class Remark(NamedTuple):
    """Something that a person should know of a line and that costs no pair; `what` is one of few fixed sentences."""

    line: int
    what: str


Found = Pair | Unreadable | Remark


@dataclass(frozen=True)
class Column:
    """A side that a file offers: its name in the file, and the language that the file itself declares, if any.

    `named` is a language that only a file's name tells; content may contradict it. `leads`: the file says that this
    side is the source.
    """

    name: str
    language: str | None = None
    named: str | None = None
    leads: bool = False


@dataclass(frozen=True)
class Layout:
    """Which columns are the two sides, and their languages as BCP-47 tags ("und": not known)."""

    source: str
    target: str
    source_language: str = "und"
    target_language: str = "und"


def trimmed(text: str) -> str:
    """Without spaces, tabs and line ends around it. No-break and ideographic spaces are text and stay."""
    return text.strip(_ENDS)


def on_one_line(text: str) -> str:
    """Trimmed; space that holds a line end or a tab is one space, as such space only lays a file out. Any other stays.

    >>> on_one_line(" two  spaces\\n      here\\u3000 ")
    'two  spaces here\\u3000'
    """
    text = trimmed(text)
    if "\n" in text or "\t" in text or "\r" in text:
        pieces = [piece.strip(_ENDS) for piece in text.replace("\r", "\n").replace("\t", "\n").split("\n")]
        text = " ".join(piece for piece in pieces if piece)
    return text


#: Line ends, and the spaces around them, where a text has to fit on a line.
_LINE_ENDS = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


def without_line_ends(text: str) -> str:
    """For formats of a text a line: each line end, with spaces around it, is one space; nothing else changes.

    >>> without_line_ends("two  spaces\\r\\n  here\\u3000")
    'two  spaces here\\u3000'
    """
    return _LINE_ENDS.sub(" ", text) if "\n" in text or "\r" in text else text
