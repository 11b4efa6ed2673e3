"""The ten formats: how each is recognised, read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from core.bitext import delimited, jsonlines, moses, po, tables, tmx, xliff
from core.bitext.encodings import encoding_of
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.errors import BadInput

Found = Pair | Unreadable
Write = Callable[[BinaryIO, Iterator[tuple[str, str]], tuple[str, str]], None]


@dataclass(frozen=True)
class Format:
    """One format. `text`: our own decoding applies, with the codec that `encoding` finds; XML says its encoding itself
    and Parquet has none."""

    name: str
    title: str
    ending: str
    text: bool
    columns: Callable[[Sequence[Part], str], list[Column]]
    pairs: Callable[[Sequence[Part], str, str, str], Iterator[Found]]
    write: Write
    encoding: Callable[[Part], str] = encoding_of


_CSV = partial(delimited.write, delimiter=",")
FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("tsv", "TSV", ".tsv", True, delimited.columns, delimited.pairs, delimited.write),
        Format("csv", "CSV", ".csv", True, delimited.columns, delimited.pairs, _CSV),
        Format("jsonl", "JSON Lines", ".jsonl", True, jsonlines.columns, jsonlines.pairs, jsonlines.write),
        Format("parquet", "Parquet", ".parquet", False, tables.columns, tables.pairs, tables.write),
        Format("moses", "Moses pair", ".zip", True, moses.columns, moses.pairs, moses.write),
        Format("tmx", "TMX", ".tmx", False, tmx.columns, tmx.pairs, tmx.write),
        Format("xliff", "XLIFF", ".xlf", False, xliff.columns, xliff.pairs, xliff.write),
        Format("po", "PO", ".po", True, po.columns, po.pairs, po.write, po.encoding),
    )
}
_ENDINGS = {
    ".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet", ".tmx": "tmx", ".xlf": "xliff", ".xliff": "xliff", ".mxliff": "xliff",
    ".sdlxliff": "xliff", ".mqxliff": "xliff", ".po": "po", ".pot": "po",
}  # fmt: skip


def choose_format(parts: Sequence[Part], called: str) -> tuple[Format, tuple[Part, ...]]:
    """The format of a file's parts, from their content first and their names second.

    Of a zip's members two line-aligned texts are a Moses pair; else one member has to be left when documents are set
    aside. Raises `BadInput`.
    """
    if len(parts) > 1:
        sides = moses.two_sides(parts)
        if sides:
            return FORMATS["moses"], sides
        known = [part for part in parts if part.suffix in _ENDINGS]
        if len(known) != 1:
            names = ", ".join(part.name[:40] for part in parts[:6])
            raise BadInput(
                f"{called} holds {len(parts)} files ({names}) and it is not clear which are the bitext; keep one file, "
                "or two that differ in their ending alone, such as text.en and text.sw."
            )
        parts = known
    part = parts[0]
    return FORMATS[_recognised(part)], (part,)


def _recognised(part: Part) -> str:
    head = part.head(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        if b"<xliff" in start:
            return "xliff"
        if b"<tmx" in start or part.suffix == ".tmx":
            return "tmx"
        if _ENDINGS.get(part.suffix) == "xliff":
            return "xliff"
        if start.startswith((b"<?xml", b"<!doctype")) or part.suffix in (".xml", ".html", ".htm"):
            raise BadInput(f"{part.name} is XML, but neither TMX nor XLIFF.")
    by_name = _ENDINGS.get(part.suffix, "")
    if by_name == "parquet":
        raise BadInput(f"{part.name} is not a Parquet file: it does not begin as one.")
    if by_name in ("tmx", "xliff"):
        raise BadInput(f"{part.name} is not {FORMATS[by_name].title}: it does not begin as XML.")
    if by_name:
        return by_name
    if start.startswith(b"{"):
        return "jsonl"
    if start.startswith((b"msgid ", b"msgctxt ")) or (start.startswith(b"#") and b"\nmsgid " in start):
        return "po"
    return "tsv"
