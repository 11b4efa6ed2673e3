"""What a reader yields: a pair with its line, or a line that could not be read with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """Two sides of a line (of a row, entry or unit), trimmed; either may be empty. `line` counts from 1."""

    line: int
    source: str
    target: str


class Unreadable(NamedTuple):
    """A line, row, entry or unit that gives no pair, and why, in words that end a sentence."""

    line: int
    reason: str


@dataclass(frozen=True)
class Column:
    """A side that a file offers: its name in the file, and the language that the file itself declares, if any."""

    name: str
    language: str | None = None


@dataclass(frozen=True)
class Layout:
    """Which columns are the two sides, and their languages as BCP-47 tags ("und": not known)."""

    source: str
    target: str
    source_language: str = "und"
    target_language: str = "und"
