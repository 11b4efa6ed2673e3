"""XLSX and ODS, by calamine [1]: the values that the program last stored; no formula is run, no link followed.

calamine holds a sheet whole and believes what the file says of its size. So the parts of the file that hold cells are
first copied within our bounds, while expat counts how far the cells reach; calamine reads the copy.

[1] github.com/tafia/calamine, github.com/dimastbk/python-calamine
"""

from __future__ import annotations

import datetime
import json
import re
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from core.bitext.headers import is_header
from core.bitext.limits import MAX_BYTES, MAX_LINE, MAX_PAIRS, too_many_bytes, too_many_pairs
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Remark, Unreadable, on_one_line
from core.errors import BadInput

#: Cells that a sheet may span, from its first to its last in use; calamine holds each, also empty ones.
MAX_CELLS = 8_000_000
_WIDEST = 200
_WANTED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|mimetype|META-INF/manifest\.xml|content\.xml"
    r"|xl/(?:workbook|sharedStrings|styles)\.xml|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml"
)
_CELL = re.compile(r"([A-Za-z]{1,4})(\d{1,9})")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, expat.ExpatError)


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The columns of the first sheet that has two. Raises `BadInput` for a damaged file, and for one without such."""
    return [Column(name) for name in _book(parts[0]).names]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The pairs of two columns; lines are rows of the sheet. A row that is empty in both is passed over."""
    book = _book(parts[0])
    for name in book.others:
        yield Remark(0, f"The sheet {name[:40]!r} was not read; only the first sheet with two columns is.")
    a, b = book.names.index(source), book.names.index(target)
    for line, cells in book.rows():
        left, right = (cells[i] if i < len(cells) else "" for i in (a, b))
        if max(len(left), len(right)) > MAX_LINE:
            yield Unreadable(line, f"a cell in it is longer than {MAX_LINE // 2**20} MB")
        elif left or right:
            yield Pair(line, on_one_line(left), on_one_line(right))


def sheet_title(part: Part) -> str:
    """Which sheet is read, and whether it has a header."""
    book = _book(part)
    return f"sheet {book.sheet[:40]!r}, {'with a header' if book.header else 'no header'}"


