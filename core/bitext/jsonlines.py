"""JSON Lines: an object or a list a line, its texts at the top or down to four levels deep (`translation.en`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from core.bitext.lines import flaw, numbered
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Unreadable, trimmed
from core.errors import BadInput

_SAMPLE = 500
#: How deep a text may lie in a record, and how many columns are told apart.
_DEEPEST, _WIDEST = 4, 200
#: (number, object or list), or (number, what is wrong).
Records = Iterator[tuple[int, dict[str, Any] | list[Any] | str]]


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The keys that hold text in at least a tenth of the first records. Raises `BadInput` if they are not two."""
    names = text_columns(_records(parts[0], encoding))
    if len(names) < 2:
        raise BadInput(f"{parts[0].name} holds no JSON objects with two texts, one object a line.")
    return [Column(name) for name in names]


def text_columns(found: Records) -> list[str]:
    """Where the first records hold texts: keys apart by dots (`outer.inner`), places of a list counted from 1."""
    seen: Counter[str] = Counter()
    records = 0
    for number, record in found:
        if not isinstance(record, str):
            for name in dict.fromkeys(_texts(record)):
                if name in seen or len(seen) < _WIDEST:
                    seen[name] += 1
            records += 1
        if records >= _SAMPLE or number > 20 * _SAMPLE:
            break
    return [name for name, n in seen.items() if 10 * n >= records]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The texts under two keys (`outer.inner` for one within another). A blank line is passed over."""
    yield from record_pairs(_records(parts[0], encoding), source, target)


def record_pairs(found: Records, source: str, target: str) -> Iterator[Found]:
    """The pair of each record, or why it has none."""
    for number, record in found:
        if isinstance(record, str):
            yield Unreadable(number, record)
            continue
        left, right = _text(record, source), _text(record, target)
        if isinstance(left, str) and isinstance(right, str) and (reason := flaw(left) or flaw(right)):
            yield Unreadable(number, reason)
        elif isinstance(left, str) and isinstance(right, str):
            yield Pair(number, trimmed(left), trimmed(right))
        else:
            yield Unreadable(number, f"it has no text under {(source if not isinstance(left, str) else target)[:40]!r}")


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """One object a line, its keys the languages, or source and target where those are not known."""
    a, b = languages if languages[0] != languages[1] and "und" not in languages else ("source", "target")
    for left, right in pairs:
        out.write(json.dumps({a: left, b: right}, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _records(part: Part, encoding: str) -> Records:
    for found in numbered(part, encoding):
        if isinstance(found, Unreadable):
            yield found.line, found.reason
            continue
        line, text = found
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            yield line, "it is not JSON"
            continue
        yield line, record if isinstance(record, dict | list) else "it is JSON, but not an object"


def _items(record: Any) -> Iterable[tuple[str, Any]]:
    return record.items() if isinstance(record, dict) else ((str(i), one) for i, one in enumerate(record[:20], 1))


def _texts(record: Any, inside: str = "", depth: int = 1) -> Iterator[str]:
    for key, value in _items(record):
        name = f"{inside}{key}" if inside or isinstance(record, dict) else f"column {key}"
        if isinstance(value, str):
            yield name
        elif isinstance(value, dict | list) and depth < _DEEPEST:
            yield from _texts(value, f"{name}.", depth + 1)


def _text(record: Any, name: str) -> Any:
    """What lies under a name; a key may itself hold dots."""
    if isinstance(record, list):
        place, _, inner = name.removeprefix("column ").partition(".")
        value = record[int(place) - 1] if place.isdecimal() and 0 < int(place) <= len(record) else None
        return _text(value, inner) if inner else value
    if not isinstance(record, dict):
        return None
    if name in record:
        return record[name]
    at = name.find(".")
    while at >= 0:
        if name[:at] in record:
            return _text(record[name[:at]], name[at + 1 :])
        at = name.find(".", at + 1)
    return None
