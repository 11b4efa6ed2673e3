"""A Moses pair: two files with a sentence a line, line i of one the translation of line i of the other."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import BinaryIO

from core.bitext.lines import numbered
from core.bitext.names import language_of_file
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Unreadable, trimmed, without_line_ends


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The two files by name, each with the language that its name tells, which its text may contradict."""
    return [Column(part.name, named=language_of_file(part.name)) for part in parts]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """Line by line; `encoding` is one for both, or two apart by a comma. A line without an other side is unreadable."""
    first, _, second = encoding.partition(",")
    by_name = {parts[0].name: (parts[0], first), parts[1].name: (parts[1], second or first)}
    (left, left_encoding), (right, right_encoding) = by_name[source], by_name[target]
    both = zip_longest(numbered(left, left_encoding), numbered(right, right_encoding))
    for a, b in both:
        if a is None or b is None:
            here = a or b
            line = here.line if isinstance(here, Unreadable) else here[0]
            short = left.name if a is None else right.name
            yield Unreadable(line, f"{short[:60]} has ended before this line")
        elif isinstance(a, Unreadable):
            yield Unreadable(a.line, f"in {left.name[:60]}, {a.reason}")
        elif isinstance(b, Unreadable):
            yield Unreadable(b.line, f"in {right.name[:60]}, {b.reason}")
        else:
            yield Pair(a[0], trimmed(a[1]), trimmed(b[1]))


def two_sides(parts: Sequence[Part]) -> list[tuple[Part, Part]]:
    """The members of a zip, or several files, that are sides of bitexts: equal names but for a language at the end.

    Where more than two differ so (`Books.en-fy.ids` beside the two sides), the two are those that the name itself
    tells. Documents beside them (a readme, a licence, identifiers) are left aside. Two files that each tell a language
    by their whole name (`english.txt`, `swahili.txt`) are a pair too, if there is no other.
    """
    by_stem: dict[str, list[Part]] = {}
    for part in parts:
        by_stem.setdefault(PurePosixPath(part.name).stem, []).append(part)
    found = [sides for stem, members in by_stem.items() if (sides := _sides(stem, members))]
    texts = [part for part in parts if part.suffix in (".txt", "") and language_of_file(part.name)]
    return found or ([(texts[0], texts[1])] if len(texts) == 2 else [])


def _sides(stem: str, members: list[Part]) -> tuple[Part, Part] | None:
    told = stem.rpartition(".")[2].split("-")
    named = [part for part in members if PurePosixPath(part.name).suffix[1:] in told]
    known = [part for part in members if part.suffix != ".txt" and language_of_file(part.name)]
    for sides in (named, known):
        if len(sides) == 2:
            return sides[0], sides[1]
    return None


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """A zip with one file a side; line ends within a sentence become spaces."""
    a, b = languages if languages[0] != languages[1] else ("source", "target")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        kept = _Spool()
        with archive.open(f"bitext.{a}", "w", force_zip64=True) as left:
            for one, other in pairs:
                left.write(without_line_ends(one).encode("utf-8", "replace") + b"\n")
                kept.add(without_line_ends(other).encode("utf-8", "replace") + b"\n")
        with archive.open(f"bitext.{b}", "w", force_zip64=True) as right:
            for chunk in kept:
                right.write(chunk)


class _Spool:
    """The second side, kept on disk while the first is written: a zip is written one member after the other."""

    def __init__(self) -> None:
        import tempfile

        self._file = tempfile.SpooledTemporaryFile(max_size=1 << 22)

    def add(self, line: bytes) -> None:
        self._file.write(line)

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        with self._file:
            while chunk := self._file.read(io.DEFAULT_BUFFER_SIZE * 16):
                yield chunk
