"""The numbered lines of a text, decoded one by one, so that a damaged line costs that line alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from core.bitext.limits import MAX_LINE
from core.bitext.opening import CutShort, Part
from core.bitext.records import Unreadable

Line = tuple[int, str]
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Stands for bytes that could not be decoded, in a text that is not read line by line. It is no character, and no text
#: has it.
DAMAGE = "\ufdd0"


def damaged_as_marks() -> str:
    """The name of a way to decode that puts `DAMAGE` where bytes cannot be decoded."""
    codecs.register_error("isogloss-damage", lambda error: (DAMAGE, error.end))  # type: ignore[attr-defined]
    return "isogloss-damage"


def flaw(text: str) -> str:
    """What makes a text unreadable, in words that end a sentence; "" for a sound one."""
    if len(text) > MAX_LINE:
        return f"a text in it is longer than {MAX_LINE // 2**20} MB"
    if text.isascii():
        return ""
    if DAMAGE in text:
        return "it holds a byte that is not in the encoding of the file, or half of a character"
    return "it holds half of a character (a lone surrogate)" if _SURROGATE.search(text) else ""


def numbered(part: Part, encoding: str) -> Iterator[Line | Unreadable]:
    """(number, text) of every line, or why it cannot be read; numbers count from 1.

    "\\n" and "\\r\\n" end a line; a file that has only "\\r" has those. A byte order mark is left out. Compressed data
    that ends early gives the lines before, then an `Unreadable`.
    """
    wide = encoding.startswith(("utf-16", "utf-32"))
    raw = _wide_lines(part, encoding) if wide else _byte_lines(part, encoding)
    number = 0
    try:
        for number, found in enumerate(raw, start=1):
            yield found if isinstance(found, Unreadable) else (number, found)
    except CutShort:
        yield Unreadable(number + 1, "the compressed data is damaged or ends here; nothing after it could be read")


def _byte_lines(part: Part, encoding: str) -> Iterator[str | Unreadable]:
    end = b"\r" if _only_returns(part.head()) else b"\n"
    mark = codecs.BOM_UTF8 if encoding == "utf-8" else b""
    number = 0
    for raw in _split(part, end):
        number += 1
        if raw is None:
            yield _too_long(number)
            continue
        if number == 1 and mark:
            raw = raw.removeprefix(mark)
        if 0 in raw:
            yield Unreadable(number, "it holds a null byte, which no text has")
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            yield Unreadable(number, f"byte {error.start + 1} of it is not {encoding.upper()}")
            continue
        yield _trimmed(text)


def _split(part: Part, end: bytes) -> Iterator[bytes | None]:
    """Raw lines without their ends; None for one longer than `MAX_LINE`."""
    kept: list[bytes] = []
    size, skipping = 0, False
    with part.open() as stream:
        while chunk := stream.read1(1 << 18):
            first, *rest = chunk.split(end)
            if not skipping:
                kept.append(first)
                size += len(first)
                if size > MAX_LINE:
                    kept, skipping = [], True
            if not rest:
                continue
            yield None if skipping else b"".join(kept)
            for line in rest[:-1]:
                yield line if len(line) <= MAX_LINE else None
            kept, size, skipping = [rest[-1]], len(rest[-1]), False
    if skipping:
        yield None
    elif size:
        yield b"".join(kept)


def _wide_lines(part: Part, encoding: str) -> Iterator[str | Unreadable]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    tail, number, skipping = "", 0, False
    with part.open() as stream:
        while True:
            chunk = stream.read1(1 << 18)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError:  # UTF-16 that begins without the mark it was said to have
                yield Unreadable(number + 1, f"the text is not {encoding.upper()}")
                return
            lines = (tail + text).split("\n")
            tail = lines.pop()
            for line in lines:
                number += 1
                yield _too_long(number) if skipping else _wide_line(line, number, encoding)
                skipping = False
            if 2 * len(tail) > MAX_LINE:
                tail, skipping = "", True
            if not chunk:
                break
    if tail or skipping:
        yield _too_long(number + 1) if skipping else _wide_line(tail, number + 1, encoding)


def _wide_line(line: str, number: int, encoding: str) -> str | Unreadable:
    if "\ufffd" in line:
        return Unreadable(number, f"a part of it is not {encoding.upper()}")
    if "\0" in line:
        return Unreadable(number, "it holds a null character, which no text has")
    return _trimmed(line.removeprefix("\ufeff"))


def _trimmed(text: str) -> str:
    """Without the "\\r" of its end; one inside is a space, as it ends no line here."""
    if "\r" in text:
        text = text.rstrip("\r").replace("\r", " ")
    return text


def _only_returns(head: bytes) -> bool:
    return b"\r" in head.rstrip(b"\r") and b"\n" not in head


def _too_long(number: int) -> Unreadable:
    return Unreadable(number, f"it is longer than {MAX_LINE // 2**20} MB")