class _Book:
    """The rows of a sheet, on disk: many may read them, and all in bounded memory."""

    def __init__(self, sheet: str, others: list[str], rows: Iterator[tuple[int, list[str]]]) -> None:
        self.sheet, self.others = sheet, others
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the book
        self._lock = threading.Lock()
        self.first_line, self.width = 0, 0
        first: list[str] = []
        below: list[list[str]] = []
        for line, cells in rows:
            self.width = max(self.width, len(cells))
            if not self.first_line:
                self.first_line, first = line, cells
            elif len(below) < 300:
                below.append(cells)
            self._file.write(json.dumps([line, cells]).encode() + b"\n")
        first += [""] * (self.width - len(first))
        used = [i for i in range(self.width) if first[i] or any(i < len(row) and row[i] for row in below)]
        shown, rest = [first[i] for i in used], [[row[i] if i < len(row) else "" for i in used] for row in below]
        self.header = bool(used) and is_header(shown, rest)
        self.names = [cell.strip() for cell in shown] if self.header else [f"column {i + 1}" for i in used]
        self._used = used

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row, cells of the columns in use), without the header."""
        at, rest = 0, b""
        while True:
            with self._lock:
                self._file.seek(at)
                chunk = self._file.read(1 << 18)
            at += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for one in lines:
                line, cells = json.loads(one)
                if not (self.header and line == self.first_line):
                    yield line, [cells[i] if i < len(cells) else "" for i in self._used]
            if not chunk:
                return


def _book(part: Part) -> _Book:
    state = part.path.stat()
    return _read_book(part, state.st_mtime_ns)


@lru_cache(maxsize=3)
def _read_book(part: Part, changed: int) -> _Book:
    with tempfile.TemporaryFile() as copy:
        _copy(part, copy)
        copy.seek(0)
        try:
            return _chosen(part, copy)
        except BadInput:
            raise
        except Exception as error:
            raise _damaged(part) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # how a failed assertion of Rust arrives
                raise
            raise _damaged(part) from error


def _damaged(part: Part) -> BadInput:
    return BadInput(f"{part.name} is damaged or not a spreadsheet that can be read; save it again as XLSX, or as TSV.")


def _chosen(part: Part, copy: Any) -> _Book:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(copy)
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    for name in shown[:50]:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.width >= 2 and sheet.height >= 1:
            if sheet.width > _WIDEST:
                raise BadInput(f"{part.name} has {sheet.width} columns; bring the two of the bitext alone.")
            book = _Book(name, [other for other in shown if other != name][:20], _rows(sheet))
            if len(book.names) >= 2:
                return book
    raise BadInput(f"{part.name} has no sheet with two columns of text.")


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None:
        return
    left = sheet.start[1]  # rows come from the first of the sheet on, cells from the first column in use
    for line, row in enumerate(sheet.iter_rows(), start=1):
        cells = [""] * left + [_text(value) for value in row]
        if any(cells):
            yield line, cells


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _copy(part: Part, copy: Any) -> None:
    """The members that hold cells, as long as they say they are, and stored as they are."""
    size = 0
    try:
        with zipfile.ZipFile(part.path) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as out:
            for info in archive.infolist():
                if not _WANTED.fullmatch(info.filename):
                    continue
                if info.flag_bits & 1:
                    raise BadInput(f"{part.name} is encrypted; bring it without a password.")
                extent = _Extent(part.name)
                counted = info.filename == "content.xml" or info.filename.startswith("xl/worksheets/")
                scan = (
                    _scanner(part.name, extent if counted else None)
                    if info.filename.endswith((".xml", ".rels"))
                    else None
                )
                with archive.open(info) as stream, out.open(info.filename, "w") as place:
                    while chunk := stream.read(1 << 16):
                        size += len(chunk)
                        if size > MAX_BYTES:
                            raise too_many_bytes(part.name, decompressed=True)
                        if scan is not None:
                            scan.Parse(chunk, False)
                            if stream.tell() - scan.CurrentByteIndex > MAX_LINE + (1 << 17):
                                raise BadInput(f"{part.name} holds a tag of more than {MAX_LINE // 2**20} MB.")
                        place.write(chunk)
                if scan is not None:
                    scan.Parse(b"", True)
    except BadInput:
        raise
    except _DAMAGE as error:
        raise _damaged(part) from error


class _Extent:
    """How far the cells of a sheet reach."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._row = self._column = self._last = self._widest = self._cells = 0
        self._repeated = 1
        self._empty = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element of a worksheet of XLSX or of ODS begins."""
        local = name.rpartition(":")[2]
        if local == "row":
            self._row = _number(attributes.get("r", ""), self._row + 1)
            self._column = 0
        elif local == "c":
            found = _CELL.fullmatch(attributes.get("r", ""))
            self._column = _column_number(found[1]) if found else self._column + 1
            self._row = int(found[2]) if found else self._row
            self._reach(self._row, self._column, 1)
        elif local == "table":
            self._row = self._last = self._widest = 0
        elif local == "table-row":
            self._repeated = _number(attributes.get("table:number-rows-repeated", ""), 1)
            self._column, self._empty = 0, True
        elif local in ("table-cell", "covered-table-cell"):
            self._column += _number(attributes.get("table:number-columns-repeated", ""), 1)
            if any(key.startswith("office:") for key in attributes) or "table:formula" in attributes:
                self._filled()
        elif local == "p":
            self._filled()

    def _filled(self) -> None:
        self._empty = False
        self._reach(self._row + self._repeated, self._column, self._repeated)

    def end(self, name: str) -> None:
        """An element ends."""
        if name.rpartition(":")[2] == "table-row":
            self._row += self._repeated

    def _reach(self, row: int, column: int, cells: int) -> None:
        self._last, self._widest, self._cells = max(self._last, row), max(self._widest, column), self._cells + cells
        if self._last > MAX_PAIRS + 1 and self._widest <= _WIDEST:
            raise too_many_pairs(self._name)
        if self._last * self._widest > MAX_CELLS or self._cells > MAX_CELLS:
            raise BadInput(
                f"{self._name} has a sheet of more than {MAX_CELLS:,} cells, up to row {self._last:,} and column "
                f"{self._widest:,}; bring the two columns of the bitext alone."
            )


def _scanner(called: str, extent: _Extent | None) -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def entity(*_: object) -> None:
        raise BadInput(
            f"{called} declares an XML entity, which may be an attack and is in no spreadsheet; it was not read."
        )

    parser.EntityDeclHandler = entity
    if extent is not None:
        parser.StartElementHandler = extent.start
        parser.EndElementHandler = extent.end
    return parser


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else otherwise


def _column_number(letters: str) -> int:
    """`A` is 1, `AA` is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number
