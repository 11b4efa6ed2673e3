"""JSON Lines: an object a line, its texts at the top or one level down (`{"translation": {"en": ..., "sw": ...}}`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from core.bitext.lines import numbered
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.errors import BadInput

_SAMPLE = 500


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The keys that hold text in at least a tenth of the first records. Raises `BadInput` if they are not two."""
    seen: Counter[str] = Counter()
    records = 0
    for line, record in _records(parts[0], encoding):
        if isinstance(record, dict):
            seen.update(_texts(record))
            records += 1
        if records >= _SAMPLE or line > 20 * _SAMPLE:
            break
    names = [name for name, n in seen.items() if 10 * n >= records]
    if len(names) < 2:
        raise BadInput(f"{parts[0].name} holds no JSON objects with two texts, one object a line.")
    return [Column(name) for name in names]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Pair | Unreadable]:
    """The texts under two keys (`outer.inner` for one within another). A blank line is passed over."""
    for line, record in _records(parts[0], encoding):
        if isinstance(record, str):
            yield Unreadable(line, record)
            continue
        left, right = _text(record, source), _text(record, target)
        if isinstance(left, str) and isinstance(right, str):
            yield Pair(line, left.strip(), right.strip())
        else:
            yield Unreadable(line, f"it has no text under {(source if not isinstance(left, str) else target)[:40]!r}")


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """One object a line, its keys the languages, or source and target where those are not known."""
    a, b = languages if languages[0] != languages[1] and "und" not in languages else ("source", "target")
    for left, right in pairs:
        out.write(json.dumps({a: left, b: right}, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _records(part: Part, encoding: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, object), or (line, what is wrong)."""
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
        yield line, record if isinstance(record, dict) else "it is JSON, but not an object"


def _texts(record: dict[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, str):
            yield key
        elif isinstance(value, dict):
            yield from (f"{key}.{inner}" for inner, text in value.items() if isinstance(text, str))


def _text(record: dict[str, Any], name: str) -> Any:
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    within = record.get(outer)
    return within.get(inner) if isinstance(within, dict) else None
