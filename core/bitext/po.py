"""Gettext PO: msgid and msgstr; entries are cut out of the stream and parsed by polib, some at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import polib

from core.bitext.encodings import encoding_of
from core.bitext.limits import MAX_LINE
from core.bitext.lines import numbered
from core.bitext.names import plain_tag
from core.bitext.opening import Part
from core.bitext.records import FUZZY, Column, Found, Pair, Unreadable, trimmed
from core.errors import BadInput

SOURCE, TARGET = "msgid", "msgstr"
_TOGETHER = 200
#: Lines that one entry may have.
_LINES_OF_AN_ENTRY = 5000
#: Bytes at the start within which the header's charset is looked for.
_HEAD = 1 << 16
_HEADER = re.compile(r'^msgid\s+""\s*\n(?!")', re.MULTILINE)
_LANGUAGE = re.compile(r'"Language:\s*([A-Za-z_@-]+)\s*(?:\\n)?"')
_CHARSET = re.compile(rb'^\s*"Content-Type:[^"\r\n]{0,200}?charset=\s*([\w.:-]{1,40})', re.MULTILINE | re.IGNORECASE)
_BEGINS = re.compile(r"(#~ ?)?(#|msgctxt\b|msgid\s)")
_ANSWERED = re.compile(r"(#~ ?)?msgstr")
_STATEMENT = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*"(.*)"[^"]*')
_ESCAPED_OR_QUOTE = re.compile(r'\\.|"')
_ESCAPES = frozenset('nrtvf"\\')
#: What KDE wrote before msgctxt was there: a comment within msgid, up to its line break.
_KDE_COMMENT = re.compile(r"^_:[^\n]*\n")
#: What polib's `splitlines` would take for the end of a line and PO does not; marks stand for it while polib reads.
_LINE_ENDS = {ord(end): chr(0xFDE0 + i) for i, end in enumerate("\v\f\x1c\x1d\x1e\x85\u2028\u2029")}
_ENDS_OF_MARKS = {ord(mark): chr(end) for end, mark in _LINE_ENDS.items()}
_Entry = tuple[int, str]


class _File(polib.POFile):
    def find(self, *_: Any, **__: Any) -> None:  # else polib takes the first entry without msgid for the header
        return None


def encoding(part: Part) -> str:
    """The codec of a file: its byte order mark, UTF-8 if it is, else the charset that its header declares."""
    declared = _CHARSET.search(part.head(_HEAD))
    return encoding_of(part, declared[1].decode("ascii", "replace") if declared else "")


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """`msgid` and `msgstr`, the second with the language of the header. Raises `BadInput` if no entry is found."""
    head = [entry for entry in islice(_entries(parts[0], encoding), 50) if not isinstance(entry, Unreadable)]
    if not any("msgid" in text for _, text in head):
        raise BadInput(f"{parts[0].name} holds no entry with msgid and msgstr.")
    language = _LANGUAGE.search(head[0][1])
    return [Column(SOURCE), Column(TARGET, plain_tag(language[1]) if language else None)]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """A pair for each entry, two for one with plural forms (the first and the last). Fuzzy ones, which gettext
    does not use, have that as their state; obsolete ones are unreadable with that as the reason; the header is no
    entry."""
    waiting: list[_Entry] = []
    for entry in _entries(parts[0], encoding):
        if isinstance(entry, Unreadable):
            yield from _swapped(_parsed(waiting), source)
            waiting = []
            yield entry
        elif not _is_header(entry[1]):
            waiting.append(entry)
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


def _text(text: str) -> str:
    """A text as it was written; its line ends are its own, as PO wraps by closing and opening quotes."""
    return trimmed(text if text.isascii() else text.translate(_ENDS_OF_MARKS))


def _entries(part: Part, encoding: str) -> Iterator[_Entry | Unreadable]:
    """(line, text) of every entry: lines up to a blank one, or to the comment or msgid that begins the next."""
    lines: list[str] = []
    begun, answered, size = 0, False, 0
    for numbered_line in numbered(part, encoding):
        if isinstance(numbered_line, Unreadable):
            yield numbered_line
            continue
        line, text = numbered_line
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
    """Every entry's pairs, or why it has none: parsed all at once, and one by one where one of them is not PO."""
    strict = [(line, rows) for line, text in entries if (rows := _statements(text)) != ""]
    if None not in (rows for _, rows in strict):
        units = _units("\n".join(rows for _, rows in strict if rows))
        if units is not None and len(units) == len(strict):
            for (line, _), unit in zip(strict, units, strict=True):
                yield from _of_unit(line, unit)
            return
    for line, rows in strict:
        units = _units(rows) if rows else None
        if units is None or len(units) != 1:
            yield Unreadable(line, "the entry that begins here is not written as PO")
        else:
            yield from _of_unit(line, units[0])


def _statements(text: str) -> str | None:
    """An entry as strictly as polib wants it: flags and statements, each quote inside a text escaped. Comments go, as
    none is read and an unusual one would cost its entry. "" for comments alone, such as a licence; None for no PO."""
    rows, answered, commented = [], False, True
    for row in text.translate(_LINE_ENDS).splitlines():
        obsolete = row.startswith("#~")
        if row.startswith(("#,", "#=")):
            rows.append(f"#, {row[2:]}")
        elif obsolete and not row.startswith("#~|") or not row.startswith("#"):
            commented = False
            statement = _STATEMENT.fullmatch(row[2:].lstrip() if obsolete else row)
            if statement is None:
                return None
            keyword, inner = statement[1] or "", _ESCAPED_OR_QUOTE.sub(_strictly_escaped, statement[2])
            rows.append(f'{"#~ " if obsolete else ""}{keyword} "{inner}"'.lstrip())
            answered = answered or keyword.startswith("msgstr")
    return "" if commented else "\n".join(rows) if answered else None


def _strictly_escaped(match: re.Match[str]) -> str:
    """A quote with its backslash; an escape that PO does not have without."""
    return match[0] if match[0][1:] in _ESCAPES else '\\"' if match[0] == '"' else match[0][1:]


def _units(text: str) -> list[polib.POEntry] | None:
    """polib's entries, None where it finds the text not to be PO."""
    try:
        return list(polib.pofile(text, encoding="utf-8", klass=_File))
    except Exception:  # its parser fails in many ways on text that is not PO
        return None


def _of_unit(line: int, unit: polib.POEntry) -> Iterator[Pair | Unreadable]:
    states = (FUZZY,) if "fuzzy" in unit.flags else ()
    sources = [_KDE_COMMENT.sub("", text, count=1) for text in (unit.msgid, unit.msgid_plural)]
    if unit.obsolete:
        yield Unreadable(line, "the entry is obsolete")
    elif unit.msgid_plural:
        targets = [text for _, text in sorted(unit.msgstr_plural.items())] or [unit.msgstr]
        if len(targets) > 1:
            yield Pair(line, _text(sources[0]), _text(targets[0]), states)
        yield Pair(line, _text(sources[1]), _text(targets[-1]), states)
    elif not unit.msgid and not unit.msgstr:
        yield Unreadable(line, "the entry has neither msgid nor msgstr")
    else:
        yield Pair(line, _text(sources[0]), _text(unit.msgstr), states)


def _swapped(rows: Iterator[Pair | Unreadable], source: str) -> Iterator[Pair | Unreadable]:
    for row in rows:
        yield row._replace(source=row.target, target=row.source) if source == TARGET and isinstance(row, Pair) else row


def _quoted(text: str) -> str:
    return text.translate(_QUOTED)


_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"})
