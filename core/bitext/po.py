"""Gettext PO: msgid and msgstr; entries are cut out of the stream and parsed by translate-toolkit, some at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from core.bitext.limits import MAX_LINE
from core.bitext.lines import numbered
from core.bitext.names import plain_tag
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.errors import BadInput

SOURCE, TARGET = "msgid", "msgstr"
_TOGETHER = 200
#: Lines that one entry may have.
_LINES_OF_AN_ENTRY = 5000
_HEADER = re.compile(r'^msgid\s+""\s*\n(?!")', re.MULTILINE)
_LANGUAGE = re.compile(r'"Language:\s*([A-Za-z_@-]+)\s*(?:\\n)?"')
_BEGINS = re.compile(r"(#~ ?)?(#|msgctxt\b|msgid\s)")
_ANSWERED = re.compile(r"(#~ ?)?msgstr")
_Entry = tuple[int, str]


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """`msgid` and `msgstr`, the second with the language of the header. Raises `BadInput` if no entry is found."""
    head = list(islice(_entries(parts[0], encoding), 50))
    if not any(not isinstance(one, Unreadable) and "msgid" in one[1] for one in head):
        raise BadInput(f"{parts[0].name} holds no entry with msgid and msgstr.")
    found = _LANGUAGE.search(next((one[1] for one in head if not isinstance(one, Unreadable)), ""))
    return [Column(SOURCE), Column(TARGET, plain_tag(found[1]) if found else None)]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Pair | Unreadable]:
    """A pair for each entry, two for one with plural forms (the first and the last). Obsolete entries, and fuzzy ones,
    which gettext does not use either, are unreadable with that as their reason; the header is no entry."""
    waiting: list[_Entry] = []
    for found in _entries(parts[0], encoding):
        if isinstance(found, Unreadable):
            yield from _swapped(_parsed(waiting), source)
            waiting = []
            yield found
        elif not _is_header(found[1]):
            waiting.append(found)
            if len(waiting) == _TOGETHER:
                yield from _swapped(_parsed(waiting), source)
                waiting = []
    yield from _swapped(_parsed(waiting), source)


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """PO in UTF-8. Each entry has its number as context, since the same source may occur twice."""
    out.write(
        'msgid ""\nmsgstr ""\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Language: {_quoted(languages[1])}\\n"\n'.encode()
    )
    for number, (left, right) in enumerate(pairs, start=1):
        out.write(
            f'\nmsgctxt "{number}"\nmsgid "{_quoted(left)}"\nmsgstr "{_quoted(right)}"\n'.encode("utf-8", "replace")
        )


def _entries(part: Part, encoding: str) -> Iterator[_Entry | Unreadable]:
    """(line, text) of every entry: lines up to a blank one, or to the comment or msgid that begins the next."""
    lines: list[str] = []
    begun, answered, size = 0, False, 0
    for found in numbered(part, encoding):
        if isinstance(found, Unreadable):
            yield found
            continue
        line, text = found
        stripped = text.strip()
        if lines and (not stripped or (answered and _BEGINS.match(stripped))):
            yield begun, "\n".join(lines) + "\n"
            lines, answered, size = [], False, 0
        if not stripped:
            continue
        if not lines:
            begun = line
        size += len(stripped)
        if size > MAX_LINE or len(lines) >= _LINES_OF_AN_ENTRY:
            yield Unreadable(begun, "the entry that begins here is too long")
            lines, answered, size = [], False, 0
            continue
        lines.append(stripped)
        answered = answered or bool(_ANSWERED.match(stripped))
    if lines:
        yield begun, "\n".join(lines) + "\n"


def _is_header(entry: str) -> bool:
    return _HEADER.search(entry) is not None and "msgctxt" not in entry and "#~" not in entry


def _parsed(entries: list[_Entry]) -> Iterator[Pair | Unreadable]:
    entries = [entry for entry in entries if entry[1].strip()]
    if not entries:
        return
    units = _units("\n".join(text for _, text in entries))
    if units is not None and len(units) == len(entries):
        for (line, _), unit in zip(entries, units, strict=True):
            yield from _of_unit(line, unit)
        return
    for line, text in entries:
        own = _units(text)
        if own is None or len(own) != 1:
            comment = all(row.startswith("#") and not row.startswith("#~") for row in text.splitlines())
            if not comment:  # a comment alone, such as a licence, is no entry
                yield Unreadable(line, "the entry that begins here is not written as PO")
        else:
            yield from _of_unit(line, own[0])


def _units(text: str) -> list[Any] | None:
    from translate.storage.pypo import pofile

    store = pofile(encoding="utf-8")
    try:
        store.parse(text.encode("utf-8", "replace"))
    except Exception:  # its parser fails in many ways on text that is not PO
        return None
    return list(store.units)


def _of_unit(line: int, unit: Any) -> Iterator[Pair | Unreadable]:
    if unit.isobsolete():
        yield Unreadable(line, "the entry is obsolete")
    elif unit.isfuzzy():
        yield Unreadable(line, "the entry is marked fuzzy")
    elif unit.hasplural():
        sources, targets = list(unit.source.strings), list(unit.target.strings) or [""]
        if len(targets) > 1:
            yield _pair(line, sources[0], targets[0])
        yield _pair(line, sources[-1], targets[-1])
    elif not str(unit.source) and not str(unit.target):
        yield Unreadable(line, "the entry has neither msgid nor msgstr")
    else:
        yield _pair(line, str(unit.source), str(unit.target))


def _pair(line: int, source: str, target: str) -> Pair:
    return Pair(line, " ".join(str(source).split()), " ".join(str(target).split()))


def _swapped(found: Iterator[Pair | Unreadable], source: str) -> Iterator[Pair | Unreadable]:
    for one in found:
        yield Pair(one.line, one[2], one[1]) if source == TARGET and isinstance(one, Pair) else one


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return " ".join(escaped.split())
