"""One JSON document: an array of records, records under a key, a map of records, or a map for each language.

Read as a stream by ijson [1], so that memory does not grow with the file (a map for each language apart: one side of it
is held). Where the records lie is found once, from the first part of the document.

[1] github.com/ICRAR/ijson
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from core.bitext.jsonlines import Records, record_pairs, text_columns
from core.bitext.limits import MAX_LINE, MAX_PAIRS, too_many_pairs
from core.bitext.lines import damaged_as_marks, flaw
from core.bitext.names import SOURCE, TARGET, language_in
from core.bitext.opening import CutShort, Part
from core.bitext.records import Column, Found, Pair, Unreadable, trimmed
from core.errors import BadInput

#: Events of the document that are looked at to find out how it is built.
_LOOKED_AT = 20_000
_DEEPEST = 50
_HIGH, _LOW = "u[dD][89abAB][0-9a-fA-F]{2}", "u[dD][c-fC-F][0-9a-fA-F]{2}"
_FIRST_HALF = re.compile(rf"\\{_HIGH}")
#: An escape of a string; in group 1 if it is half of a character alone.
_ESCAPE = re.compile(rf"\\{_HIGH}\\{_LOW}|\\({_HIGH}|{_LOW})|\\.", re.DOTALL)
KEY, TEXT = "key", "text"


@dataclass(frozen=True)
class Shape:
    """How a document is built: `kind` is "items" (an array at `prefix`), "values" (a map of records at `prefix`),
    "sides" (a map for each of `sides` at `prefix`) or "texts" (a map from text to text)."""

    kind: str
    prefix: str
    sides: tuple[str, ...] = ()


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The columns of the records. Raises `BadInput` for a document that is no bitext, with what it seems to be."""
    _check_depth(parts[0], encoding)
    shape = _shape(parts[0], encoding)
    if shape.kind == "sides":
        return [Column(name) for name in shape.sides]
    if shape.kind == "texts":
        return [Column(KEY), Column(TEXT)]
    names = text_columns(_records(parts[0], encoding, shape))
    if len(names) < 2:
        raise BadInput(f"{parts[0].name} is JSON, but its records do not hold two texts each.")
    return [Column(name) for name in names]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The pairs of the records; `line` counts records from 1. What is not JSON ends the reading."""
    shape = _shape(parts[0], encoding)
    if shape.kind == "sides":
        yield from _aligned(parts[0], encoding, shape, source, target)
    elif shape.kind == "texts":
        for number, (key, value) in enumerate(_entries(parts[0], encoding, shape.prefix), start=1):
            if key is None or not isinstance(value, str):
                yield Unreadable(number, str(value) if key is None else "it has no text")
            elif reason := flaw(key) or flaw(value):
                yield Unreadable(number, reason)
            else:
                sides = {KEY: trimmed(key), TEXT: trimmed(value)}
                yield Pair(number, sides[source], sides[target])
    else:
        yield from record_pairs(_records(parts[0], encoding, shape), source, target)


def _shape(part: Part, encoding: str) -> Shape:
    """Raises `BadInput` where no shape fits."""
    import ijson

    look = _Look()
    broken = False
    with part.open() as stream:
        try:
            for event, value in islice(ijson.basic_parse(_Recoded(stream, encoding)), _LOOKED_AT):
                look.event(event, value)
        except (ijson.JSONError, CutShort, ValueError, UnicodeError):
            broken = True
    arrays, maps, kinds = look.arrays, look.maps, look.kinds
    # An array whose items are objects or lists of records.
    for prefix in sorted(arrays, key=lambda name: name.count(".")):
        inside = kinds.get(prefix, Counter())
        records = inside.get("start_map", 0) + inside.get("start_array", 0)
        if records and records >= inside.get("string", 0) and ".item" not in f"{prefix}.":
            return Shape("items", prefix)
    for prefix in sorted(maps, key=lambda name: name.count(".")):
        if "item" in prefix.split("."):
            continue
        names, inside = maps[prefix], kinds.get(prefix, Counter())
        spoken = tuple(name for name in names if _is_side(name))
        nested = inside.get("start_map", 0) + inside.get("start_array", 0)
        if len(spoken) >= 2 and len(spoken) == len(names) and nested >= 2:
            return Shape("sides", prefix, spoken)
        inner = [maps.get(f"{prefix}.{name}" if prefix else name, []) for name in names]
        if (
            len(names) >= 2
            and sum(any(_is_side(key) for key in keys) and len(keys) > 1 for keys in inner) > len(names) / 2
        ):
            return Shape("values", prefix)
        texts = inside.get("string", 0)
        if texts >= 5 and texts > 0.9 * sum(inside.values()) and _are_texts(names):
            return Shape("texts", prefix)
    if broken and not maps and not arrays:
        raise BadInput(f"{part.name} is not JSON.")
    if maps:
        raise BadInput(
            f"{part.name} holds texts of one language under keys, as files of a program's texts do; bring both "
            'languages in one file, such as {"en": {...}, "sw": {...}}, or as a list of {"en": ..., "sw": ...}.'
        )
    raise BadInput(f"{part.name} is JSON, but holds no records with two texts each.")


class _Look:
    """Where arrays and maps lie in a document, which keys maps have, and what both hold (start_map, string, ...)."""

    def __init__(self) -> None:
        self.arrays: list[str] = []
        self.maps: dict[str, list[str]] = {}
        self.kinds: dict[str, Counter[str]] = {}
        self._open: list[tuple[str, bool]] = []
        self._key = ""

    def event(self, event: str, value: Any) -> None:
        """The next event of the document."""
        if event == "map_key":
            self._key = str(value)
            names = self.maps.setdefault(self._open[-1][0], [])
            if len(names) < 500:
                names.append(self._key)
        elif event in ("end_map", "end_array"):
            self._open.pop()
        else:
            place = ""
            if self._open:
                around, in_array = self._open[-1]
                self.kinds.setdefault(around, Counter())[event] += 1
                inside = "item" if in_array else self._key
                place = f"{around}.{inside}" if around else inside
            if event in ("start_map", "start_array"):
                if event == "start_array" and len(self.arrays) < 100:
                    self.arrays.append(place)
                self._open.append((place, event == "start_array"))


def _check_depth(part: Part, encoding: str) -> None:
    """Raise `BadInput` for values that lie deeper than any bitext's: ijson writes out the path to each."""
    import ijson

    depth = 0
    with part.open() as stream:
        try:
            for event, _ in ijson.basic_parse(_Recoded(stream, encoding)):
                if event in ("start_map", "start_array"):
                    depth += 1
                    if depth > _DEEPEST:
                        raise BadInput(f"{part.name} nests its values more than {_DEEPEST} deep, which no bitext does.")
                elif event in ("end_map", "end_array"):
                    depth -= 1
        except BadInput:
            raise
        except (ijson.JSONError, ValueError, UnicodeError):
            return  # what comes before is read, and this told where it is met


