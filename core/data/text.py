"""Reading text files: UTF-8 with or without BOM, lines, and rows of tables with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from core.data.packed import read_bytes
from core.errors import BadInput

#: "plain": a delimiter never occurs inside a field and quotes are text; "quoted": as csv writers quote.
Quoting = Literal["plain", "quoted", "auto"]


def at(path: Path, line: int) -> str:
    """How every message of a loader begins: the file and the line, counted from 1."""
    return f"{path}, line {line}"


def read_text(path: Path, blank: bool = False) -> str:
    """The text of a UTF-8 file, packed or not, without its BOM, line ends made "\\n".

    Raises `BadInput` if the file cannot be read, is not UTF-8 (naming the line), or, unless `blank` is allowed,
    holds nothing.
    """
    data = read_bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{at(path, 1)}: the file is UTF-16; save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{at(path, line)}: the text is not UTF-8; save the file as UTF-8.") from error
    if not blank and not text.strip():
        raise BadInput(f"{path} is empty.")
    return text.replace("\r\n", "\n")


def read_lines(path: Path, blank: bool = False) -> list[str]:
    """The lines of a text file; only "\\n" and "\\r\\n" end one, for other separators occur in sentences; "\\r" in a
    file that has no other."""
    lines = read_text(path, blank).split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def delimiter_of(path: Path) -> str:
    """A comma for `.csv`, else a tab."""
    return "," if path.suffix.lower() == ".csv" else "\t"


def read_rows(path: Path, quoting: Quoting = "auto") -> Iterator[tuple[int, list[str]]]:
    """Rows of a `.tsv` or `.csv` file as (line number, fields); lines with nothing on them are passed over.

    A `.csv` file is always read as quoted. "auto" takes a tab-separated file as quoted when some field
    looks as a csv writer leaves it and none could not have come from one. Raises `BadInput`.
    """
    delimiter = delimiter_of(path)
    text = read_text(path)
    if delimiter == "," or quoting == "quoted" or (quoting == "auto" and _looks_quoted(text)):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                if any(row):
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise BadInput(f"{at(path, line)}: the quotes of this row are not closed or doubled.") from error
        return
    for line, raw in enumerate(text.split("\n"), start=1):
        if raw.strip():
            yield line, raw.split("\t")


def _looks_quoted(text: str) -> bool:
    seen = False
    for raw in text.split("\n"):
        if '"' not in raw:
            continue
        for field in raw.split("\t"):
            if '"' not in field:
                continue
            if not (len(field) > 1 and field[0] == field[-1] == '"'):
                return False
            if '"' in field[1:-1].replace('""', ""):
                return False
            seen = True
    return seen
