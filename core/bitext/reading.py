"""Opening a bitext whatever its format, and reading its pairs as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.bitext import delimited, spreadsheets
from core.bitext.encodings import KNOWN, checked
from core.bitext.formats import FORMATS, Format, choose_format
from core.bitext.limits import MAX_PAIRS, too_many_pairs
from core.bitext.names import base_language
from core.bitext.opening import CutShort, Part, open_file
from core.bitext.records import Column, Found, Layout, Pair, Unreadable
from core.errors import BadInput


@dataclass(frozen=True)
class Opened:
    """A bitext that is recognised: `format` a key of `FORMATS`, `encoding` "" where the format has its own.

    `sha256` is of the bytes as they came (of several files, one after the other). `following` are further bitexts of
    the same format that are read after the first, as one: several files, or several members of a zip.
    """

    name: str
    format: str
    encoding: str
    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    sha256: str
    bytes: int
    following: tuple[Opened, ...] = ()

    @property
    def title(self) -> str:
        """What it was recognised as, for a person."""
        form = FORMATS[self.format]
        told = form.title
        if self.format in ("tsv", "csv"):
            dialect = delimited.dialect_of(self.parts[0], self.encoding)
            told = f"Table, {dialect.title}{', with a header' if dialect.header else ', no header'}"
        elif self.parts[0].book:
            told = f"{told}, {spreadsheets.sheet_title(self.parts[0])}"
        packed = sorted({part.compression or ("zip" if part.member else "") for part in self.parts} - {""})
        told += f" in {' and '.join(packed)}" if packed else ""
        encodings = dict.fromkeys(KNOWN.get(name, name) for name in self.encoding.split(",") if name)
        told = f"{told}, {' and '.join(encodings)}" if encodings else told
        return f"{told}; {len(self.following) + 1} of them, read as one" if self.following else told

    @property
    def share_read(self) -> float:
        """How far the last pass has come, 0 to 1."""
        members = (self, *self.following)
        return sum(max(part.share_read for part in member.parts) for member in members) / len(members)


def open_bitext(paths: Sequence[Path], names: Sequence[str] | None = None, encoding: str | None = None) -> Opened:
    """Recognise one file, the two of a Moses pair, or several of one format. `names` are what the person calls them.

    Raises `BadInput` in one sentence for a file that is no bitext, is damaged from the start, or is too large.
    """
    called = list(names) if names else [path.name for path in paths]
    if not paths:
        raise BadInput("Give a file, the two files of a Moses pair, or several files of one format.")
    found = [open_file(path, name) for path, name in zip(paths, called, strict=True)]
    title = " and ".join(called) if len(called) < 4 else f"{called[0]} and {len(called) - 1} more"
    if len(paths) == 1:
        chosen = choose_format(found[0], called[0])
    else:
        parts = tuple(part for those in found for part in those)
        if len(parts) == 2 and parts[0].name == parts[1].name:
            raise BadInput("Both files have the same name; a Moses pair is two files, such as text.en and text.sw.")
        chosen = _several(parts, found, called, title)
    digest, size = _digest(paths)
    members = [_opened(form, parts, title, encoding, digest, size) for form, parts in chosen]
    _check_lengths(members)
    first = members[0]
    for one in members[1:]:
        for column in first.columns:
            _own_name(one, first, column.name)
    return replace(first, following=tuple(members[1:]))


def read(opened: Opened, layout: Layout) -> Iterator[Found]:
    """Every pair and every unreadable line, in the file's order; lines of several files are counted on.

    Raises `BadInput` for a column that is not there, and when the file proves larger than the limits.
    """
    check_layout(opened, layout)
    count = 0
    for found in stream(opened, layout.source, layout.target):
        if isinstance(found, Pair | Unreadable):
            count += 1
            if count > MAX_PAIRS:
                raise too_many_pairs(opened.name)
        yield found


def stream(opened: Opened, source: str, target: str) -> Iterator[Found]:
    """What `read` yields, without its limits."""
    before = 0
    for found in FORMATS[opened.format].pairs(opened.parts, opened.encoding, source, target):
        before = max(before, found.line) if opened.following else 0
        yield found
    for one in opened.following:
        a, b = (_own_name(one, opened, name) for name in (source, target))
        called, last = " and ".join(part.name for part in one.parts), before
        for found in FORMATS[one.format].pairs(one.parts, one.encoding, a, b):
            last = max(last, before + found.line)
            if isinstance(found, Unreadable):
                yield Unreadable(before + found.line, f"in {called[:80]}, line {found.line}, {found.reason}")
            else:
                yield found._replace(line=before + found.line)
        before = last


def check_layout(opened: Opened, layout: Layout) -> None:
    """Raise `BadInput` unless the layout names two columns of the file."""
    names = [column.name for column in opened.columns]
    for name in (layout.source, layout.target):
        if name not in names:
            raise BadInput(f"{opened.name} has no column {name[:40]!r}; it has {', '.join(names)[:200]}.")
    if layout.source == layout.target:
        raise BadInput("Source and target are the same column; choose two.")


def _several(
    parts: tuple[Part, ...], found: Sequence[tuple[Part, ...]], called: Sequence[str], title: str
) -> list[tuple[Format, tuple[Part, ...]]]:
    """What several files are: parts of one bitext, or each a bitext."""
    if len(parts) == 2 and not any(part.member or part.book for part in parts):
        try:
            chosen = choose_format(parts, title)
        except BadInput:
            chosen = []
        kinds = {form.name for form, _ in chosen}
        if chosen and kinds != {"tsv"}:
            return chosen
        if not chosen or not all(_is_table(part) for part in parts):
            return [(FORMATS["moses"], parts)]
        return chosen
    if all(len(those) == 1 for those in found):
        return choose_format(parts, title)
    chosen = [one for those, name in zip(found, called, strict=True) for one in choose_format(those, name)]
    if len({form.name for form, _ in chosen}) > 1:
        raise BadInput(f"{title} are of several formats; bring files of one format at a time.")
    return chosen


def _is_table(part: Part) -> bool:
    """Whether a text is a table by itself, and so no side of a Moses pair."""
    try:
        delimited.dialect_of(part, FORMATS["tsv"].encoding(part))
    except BadInput:
        return False
    return True


def _opened(
    form: Format, parts: tuple[Part, ...], name: str, encoding: str | None, digest: str, size: int
) -> Opened:  # fmt: skip
    codec = ""
    if form.text:
        given = checked(encoding) if encoding else ""
        codecs = [given or form.encoding(part) for part in parts]
        if form.name == "tatoeba":
            codecs = codecs[-1:]
        codec = codecs[0] if len(set(codecs)) == 1 else ",".join(codecs)
    return Opened(name, form.name, codec, parts, tuple(form.columns(parts, codec)), digest, size)


def _own_name(member: Opened, first: Opened, name: str) -> str:
    """The column of a further file that is the same side as a column of the first. Raises `BadInput` if it has none."""
    names = [column.name for column in member.columns]
    if name in names:
        return name
    wanted = next(column for column in first.columns if column.name == name)
    spoken = wanted.language or wanted.named
    for column in member.columns:
        own = column.language or column.named
        if spoken and own and base_language(own) == base_language(spoken):
            return column.name
    called = " and ".join(part.name for part in member.parts)
    raise BadInput(f"{called[:80]} has no column {name[:40]!r}, as the first file has; bring files that are alike.")


def _check_lengths(members: Sequence[Opened]) -> None:
    """Refuse what plainly holds too many pairs now, not after a million of them were read."""
    units = 0
    for member in members:
        form, part = FORMATS[member.format], member.parts[0]
        ends = form.ends
        if member.format == "tsv" and not delimited.dialect_of(part, member.encoding).quoted:
            ends = b"\n"
        if ends is None or member.encoding.startswith(("utf-16", "utf-32")):
            continue
        units += _count(part, ends, blank=member.format != "moses")
        if units > MAX_PAIRS + 1:  # one line may be a header
            raise too_many_pairs(member.name)


def _count(part: Part, ends: bytes, blank: bool) -> int:
    """How often `ends` stands in a part; of lines those that hold something, where `blank`."""
    total, tail = 0, b""
    with part.open() as data:
        try:
            while chunk := data.read1(1 << 20):
                joint = tail + chunk
                if blank and ends == b"\n":
                    *lines, tail = joint.split(b"\n")
                    tail = tail[-2:]
                    total += sum(1 for line in lines if line.strip())
                else:
                    total += joint.count(ends)
                    tail = joint[len(joint) - len(ends) + 1 :]
        except CutShort:
            pass
    return total


def _digest(paths: Sequence[Path]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    return digest.hexdigest(), size
