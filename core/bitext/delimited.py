"""TSV and CSV: delimiter and quoting found from the content, a header recognised, a damaged row passed over."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from core.bitext.lines import numbered
from core.bitext.names import is_header
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.errors import BadInput

_DELIMITERS = ("\t", ",", ";", "|")
_SAMPLE = 300
#: Lines that one quoted field may run over before its quote counts as never closed.
_LINES_OF_A_ROW = 50
_GUARDED = re.compile(r"'*[=+\-@\t\r]")
_GUARD = re.compile(r"'+[=+\-@\t\r]")
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Dialect:
    """How a table is written. `quoted`: a field may stand in double quotes; else quotes are text."""

    delimiter: str
    quoted: bool
    header: tuple[str, ...]
    width: int

    @property
    def title(self) -> str:
        name = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[self.delimiter]
        return f"{name}-separated, {'fields in quotes' if self.quoted else 'no quoting'}"


def dialect_of(part: Part, encoding: str) -> Dialect:
    """The dialect of a table, from its first lines. Raises `BadInput` if they have a single column."""
    sample: list[str] = []
    for found in numbered(part, encoding):
        if not isinstance(found, Unreadable) and found[1].strip():
            sample.append(found[1])
        if len(sample) == _SAMPLE:
            break
    if not sample:
        raise BadInput(f"{part.name} holds no line that can be read.")
    preferred = _DELIMITERS if part.suffix != ".csv" else (",", ";", "\t", "|")
    rated = [_rate(sample, delimiter) for delimiter in preferred]
    best = max(range(len(rated)), key=lambda i: (rated[i][0], -i))
    share, width, quoted = rated[best]
    if share < 0.5:
        raise BadInput(
            f"{part.name} has one column as far as can be seen; a bitext has two, apart by a tab, comma, semicolon "
            "or bar, or comes as two files with a line for each sentence."
        )
    first = next(_parse(sample, preferred[best], quoted), [])
    header = tuple(cell.strip() for cell in first) if len(first) == width and is_header(first) else ()
    return Dialect(preferred[best], quoted, header, width)


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The columns by their names, or as `column 1`, `column 2`, ... where there is no header."""
    dialect = dialect_of(parts[0], encoding)
    return [Column(name) for name in _names(dialect)]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Pair | Unreadable]:
    """The pairs of two columns. A row is unreadable if its quotes are not closed or a column is missing."""
    dialect = dialect_of(parts[0], encoding)
    names = _names(dialect)
    a, b = names.index(source), names.index(target)
    needed = max(a, b) + 1
    passed = not dialect.header
    for found in rows(parts[0], encoding, dialect):
        if isinstance(found, Unreadable):
            yield found
            continue
        line, cells = found
        if not passed:
            passed = True
            if tuple(cell.strip() for cell in cells) == dialect.header:
                continue
        if len(cells) < needed:
            told = f"{len(cells)} column{'' if len(cells) == 1 else 's'} where {dialect.width} are expected"
            yield Unreadable(line, f"it has {told}")
        elif len(cells) > dialect.width and not dialect.quoted:
            yield Unreadable(line, f"it has {len(cells)} columns where {dialect.width} are expected")
        else:
            left, right = cells[a].strip(), cells[b].strip()
            yield Pair(line, _unguarded(left), _unguarded(right)) if dialect.quoted else Pair(line, left, right)


