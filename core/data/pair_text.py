"""Sentence pairs as a stream: TSV, `source ||| target`, or a Moses pair, one line at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.header_words import looks_like_header
from core.data.packed import open_bytes
from core.data.pharaoh import is_links
from core.data.text import at
from core.errors import BadInput
from core.notation import plural

Form = Literal["bars", "tabs", "moses"]
LONGEST_LINE = 1 << 20
#: Bytes that are passed over at a time on the way to where reading goes on.
_SKIP = 1 << 20


@dataclass(frozen=True)
class PairLine:
    """One pair: its line from 1, its words as spaces separate them, and what is wrong with it ("" if nothing)."""

    line: int
    source: list[str]
    target: list[str]
    problem: str = ""
    source_text: str = ""
    target_text: str = ""


class PairText:
    """The pairs of a file, or of two line-aligned files, from any line on; memory does not grow with the files.

    The form is told by the first line that holds something: `|||` or a tab separate source and target, and
    with a second file each holds one side. Files may be packed (gzip, xz, bzip2, zstd), and end their lines in LF, CR
    LF or CR. Words are what spaces separate. `columns` are the numbers, from 1, of the source's and the target's;
    without them a line of more columns than two, unless what follows is links or empty, is not guessed at: in the first
    line it raises `BadInput`, later it is a pair without words that says so, as is a line without a separator and a
    header. A file of a Moses pair that ends before the other raises `BadInput`.
    """

    def __init__(self, source: Path, target: Path | None = None, columns: tuple[int, int] | None = None) -> None:
        self.paths = [source] if target is None else [source, target]
        for path in self.paths:
            if not path.is_file():
                raise BadInput(f"There is no file {path}.")
        if columns is not None and (target is not None or min(columns) < 1 or columns[0] == columns[1]):
            raise BadInput("Columns are two different numbers from 1 on, of one file that holds both sides.")
        self.columns = columns
        self.form: Form = "moses" if target is not None else self._form(source)
        #: Where the next pair begins: bytes into each file as unpacked, and lines read.
        self.offsets = [0] * len(self.paths)
        self.lines = 0

    def start_at(self, offsets: list[int], lines: int) -> None:
        """Go on from a place that `offsets` and `lines` once told."""
        self.offsets, self.lines = list(offsets), lines

    def __iter__(self) -> Iterator[PairLine]:
        files = [open_bytes(path) for path in self.paths]
        try:
            for file, offset in zip(files, self.offsets, strict=True):
                _go_to(file, offset)
            while True:
                texts = [self._next(file, number) for number, file in enumerate(files)]
                if all(text is None for text in texts):
                    return
                if None in texts:
                    ended = texts.index(None)
                    raise BadInput(
                        f"{at(self.paths[ended], self.lines)}: the file ends here and {self.paths[1 - ended]} goes on; "
                        "both sides of a bitext need the same number of lines."
                    )
                self.lines += 1
                yield self._pair([text or "" for text in texts])
        finally:
            for file in files:
                file.close()

    def _next(self, file: io.BufferedReader, number: int) -> str | None:
        raw = file.readline(LONGEST_LINE)
        if not raw:
            return None
        where = at(self.paths[number], self.lines + 1)
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raise BadInput(f"{where}: the line is longer than {LONGEST_LINE:,} bytes; is this a file of sentences?")
        first = self.offsets[number] == 0
        self.offsets[number] += len(raw)
        try:
            return raw.decode("utf-8-sig" if first else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            utf_16 = first and raw.startswith((b"\xff\xfe", b"\xfe\xff"))
            told = "the file is UTF-16; save it as UTF-8" if utf_16 else "the text is not UTF-8; save the file as UTF-8"
            raise BadInput(f"{where}: {told}.") from error

    def _pair(self, texts: list[str]) -> PairLine:
        sides, problem = (texts, "") if self.form == "moses" else self._sides(texts[0], self.form)
        if not problem and self.lines == 1 and looks_like_header(sides):
            problem = f"the line looks like a header ({', '.join(side.strip()[:30] for side in sides)})"
        if problem:
            return PairLine(self.lines, [], [], problem)
        source, target = sides[0].split(), sides[1].split()
        problem = "" if source and target else "a side is empty"
        return PairLine(self.lines, source, target, problem, sides[0], sides[1])

    def _sides(self, text: str, form: Form) -> tuple[list[str], str]:
        """Source and target of a line, and what is wrong with it."""
        mark = "|||" if form == "bars" else "\t"
        cells = text.split(mark)
        if len(cells) < 2 and self.columns is None:
            return [], f"the line has no {mark.replace(chr(9), 'tab')}" if text.strip() else "the line is empty"
        if self.columns is not None:
            if max(self.columns) > len(cells):
                return [], f"the line has {plural(len(cells), 'column')}, not {max(self.columns)}"
            return [cells[number - 1] for number in self.columns], ""
        if len(cells) > 2 and not _follows(cells[2:]):
            return [], _columns(cells)
        return cells[:2], ""

    def _form(self, path: Path) -> Form:
        """The form that the first line with something on it shows. Raises `BadInput` for a line that is no pair."""
        with open_bytes(path) as file:
            line = 0
            while raw := file.readline(LONGEST_LINE):
                line += 1
                if line == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise BadInput(f"{at(path, 1)}: the file is UTF-16; save it as UTF-8.")
                text = raw.decode("utf-8", errors="replace").strip("\ufeff\r\n")
                if not text.strip():
                    continue
                form: Form = "bars" if "|||" in text else "tabs"
                if form == "tabs" and "\t" not in text:
                    raise BadInput(
                        f"{at(path, line)}: neither ||| nor a tab separates source and target; with one side a file, "
                        "give both files."
                    )
                _, problem = self._sides(text, form)
                if problem:
                    raise BadInput(f"{at(path, line)}: {problem}; say which two columns are meant by --columns.")
                return form
        raise BadInput(f"{path} is empty." if line == 0 else f"{path} holds nothing but empty lines.")


def _follows(cells: Sequence[str]) -> bool:
    """Whether columns after the target may be passed over: links, as in files of gold, or nothing."""
    return all(not cell.strip() or is_links(cell) for cell in cells)


def _columns(cells: Sequence[str]) -> str:
    shown = ", ".join(repr(cell.strip()[:30]) for cell in cells[:5])
    return f"the line holds {len(cells)} columns ({shown}{', …' if len(cells) > 5 else ''})"


def _go_to(file: io.BufferedReader, offset: int) -> None:
    if file.seekable():
        file.seek(offset)
        return
    while offset > 0 and (passed := file.read(min(offset, _SKIP))):
        offset -= len(passed)
