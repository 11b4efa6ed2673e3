"""The formats: how each is recognised, read and, but for some, written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from core.bitext import (
    delimited,
    jsondocuments,
    jsonlines,
    moses,
    po,
    spreadsheets,
    tables,
    tatoeba,
    tmx,
    xliff,
    xml_pieces,
)  # fmt: skip
from core.bitext.encodings import encoding_of
from core.bitext.opening import Part
from core.bitext.records import FUZZY, LOCKED, UNAPPROVED, Column, Found
from core.errors import BadInput

Write = Callable[[BinaryIO, Iterator[tuple[str, str]], tuple[str, str]], None]


@dataclass(frozen=True)
class Format:
    """One format. `text`: our own decoding applies, with the codec that `encoding` finds; Parquet and spreadsheets say
    their encoding themselves. `write` is None for what is only read. `states` are what its units may be marked as, and
    `ends` stands once in each of its units, or is None where that cannot be said; `sample` reads two columns of
    which a unit may lack one, where `pairs` would not."""

    name: str
    title: str
    ending: str
    text: bool
    columns: Callable[[Sequence[Part], str], list[Column]]
    pairs: Callable[[Sequence[Part], str, str, str], Iterator[Found]]
    write: Write | None
    encoding: Callable[[Part], str] = encoding_of
    states: tuple[str, ...] = ()
    ends: bytes | None = None
    sample: Callable[[Sequence[Part], str, str, str], Iterator[Found]] | None = None


_CSV = partial(delimited.write, delimiter=",")
FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("tsv", "TSV", ".tsv", True, delimited.columns, delimited.pairs, delimited.write),
        Format("csv", "CSV", ".csv", True, delimited.columns, delimited.pairs, _CSV),
        Format("jsonl", "JSON Lines", ".jsonl", True, jsonlines.columns, jsonlines.pairs, jsonlines.write, ends=b"\n"),
        Format("json", "JSON document", ".json", True, jsondocuments.columns, jsondocuments.pairs, None),
        Format("parquet", "Parquet", ".parquet", False, tables.columns, tables.pairs, tables.write),
        Format("xlsx", "Excel workbook", ".xlsx", False, spreadsheets.columns, spreadsheets.pairs, None),
        Format("ods", "OpenDocument sheet", ".ods", False, spreadsheets.columns, spreadsheets.pairs, None),
        Format("moses", "Moses pair", ".zip", True, moses.columns, moses.pairs, moses.write, ends=b"\n"),
        Format("tatoeba", "Tatoeba sentences and links", ".csv", True, tatoeba.columns, tatoeba.pairs, None),
        Format(
            "tmx", "TMX", ".tmx", True, tmx.columns, tmx.pairs, tmx.write, xml_pieces.encoding, (), b"</tu>", tmx.sample
        ),
        Format(
            "xliff",
            "XLIFF",
            ".xlf",
            True,
            xliff.columns,
            xliff.pairs,
            xliff.write,
            xml_pieces.encoding,
            (LOCKED, FUZZY, UNAPPROVED),
            b"</trans-unit>",
        ),
        Format("po", "PO", ".po", True, po.columns, po.pairs, po.write, po.encoding, (FUZZY,)),
    )
}
#: Those that are written too.
WRITTEN = {name: form for name, form in FORMATS.items() if form.write is not None}
_ENDINGS = {
    ".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet", ".tmx": "tmx", ".xlf": "xliff", ".xliff": "xliff", ".mxliff": "xliff",
    ".sdlxliff": "xliff", ".mqxliff": "xliff", ".po": "po", ".pot": "po",
}  # fmt: skip
_ONE_LANGUAGE = "holds a program's texts in one language; bring the translated file as PO or XLIFF, or both as a table"
_QT = "is Qt Linguist's; make XLIFF or PO of it with lconvert"
_SUBTITLES = "holds subtitles of one language; align two of them first"
_DOCUMENT = "is a document; bring its sentences and their translations as a table or a Moses pair"
_ARCHIVE = "is an archive that is not opened here; unpack it, or make a zip"
#: What is no bitext by its name, and what to bring instead.
_REFUSED = {
    **dict.fromkeys((".properties", ".strings", ".stringsdict", ".arb", ".ftl", ".resx", ".resjson", ".yml", ".yaml",
                     ".ini", ".php", ".toml", ".lang", ".rc"), _ONE_LANGUAGE),
    **dict.fromkeys((".srt", ".vtt", ".sub", ".ass", ".sbv"), _SUBTITLES),
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pdf", ".html", ".htm", ".md", ".epub", ".pptx"), _DOCUMENT),
    **dict.fromkeys((".rar", ".7z", ".tar", ".tgz"), _ARCHIVE),
    ".ts": _QT, ".qm": "is compiled; bring Qt's .ts as XLIFF or PO",
    ".mo": "is compiled; bring the .po that it was made of",
    ".xcstrings": "is Xcode's; export its localizations as XLIFF",
    ".tbx": "is a list of terms, not of sentences; save it as TSV",
    ".xls": "is Excel's old format; save it as XLSX",
}  # fmt: skip
#: What begins the content of some of them, whatever they are called; in lower case.
_BEGINNINGS = {
    b"%pdf-": "is a PDF document", b"{\\rtf": "is a document", b"rar!": _ARCHIVE, b"7z\xbc\xaf": _ARCHIVE,
    b"\xd0\xcf\x11\xe0": "is Excel's or Word's old format; save it as XLSX",
    b"\xde\x12\x04\x95": "is compiled gettext; bring the .po that it was made of",
}  # fmt: skip


def choose_format(parts: Sequence[Part], called: str) -> list[tuple[Format, tuple[Part, ...]]]:
    """The bitexts that a zip's members, or several files, make up: each with its format, from content first and names
    second. All of one format are read one after another.

    Two line-aligned texts are a Moses pair, sentences and links are Tatoeba's; else what is a bitext by itself is
    read, and documents beside it are set aside. Raises `BadInput` where none is found, or several formats are.
    """
    if linked := tatoeba.split(parts):
        return [(FORMATS["tatoeba"], linked)]
    if len(parts) == 1:
        return [(FORMATS[recognised(parts[0])], (parts[0],))]
    if sides := moses.two_sides(parts):
        return [(FORMATS["moses"], pair) for pair in sides]
    known = [part for part in parts if part.suffix in _ENDINGS or part.book]
    forms = dict.fromkeys(recognised(part) for part in known)
    if len(known) > 1 and "json" in forms and len(forms) == 2:  # what a data set says of itself
        known = [part for part in known if recognised(part) != "json"]
        forms.pop("json")
    if len(forms) != 1:
        names = ", ".join(part.name[:40] for part in parts[:6])
        raise BadInput(
            f"{called} holds {len(parts)} files ({names}) and it is not clear which are the bitext; keep files of one "
            "format, or two that differ in their ending alone, such as text.en and text.sw."
        )
    form = FORMATS[next(iter(forms))]
    return [(form, (part,)) for part in known]


def recognised(part: Part) -> str:
    """The format of one part, a key of `FORMATS`. Raises `BadInput` for what is no bitext."""
    if part.book:
        return part.book
    head = part.head(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        return _recognised_xml(part, start)
    told = next((what for begins, what in _BEGINNINGS.items() if start.startswith(begins)), "")
    if told := told or _REFUSED.get(part.suffix, ""):
        raise BadInput(f"{part.name} {told}.")
    by_name = _ENDINGS.get(part.suffix, "")
    if by_name == "parquet":
        raise BadInput(f"{part.name} is not a Parquet file: it does not begin as one.")
    if by_name in ("tmx", "xliff"):
        raise BadInput(f"{part.name} is not {FORMATS[by_name].title}: it does not begin as XML.")
    if by_name in ("json", "jsonl") or (not by_name and start.startswith((b"{", b"["))):
        return _recognised_json(part, start)
    if by_name:
        return by_name
    if start.startswith((b"msgid ", b"msgctxt ")) or (start.startswith(b"#") and b"\nmsgid " in start):
        return "po"
    return "tsv"


def _recognised_xml(part: Part, start: bytes) -> str:
    if re.search(rb"<(?:\w+:)?xliff[\s>]", start):
        return "xliff"
    if re.search(rb"<(?:\w+:)?tmx[\s>]", start) or part.suffix == ".tmx":
        return "tmx"
    if _ENDINGS.get(part.suffix) == "xliff":
        return "xliff"
    told = _REFUSED.get(part.suffix, "is XML, but neither TMX nor XLIFF")
    if b"<resources" in start or b"<root" in start and b"<resheader" in start:
        told = _ONE_LANGUAGE
    elif b"<ts " in start or b"<!doctype ts" in start:
        told = _QT
    if start.startswith((b"<?xml", b"<!doctype")) or part.suffix in (".xml", ".html", ".htm", *_REFUSED):
        raise BadInput(f"{part.name} {told}.")
    return _ENDINGS.get(part.suffix, "tsv")


def _recognised_json(part: Part, start: bytes) -> str:
    """Whether each line is a record of its own, or the whole is one document."""
    first, _, rest = start.partition(b"\n")
    try:
        record = json.loads(first.strip().decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        # A first line that the head does not hold to its end is taken for a record where the name says so.
        return "jsonl" if part.suffix in (".jsonl", ".ndjson") else "json"
    if isinstance(record, dict | list) and (rest.strip() or part.suffix in (".jsonl", ".ndjson")):
        return "jsonl"
    return "json"
