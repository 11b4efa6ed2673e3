"""TMX 1.4: translation units with a segment a language; codes inside a segment (bpt, ept, ph, it, ut) are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from core.bitext.names import plain_tag
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.bitext.xml_events import Attributes, Gathered, Handler, events, xml_text
from core.errors import BadInput

_CODES = frozenset({"bpt", "ept", "ph", "it", "ut", "sub"})
_SAMPLE = 500


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The languages of the first units. Raises `BadInput` if there are less than two."""
    handler = _Units(None)
    found = list(islice(events(parts[0], handler), _SAMPLE))
    if len(handler.columns) < 2:
        broken = next((f" Line {one.line}: {one.reason}." for one in found if isinstance(one, Unreadable)), "")
        raise BadInput(f"{parts[0].name} holds no translation unit in two languages.{broken}")
    return list(handler.columns.values())


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Pair | Unreadable]:
    """The first segments of two languages, a unit at a time; `line` is where the unit begins."""
    yield from events(parts[0], _Units((source, target)))


class _Units(Handler):
    def __init__(self, wanted: tuple[str, str] | None) -> None:
        super().__init__()
        self._wanted = wanted
        self._segments: dict[str, Gathered] = {}
        self._language = ""
        self._unit = 0
        self._inside: Gathered | None = None
        self._codes = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "tu":
            self._segments, self._unit = {}, self.line
        elif name == "tuv":
            self._language = (attributes.get("xml:lang") or attributes.get("lang") or "").strip().lower()
        elif name == "seg" and self._language and self._language not in self._segments:
            self._inside = self._segments[self._language] = Gathered()
            if self._wanted is None and len(self.columns) < 200:
                self.columns.setdefault(self._language, Column(self._language, plain_tag(self._language)))
        elif name in _CODES:
            self._codes += 1

    def text(self, data: str) -> None:
        if self._inside is not None and not self._codes:
            self._inside.add(data)

    def end(self, name: str) -> None:
        if name == "seg":
            self._inside = None
        elif name in _CODES:
            self._codes -= 1
        elif name == "tu":
            self.found.append(self._pair())

    def _pair(self) -> Pair | Unreadable:
        if self._wanted is None:
            return Pair(self._unit, "", "")
        sides = [self._segments.get(language) for language in self._wanted]
        for language, side in zip(self._wanted, sides, strict=True):
            if side is None:
                return Unreadable(self._unit, f"the unit has no segment in {language[:20]!r}")
            if side.too_long:
                return Unreadable(self._unit, "a segment is longer than 1 MB")
        left, right = (side.value if side else "" for side in sides)
        return Pair(self._unit, left, right)


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """TMX 1.4, plain text segments."""
    a, b = (xml_text(language) for language in _different(languages))
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n<header creationtool="Isogloss" '
        'creationtoolversion="1" segtype="sentence" o-tmf="plain" adminlang="en" '
        f'srclang="{a}" datatype="plaintext"/>\n<body>\n'.encode()
    )
    for left, right in pairs:
        out.write(
            f'<tu><tuv xml:lang="{a}"><seg>{xml_text(left)}</seg></tuv>'
            f'<tuv xml:lang="{b}"><seg>{xml_text(right)}</seg></tuv></tu>\n'.encode()
        )
    out.write(b"</body>\n</tmx>\n")


def _different(languages: tuple[str, str]) -> tuple[str, str]:
    """Two tags that differ, for a format that tells the sides apart by them alone."""
    return languages if languages[0] != languages[1] else (languages[0], f"{languages[1]}-x-target")
