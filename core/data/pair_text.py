"""Sentence pairs as a stream: TSV, `source ||| target`, or a Moses pair, one line at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from core.data.text import at
from core.errors import BadInput

Form = Literal["bars", "tabs", "moses"]
LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class PairLine:
    """One pair: its line from 1, its words as spaces separate them, and what is wrong with it ("" if nothing)."""

    line: int
    source: list[str]
    target: list[str]
    problem: str = ""


class PairText:
    """The pairs of a file, or of two line-aligned files, from any line on; memory does not grow with the files.

    The form is told by the first line that holds something: `|||` or a tab separate source and target, and
    with a second file each holds one side. Words are what spaces separate. A later line without a separator is
    a pair without words that says so; a file of a Moses pair that ends before the other raises `BadInput`.
    """

    def __init__(self, source: Path, target: Path | None = None) -> None:
        self.paths = [source] if target is None else [source, target]
        for path in self.paths:
            if not path.is_file():
                raise BadInput(f"There is no file {path}.")
        self.form: Form = "moses" if target is not None else _form(source)
        #: Where the next pair begins: bytes into each file, and lines read.
        self.offsets = [0] * len(self.paths)
        self.lines = 0

    def start_at(self, offsets: list[int], lines: int) -> None:
        """Go on from a place that `offsets` and `lines` once told."""
        self.offsets, self.lines = list(offsets), lines

    def __iter__(self) -> Iterator[PairLine]:
        files = [path.open("rb") for path in self.paths]
        try:
            for file, offset in zip(files, self.offsets, strict=True):
                file.seek(offset)
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

    def _next(self, file: IO[bytes], number: int) -> str | None:
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
            raise BadInput(f"{where}: the text is not UTF-8; save the file as UTF-8.") from error

    def _pair(self, texts: list[str]) -> PairLine:
        if self.form == "moses":
            sides = texts
        else:
            sides = texts[0].split("|||" if self.form == "bars" else "\t")
        if len(sides) < 2:
            mark = "|||" if self.form == "bars" else "a tab"
            problem = f"the line has no {mark.removeprefix('a ')}" if texts[0].strip() else "the line is empty"
            return PairLine(self.lines, [], [], problem)
        source, target = sides[0].split(), sides[1].split()
        problem = "" if source and target else "a side is empty"
        return PairLine(self.lines, source, target, problem)


def _form(path: Path) -> Form:
    try:
        with path.open("rb") as file:
            line = 0
            while raw := file.readline(LONGEST_LINE):
                line += 1
                text = raw.decode("utf-8", errors="replace")
                if "|||" in text:
                    return "bars"
                if "\t" in text:
                    return "tabs"
                if text.strip("\ufeff \r\n"):
                    break
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
    if line == 0:
        raise BadInput(f"{path} is empty.")
    raise BadInput(
        f"{at(path, line)}: neither ||| nor a tab separates source and target; with one side a file, give both files."
    )
