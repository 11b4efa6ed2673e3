"""Writing pairs in any format that is read, with `.gz` or `.xz` if the name asks for it."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from core.bitext.formats import WRITTEN
from core.bitext.names import tag
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


def write_file(path: Path, form: str, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> int:
    """Write `pairs` to `path`, which appears when it is whole; returns how many there were."""
    count = 0

    def counted() -> Iterator[tuple[str, str]]:
        nonlocal count
        for pair in pairs:
            count += 1
            yield pair

    with atomic_draft(path, what=str(path)) as draft, _opened(draft, path.suffix.lower()) as out:
        write = WRITTEN[form].write
        assert write is not None
        write(out, counted(), languages)
    return count


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
