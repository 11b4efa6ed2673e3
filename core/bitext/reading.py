"""Opening a bitext whatever its format, and reading its pairs as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.bitext import delimited
from core.bitext.encodings import KNOWN, checked
from core.bitext.formats import FORMATS, choose_format
from core.bitext.limits import MAX_PAIRS, too_many_pairs
from core.bitext.opening import Part, open_file
from core.bitext.records import Column, Layout, Pair, Unreadable
from core.errors import BadInput


@dataclass(frozen=True)
class Opened:
    """A bitext file that is recognised: `format` a key of `FORMATS`, `encoding` "" where the format has its own.

    `sha256` is of the bytes as they came (of both files of a Moses pair, one after the other).
    """

    name: str
    format: str
    encoding: str
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    sha256: str
    bytes: int

    @property
    def title(self) -> str:
        """What it was recognised as, for a person."""
        form = FORMATS[self.format]
        told = form.title
        if self.format in ("tsv", "csv"):
            dialect = delimited.dialect_of(self.parts[0], self.encoding)
            told = f"Table, {dialect.title}{', with a header' if dialect.header else ', no header'}"
        packed = sorted({part.compression or ("zip" if part.member else "") for part in self.parts} - {""})
        told += f" in {' and '.join(packed)}" if packed else ""
        encodings = dict.fromkeys(KNOWN.get(name, name) for name in self.encoding.split(",") if name)
        return f"{told}, {' and '.join(encodings)}" if encodings else told


def open_bitext(paths: Sequence[Path], names: Sequence[str] | None = None, encoding: str | None = None) -> Opened:
    """Recognise one file, or the two of a Moses pair. `names` are what the person calls them.

    Raises `BadInput` in one sentence for a file that is no bitext, is damaged from the start, or is too large.
    """
    called = list(names) if names else [path.name for path in paths]
    if len(paths) == 2:
        parts = tuple(_single(path, name) for path, name in zip(paths, called, strict=True))
        if parts[0].name == parts[1].name:
            raise BadInput("Both files have the same name; a Moses pair is two files, such as text.en and text.sw.")
        form = FORMATS["moses"]
    elif len(paths) == 1:
        form, parts = choose_format(open_file(paths[0], called[0]), called[0])
    else:
        raise BadInput("Give one file, or the two files of a Moses pair.")
    chosen = ""
    if form.text:
        given = checked(encoding) if encoding else ""
        found = [given or form.encoding(part) for part in parts]
        chosen = found[0] if len(set(found)) == 1 else ",".join(found)
    columns = tuple(form.columns(parts, chosen))
    digest, size = _digest(paths)
    return Opened(" and ".join(called), form.name, chosen, parts, columns, digest, size)


def read(opened: Opened, layout: Layout) -> Iterator[Pair | Unreadable]:
    """Every pair and every unreadable line, in the file's order.

    Raises `BadInput` for a column that is not there, and when the file proves larger than the limits.
    """
    check_layout(opened, layout)
    count = 0
    for found in FORMATS[opened.format].pairs(opened.parts, opened.encoding, layout.source, layout.target):
        count += 1
        if count > MAX_PAIRS:
            raise too_many_pairs(opened.name)
        yield found


def check_layout(opened: Opened, layout: Layout) -> None:
    """Raise `BadInput` unless the layout names two columns of the file."""
    names = [column.name for column in opened.columns]
    for name in (layout.source, layout.target):
        if name not in names:
            raise BadInput(f"{opened.name} has no column {name[:40]!r}; it has {', '.join(names)[:200]}.")
    if layout.source == layout.target:
        raise BadInput("Source and target are the same column; choose two.")


def _single(path: Path, name: str) -> Part:
    parts = open_file(path, name)
    if len(parts) != 1:
        raise BadInput(f"{name} is a zip file of {len(parts)}; give the two files of a Moses pair, or one zip of both.")
    return parts[0]


def _digest(paths: Sequence[Path]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    return digest.hexdigest(), size