def rows(part: Part, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]] | Unreadable]:
    """(line, cells) of every row that is not blank; a quoted field may hold line ends, which become spaces."""
    if not dialect.quoted:
        for found in numbered(part, encoding):
            if isinstance(found, Unreadable):
                yield found
            elif found[1].strip(" "):
                yield found[0], found[1].split(dialect.delimiter)
        return
    waiting: list[tuple[int, str]] = []
    source = numbered(part, encoding)
    while True:
        current = waiting.pop(0) if waiting else next(source, None)
        if current is None:
            return
        if isinstance(current, Unreadable):
            yield current
            continue
        line, text = current
        if not text.strip(" "):
            continue
        cells, closed = _row(text, dialect.delimiter)
        if cells is not None:
            yield line, cells
            continue
        if closed:
            yield Unreadable(line, "its quotes are not doubled or closed")
            continue
        # The quote goes on: join the following lines until it closes, or give this line up alone.
        ahead: list[tuple[int, str]] = []
        flaw: Unreadable | None = None
        while cells is None and len(ahead) < _LINES_OF_A_ROW:
            following = waiting.pop(0) if waiting else next(source, None)
            if following is None or isinstance(following, Unreadable):
                flaw = following
                break
            ahead.append(following)
            text += "\n" + following[1]
            if '"' in following[1]:
                cells, closed = _row(text, dialect.delimiter)
                if closed:
                    break
        if cells is not None:
            yield line, [" ".join(cell.split("\n")) for cell in cells]
        else:
            yield Unreadable(line, "its quotes are not doubled or closed")
            waiting = ahead + waiting
        if flaw is not None:
            yield flaw


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str], delimiter: str = "\t") -> None:
    """A table with the languages as header. CSV is quoted, and a cell that a spreadsheet would run as a formula
    gets an apostrophe, which `pairs` takes away again; TSV has no quoting, so tabs and line ends become spaces."""
    head = languages if languages[0] != languages[1] and "und" not in languages else ("source", "target")
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    if delimiter == "\t":
        text.write("\t".join(head) + "\n")
        for pair in pairs:
            text.write("\t".join(" ".join(side.split()) for side in pair) + "\n")
    else:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(head)
        for pair in pairs:
            writer.writerow([guarded(side) for side in pair])
    text.flush()
    text.detach()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs.

    >>> guarded("=1+1"), guarded("5 - 3"), guarded("'=x")
    ("'=1+1", '5 - 3', "''=x")
    """
    return f"'{cell}" if _GUARDED.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _GUARD.match(cell) else cell


def _names(dialect: Dialect) -> list[str]:
    return list(dialect.header) or [f"column {i}" for i in range(1, dialect.width + 1)]


def _row(text: str, delimiter: str) -> tuple[list[str] | None, bool]:
    """The cells of one row, else None and whether its quotes were closed (and so wrong)."""
    if '"' not in text:
        return text.split(delimiter), True
    try:
        found = list(csv.reader(text.splitlines(keepends=True) if "\n" in text else [text], delimiter=delimiter,
                                strict=True))  # fmt: skip
    except csv.Error as error:
        return None, "unexpected end" not in str(error)
    return (found[0], True) if len(found) == 1 else (None, True)


def _parse(sample: list[str], delimiter: str, quoted: bool) -> Iterator[list[str]]:
    if not quoted:
        yield from (line.split(delimiter) for line in sample)
        return
    try:
        yield from csv.reader((line + "\n" for line in sample), delimiter=delimiter)
    except csv.Error:
        return


def _rate(sample: list[str], delimiter: str) -> tuple[float, int, bool]:
    """Share of rows of the commonest width (of two or more), that width, and whether fields are quoted."""
    quoted = delimiter != "\t" or _looks_quoted(sample)
    widths = Counter(len(row) for row in _parse(sample, delimiter, quoted) if row)
    several = [(n, -width) for width, n in widths.items() if width > 1]
    if not several:
        return 0.0, 1, quoted
    n, width = max(several)
    return n / max(1, sum(widths.values())), -width, quoted


def _looks_quoted(sample: list[str]) -> bool:
    """Whether some field stands in quotes, and as many as not that hold a quote do."""
    whole = stray = 0
    for line in sample:
        if '"' not in line:
            continue
        for field in line.split("\t"):
            if '"' in field:
                fits = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in field[1:-1].replace('""', "")
                whole, stray = whole + fits, stray + (not fits)
    return whole > 0 and stray == 0