def _is_side(name: str) -> bool:
    return name.casefold() in SOURCE or name.casefold() in TARGET or language_in(name) is not None


def _are_texts(names: list[str]) -> bool:
    """Whether keys are themselves sentences, not the names of texts."""
    return sum(" " in name for name in names) > len(names) / 2


def _records(part: Part, encoding: str, shape: Shape) -> Records:
    import ijson

    number = 0
    if shape.kind == "values":
        for number, (key, value) in enumerate(_entries(part, encoding, shape.prefix), start=1):
            yield number, _sound(value) if key is not None else str(value)
        return
    prefix = f"{shape.prefix}.item" if shape.prefix else "item"
    with part.open() as stream:
        try:
            for number, value in enumerate(ijson.items(_Recoded(stream, encoding), prefix), start=1):
                yield number, _sound(value)
        except CutShort:
            yield number + 1, "the compressed data is damaged or ends here; nothing after it could be read"
        except (ijson.JSONError, ValueError, UnicodeError, RecursionError):
            yield number + 1, "from here on it is not JSON; nothing after it could be read"


def _entries(part: Part, encoding: str, prefix: str) -> Iterator[tuple[str | None, Any]]:
    """(key, value) of a map; (None, what is wrong) where it breaks off."""
    import ijson

    with part.open() as stream:
        try:
            yield from ijson.kvitems(_Recoded(stream, encoding), prefix)
        except CutShort:
            yield None, "the compressed data is damaged or ends here; nothing after it could be read"
        except (ijson.JSONError, ValueError, UnicodeError, RecursionError):
            yield None, "from here on it is not JSON; nothing after it could be read"


def _sound(record: Any) -> Any:
    return record if isinstance(record, dict | list) else "it is JSON, but not an object"


def _aligned(part: Part, encoding: str, shape: Shape, source: str, target: str) -> Iterator[Found]:
    """The texts under one key in two maps, or at one place in two lists."""
    sides: dict[str, dict[str, str]] = {}
    problem = ""
    for key, value in _entries(part, encoding, shape.prefix):
        if key is None:
            problem = str(value)
        elif key in (source, target):
            texts = sides.setdefault(key, {})
            for name, text in _flat(value):
                texts[name] = trimmed(text)
                if len(texts) > MAX_PAIRS:
                    raise too_many_pairs(part.name)
    left, right = sides.get(source, {}), sides.get(target, {})
    number = 0
    for number, name in enumerate(dict.fromkeys([*left, *right]), start=1):
        if name in left and name in right and (reason := flaw(left[name]) or flaw(right[name])):
            yield Unreadable(number, reason)
        elif name in left and name in right:
            yield Pair(number, left[name], right[name])
        else:
            yield Unreadable(number, f"{name[:60]!r} has no text in {(target if name in left else source)[:40]!r}")
    if problem:
        yield Unreadable(number + 1, problem)


def _flat(value: Any, inside: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield inside, value
    elif depth < 20 and isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value, start=1):
            yield from _flat(one, f"{inside}.{key}" if inside else str(key), depth + 1)


class _Recoded:
    """A text in any encoding as the UTF-8 that ijson reads. A byte that cannot be decoded becomes a mark, and so does
    half of a character that is spelt by itself (`"\\ud800"`), which ijson would make a question mark."""

    def __init__(self, stream: Any, encoding: str) -> None:
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
        self._text = io.TextIOWrapper(stream, encoding=codec, errors=damaged_as_marks())
        self._held = ""

    def read(self, size: int = -1) -> bytes:
        """Some of the text; more than `size` bytes where characters take several, and b"" at its end."""
        if size == 0:
            return b""
        text = self._held + self._text.read(size if 0 < size <= MAX_LINE else 1 << 16)
        if len(text) > len(self._held) and (at := text.find("\\", max(0, len(text) - 12))) >= 0:
            at -= 6 if at >= 6 and _FIRST_HALF.match(text, at - 6) else 0
            while at and text[at - 1] == "\\":
                at -= 1
            if at == 0 and len(text) < MAX_LINE:  # nothing but an escape so far
                self._held = text
                return self.read(size)
            text, self._held = text[:at], text[at:]
        else:
            self._held = ""
        return (
            _ESCAPE.sub(_paired, text).encode("utf-8", "replace") if "\\" in text else text.encode("utf-8", "replace")
        )


def _paired(found: re.Match[str]) -> str:
    """An escape as it is, or, for one half of a character alone, the escape of a mark."""
    return "\\ufdd0" if found[1] else found[0]
