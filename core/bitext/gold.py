"""A person's word links for their bitext: which line of links belongs to which stored pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.gold_alignment import read_links
from core.data.links import Problem, SentenceLinks
from core.errors import BadInput


@dataclass(frozen=True)
class Linked:
    """Links by the number of the stored pair, and what was passed over by line of the file of links."""

    links: dict[int, SentenceLinks]
    base: int
    problems: tuple[Problem, ...]


def link_pairs(
    path: Path, name: str, lines: Sequence[int], pairs: Sequence[tuple[str, str]], base: int | None = None
) -> Linked:
    """The links of a file for stored pairs; words are what spaces part.

    `lines` [n] are where the stored `pairs` [n] stood in their own file. The file of links (called `name`) has one row
    a stored pair, or one a line of that file; rows of pairs that were not stored are not used, and rows without a link
    say nothing of theirs. Raises `BadInput`, also where no row has a link that lies in its pair.
    """
    try:
        return _linked(path, name, lines, pairs, base)
    except BadInput as error:
        raise BadInput(str(error).replace(str(path), name)) from error


def _linked(path: Path, name: str, lines: Sequence[int], pairs: Sequence[tuple[str, str]], base: int | None) -> Linked:
    rows = len(read_links(path, 0 if base is None else base).links)
    by_number = rows == len(pairs)
    if not by_number and rows < max(lines, default=0):
        raise BadInput(
            f"{name} has {rows:,} lines; it needs one for each of the {len(pairs):,} stored pairs, or one for each "
            "line of the file they came from."
        )
    at = list(range(len(pairs))) if by_number else [line - 1 for line in lines]
    lengths = [(0, 0)] * rows
    for row, (source, target) in zip(at, pairs, strict=True):
        lengths[row] = len(source.split()), len(target.split())
    found = read_links(path, base, lengths=lengths)
    links = {number: found.links[row] for number, row in enumerate(at) if found.links[row].possible}
    if not links:
        raise BadInput(f"No link of {name} lies within the words of its pair; words are what spaces part.")
    used = {row + 1 for row in at}
    return Linked(links, found.base, tuple(one for one in found.problems if one.line in used))
