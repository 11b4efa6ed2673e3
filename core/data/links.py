"""Word links of sentence pairs: the records that readers of gold links and of systems' links return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.text import at
from core.errors import BadInput

Link = tuple[int, int]


@dataclass(frozen=True)
class SentenceLinks:
    """Links (source word, target word) of one pair, counted from 0. `possible` holds the sure ones too."""

    sure: frozenset[Link]
    possible: frozenset[Link]


@dataclass(frozen=True)
class Problem:
    """Something in a file that was passed over: the line, counted from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class RawLink:
    """A link as written: indices in the file's own base; its line if that is not the row's."""

    source: int
    target: int
    sure: bool
    line: int = 0


def decide_base(
    path: Path,
    rows: Sequence[Sequence[RawLink]],
    lengths: Sequence[tuple[int, int]] | None,
    given: int | None,
    usual: int | None = None,
    otherwise: int | None = None,
) -> int:
    """Whether a file counts words from 0 or from 1.

    A base that is `given` is obeyed. Else, in a notation whose `usual` base is 1, that is believed unless a link 0 to 0
    proves 0: 0 is its empty word, which is never linked to itself. In others an index 0 proves 0, and an index that
    equals the number of words of its sentence (`lengths`, source and target of every row) proves 1. If nothing decides,
    `otherwise` is taken, or `BadInput` raised.
    """
    if given is not None:
        return given
    if usual is not None:
        return 0 if any(link.source == link.target == 0 for row in rows for link in row) else usual
    if any(link.source == 0 or link.target == 0 for row in rows for link in row):
        return 0
    if lengths is not None:
        for row, (n, m) in zip(rows, lengths, strict=True):
            if any(link.source == n or link.target == m for link in row):
                return 1
    if otherwise is not None or not any(rows):
        return otherwise or 0
    raise BadInput(
        f"{path} does not show whether its links count words from 0 or from 1: no index is 0, and no index "
        f"is known to be a sentence's last; say --base 0 or --base 1."
    )


def without_null(rows: Sequence[Sequence[RawLink]], base: int) -> tuple[list[list[RawLink]], int]:
    """Rows without the links to the empty word, which is 0 where words count from 1, and how many those were."""
    if base == 0:
        return [list(row) for row in rows], 0
    kept = [[link for link in row if link.source > 0 and link.target > 0] for row in rows]
    return kept, sum(map(len, rows)) - sum(map(len, kept))


def from_base(
    row: Sequence[RawLink], base: int, length: tuple[int, int] | None, line: int
) -> tuple[SentenceLinks, list[Problem]]:
    """The links of one row counted from 0. Those outside the sentence (if its length is known) become problems and are
    left out, of gold files and of systems' alike.
    """
    sure: set[Link] = set()
    possible: set[Link] = set()
    problems = []
    for link in row:
        i, j = link.source - base, link.target - base
        if i < 0 or j < 0 or (length is not None and (i >= length[0] or j >= length[1])):
            size = "" if length is None else f" in a pair of {length[0]} and {length[1]} words"
            problems.append(Problem(link.line or line, f"the link {link.source}-{link.target} is out of range{size}"))
            continue
        possible.add((i, j))
        if link.sure:
            sure.add((i, j))
    return SentenceLinks(frozenset(sure), frozenset(possible)), problems


def same_number(path: Path, rows: int, other: Path, sentences: int) -> None:
    """Raise `BadInput` unless two line-aligned files have the same number of lines."""
    if rows != sentences:
        short = min(rows, sentences)
        raise BadInput(
            f"{at(path if rows < sentences else other, short)}: the file ends here, but "
            f"{other if rows < sentences else path} has {max(rows, sentences)} sentences; both need the same number."
        )
