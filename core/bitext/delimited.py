"""TSV and CSV: delimiter and quoting found from the content, a header recognised, a damaged row passed over."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from core.bitext.headers import is_header, is_known
from core.bitext.lines import numbered
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Remark, Unreadable, trimmed
from core.csv_cells import guarded, unguarded
from core.errors import BadInput

#: In the order of preference among those that fit equally well.
_DELIMITERS = ("\t", "|||", ",", ";", "|")
_OF_CSV = (",", ";", "\t", "|||", "|")
_TITLES = {"\t": "tab", "|||": "triple-bar", ",": "comma", ";": "semicolon", "|": "bar"}
_SAMPLE = 300
#: Lines that one quoted field may run over before its quote counts as never closed.
_LINES_OF_A_ROW = 50
#: What Excel writes before the rows, to say how they are delimited.
_SEPARATOR = re.compile(r'"?sep=(.)"?[,;\t ]*', re.IGNORECASE)
_ESCAPED = re.compile(r'\\([\\"])')
COMMENT = "A line before the table begins with # and was passed over as a comment."
SEPARATOR = "A line before the table says what sets its columns apart and was passed over."
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Dialect:
    """How a table is written. `quoted`: a field may stand in double quotes, one inside doubled, or after a backslash
    where `escaped`; else quotes are text. `skipped`: lines before the table that are comments, or say the separator."""

    delimiter: str
    quoted: bool
    header: tuple[str, ...]
    width: int
    escaped: bool = False
    skipped: int = 0

    @property
    def title(self) -> str:
        quoting = "fields in quotes" if self.quoted else "no quoting"
        return f"{_TITLES.get(self.delimiter, self.delimiter)}-separated, {quoting}{' with backslashes' * self.escaped}"


def dialect_of(part: Part, encoding: str) -> Dialect:
    """The dialect of a table, from its first lines. Raises `BadInput` if they have a single column."""
    sample: list[str] = []
    skipped, told = 0, ""
    for found in numbered(part, encoding):
        if isinstance(found, Unreadable):
            continue
        line, text = found
        if not sample and (separator := _SEPARATOR.fullmatch(text.strip(" "))):
            skipped, told = line, separator[1]
        elif not sample and text.startswith("#") and "\t" not in text:
            skipped = line
        elif text.strip():
            sample.append(text)
        if len(sample) == _SAMPLE:
            break
    if not sample:
        raise BadInput(f"{part.name} holds no line that can be read.")
    preferred = (told,) if told else _DELIMITERS if part.suffix != ".csv" else _OF_CSV
    rated = [_rate(sample, delimiter) for delimiter in preferred]
    best = max(range(len(rated)), key=lambda i: (rated[i][0], -i))
    share, width, quoted, escaped = rated[best]
    if share < 0.5:
        raise BadInput(
            f"{part.name} has one column as far as can be seen; a bitext has two, apart by a tab, comma, semicolon "
            "or bar, or comes as two files with a line for each sentence."
        )
    first, *below = [row for row in _parse(sample, preferred[best], quoted, escaped) if row]
    below = [row for row in below if len(row) == width]
    header = tuple(cell.strip() for cell in first) if len(first) == width and is_header(first, below) else ()
    return Dialect(preferred[best], quoted, header, width, escaped, skipped)


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The columns by their names, or as `column 1`, `column 2`, ... where there is no header."""
    dialect = dialect_of(parts[0], encoding)
    return [Column(name) for name in column_names(dialect.header, dialect.width)]


def column_names(header: Sequence[str], width: int) -> list[str]:
    """What columns are called: by the header, else by their places."""
    return list(header) or [f"column {i}" for i in range(1, width + 1)]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The pairs of two columns. A row is unreadable if its quotes are not closed, a column is missing, or cells are
    left over (a delimiter inside a text that is not quoted: what stands where is then not known)."""
    dialect = dialect_of(parts[0], encoding)
    names = column_names(dialect.header, dialect.width)
    a, b = names.index(source), names.index(target)
    needed = max(a, b) + 1
    passed = not dialect.header
    for found in rows(parts[0], encoding, dialect):
        if isinstance(found, Unreadable | Remark):
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
        elif len(cells) > dialect.width and any(cell.strip() for cell in cells[dialect.width :]):
            yield Unreadable(line, f"it has {len(cells)} columns where {dialect.width} are expected")
        else:
            left, right = trimmed(cells[a]), trimmed(cells[b])
            guards = dialect.quoted and dialect.delimiter != "\t"
            yield Pair(line, unguarded(left), unguarded(right)) if guards else Pair(line, left, right)


def rows(part: Part, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]] | Unreadable | Remark]:
    """(line, cells) of every row that is not blank; a quoted field may hold line ends, which come as "\\n"."""
    source = numbered(part, encoding)
    yield from _before_table(source, dialect.skipped)
    if not dialect.quoted:
        for found in source:
            if isinstance(found, Unreadable):
                yield found
            elif found[1].strip(" "):
                yield found[0], found[1].split(dialect.delimiter)
        return
    waiting: list[tuple[int, str]] = []
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
        cells, closed = _row(text, dialect)
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
                cells, closed = _row(text, dialect)
                if closed:
                    break
        if cells is not None:
            yield line, cells
        else:
            yield Unreadable(line, "its quotes are not doubled or closed")
            waiting = ahead + waiting
        if flaw is not None:
            yield flaw


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str], delimiter: str = "\t") -> None:
    """A table with the languages as header. In CSV a cell that a spreadsheet would run as a formula gets an apostrophe,
    which `pairs` takes away again. TSV has no quoting, unless a text holds a tab or a line end, or stands in quotes
    itself: then every cell of it is quoted. A line end is "\\n" in both."""
    head = languages if languages[0] != languages[1] and "und" not in languages else ("source", "target")
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    if delimiter == "\t":
        _write_tsv(text, pairs, head)
    else:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(head)
        for pair in pairs:
            writer.writerow([guarded(one_kind_of_line_end(side)) for side in pair])
    text.flush()
    text.detach()


def _write_tsv(text: io.TextIOWrapper, pairs: Iterator[tuple[str, str]], head: Sequence[str]) -> None:
    """Lines are held back on disk until it is known whether any has to be quoted."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as held:
        needed: list[str] | None = None
        for pair in pairs:
            row = [one_kind_of_line_end(side) for side in pair]
            if any("\t" in side or "\n" in side or (len(side) > 1 and side[0] == side[-1] == '"') for side in row):
                needed = row
                break
            held.write("\t".join(row) + "\n")
        held.seek(0)
        if needed is None:
            text.write("\t".join(head) + "\n")
            shutil.copyfileobj(held, text, 1 << 20)
            return
        writer = csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(line.removesuffix("\n").split("\t") for line in held)
        writer.writerow(needed)
        writer.writerows([one_kind_of_line_end(side) for side in pair] for pair in pairs)


