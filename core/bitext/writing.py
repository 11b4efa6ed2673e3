"""Writing pairs in any format that is read, with `.gz` or `.xz` if the name asks for it."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from core.bitext.delimited import one_kind_of_line_end
from core.bitext.formats import WRITTEN
from core.bitext.names import tag
from core.bitext.records import without_line_ends
from core.bitext.xml_events import without_forbidden
from core.errors import BadInput
from core.files import atomic_draft

_ENDINGS = {form.ending: form.name for form in WRITTEN.values()} | {".xliff": "xliff", ".ndjson": "jsonl"}


def format_for(path: Path) -> str:
    """The format that a file's name asks for. Raises `BadInput` for a name that asks for none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = [suffix for suffix in suffixes if suffix not in (".gz", ".xz")][-1:]
    if last and last[0] in _ENDINGS:
        return _ENDINGS[last[0]]
    if last and tag(last[0][1:]):
        return "moses"
    raise BadInput(f"{path.name[:80]} does not tell a format; end it with one of {', '.join(_ENDINGS)}.")


#: What a format does to a text that it cannot hold; all others hold every text.
_CHANGES: dict[str, Callable[[str], str]] = {
    "moses": without_line_ends, "tsv": one_kind_of_line_end, "csv": one_kind_of_line_end, "tmx": without_forbidden,
    "xliff": without_forbidden,
}  # fmt: skip


class Written(NamedTuple):
    """Pairs written, and texts among them that the format could not hold as they are: a line end in a Moses file is a
    space, "\\r" in a table is "\\n", a control character that XML forbids is gone."""

    pairs: int
    changed: int

    @property
    def told(self) -> str:
        """What changed, for a person; "" for nothing."""
        n = f"{self.changed:,} text{'' if self.changed == 1 else 's'}"
        return f"\n{n} changed: the format has no line ends or control characters within a text" if self.changed else ""


def write_file(path: Path, form: str, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> Written:
    """Write `pairs` to `path`, which appears when it is whole; returns how many there were and what changed."""
    count = changed = 0
    change = _CHANGES.get(form)

    def counted() -> Iterator[tuple[str, str]]:
        nonlocal count, changed
        for pair in pairs:
            count += 1
            if change is not None:
                changed += (change(pair[0]) != pair[0]) + (change(pair[1]) != pair[1])
            yield pair

    with atomic_draft(path, what=str(path)) as draft, _opened(draft, path.suffix.lower()) as out:
        write = WRITTEN[form].write
        assert write is not None
        write(out, counted(), languages)
    return Written(count, changed)


@contextmanager
def _opened(path: Path, suffix: str) -> Iterator[BinaryIO]:
    if suffix == ".gz":
        with path.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif suffix == ".xz":
        with lzma.open(path, "wb") as packed_xz:
            yield cast(BinaryIO, packed_xz)
    else:
        with path.open("wb") as plain:
            yield plain