def one_kind_of_line_end(text: str) -> str:
    """A text whose line ends are all "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _before_table(lines: Iterator[tuple[int, str] | Unreadable], skipped: int) -> Iterator[Remark | Unreadable]:
    """Take the first `skipped` lines away, with what has to be said of each that is not blank."""
    for found in islice(lines, skipped):
        if isinstance(found, Unreadable):
            yield found
        elif found[1].strip():
            yield Remark(found[0], COMMENT if found[1].startswith("#") else SEPARATOR)


def _row(text: str, dialect: Dialect) -> tuple[list[str] | None, bool]:
    """The cells of one row, else None and whether its quotes were closed (and so wrong)."""
    if '"' not in text:
        return text.split(dialect.delimiter), True
    if dialect.escaped:
        text = _doubled(text)
    try:
        lines = [f"{line}\n" for line in text.split("\n")]
        found = list(csv.reader(lines, delimiter=dialect.delimiter, strict=True))
    except csv.Error as error:
        return None, "unexpected end" not in str(error)
    return (found[0], True) if len(found) == 1 else (None, True)


def _doubled(text: str) -> str:
    """Quotes after a backslash, as MySQL and pandas write them, made doubled ones; a backslash after one is itself."""
    return _ESCAPED.sub(lambda found: "\\" if found[1] == "\\" else '""', text)


def _parse(sample: list[str], delimiter: str, quoted: bool, escaped: bool = False) -> Iterator[list[str]]:
    if not quoted:
        yield from (line.split(delimiter) for line in sample)
        return
    try:
        rows = (_doubled(line) if escaped else line for line in sample)
        yield from csv.reader((line + "\n" for line in rows), delimiter=delimiter)
    except csv.Error:
        return


def _rate(sample: list[str], delimiter: str) -> tuple[float, int, bool, bool]:
    """Share of rows of the commonest width (of two or more), that width, whether fields are quoted, and whether quotes
    inside them have backslashes."""
    quoted = len(delimiter) == 1 and (delimiter != "\t" or _looks_quoted(sample))
    escaped = quoted and _has_backslashes(sample, delimiter)
    widths = Counter(len(row) for row in _parse(sample, delimiter, quoted, escaped) if row)
    several = [(n, -width) for width, n in widths.items() if width > 1]
    if not several:
        return 0.0, 1, quoted, escaped
    n, width = max(several)
    return n / max(1, sum(widths.values())), -width, quoted, escaped


def _has_backslashes(sample: list[str], delimiter: str) -> bool:
    """Whether more lines can be read strictly when a backslash stands before a quote than when it is text."""
    suspected = [line for line in sample if '\\"' in line]
    if not suspected:
        return False
    plain, other = (Dialect(delimiter, True, (), 2, escaped) for escaped in (False, True))
    return sum(_row(line, other)[0] is not None for line in suspected) > sum(
        _row(line, plain)[0] is not None for line in suspected
    )


def _looks_quoted(sample: list[str]) -> bool:
    """Whether some field stands in quotes, and as many as not that hold a quote do; or a header's cells all do."""
    head = sample[0].split("\t")
    if all(len(cell) > 2 and cell[0] == cell[-1] == '"' and is_known(cell[1:-1]) for cell in head):
        return True
    whole = stray = 0
    for line in sample:
        if '"' not in line:
            continue
        for field in line.split("\t"):
            if '"' in field:
                inside = _ESCAPED.sub("", field[1:-1]).replace('""', "")
                fits = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in inside
                whole, stray = whole + fits, stray + (not fits)
    return whole > 0 and stray == 0
