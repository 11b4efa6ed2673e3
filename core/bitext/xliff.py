"""XLIFF 1.2 and 2.x: units with a source and a target; inline codes are left out, the text they mark is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from core.bitext.names import plain_tag
from core.bitext.opening import Part
from core.bitext.records import Column, Pair, Unreadable
from core.bitext.xml_events import Attributes, Gathered, Handler, events, xml_text
from core.errors import BadInput

_CODES = frozenset({"bpt", "ept", "ph", "it", "x", "bx", "ex"})
_ASIDE = frozenset({"alt-trans", "seg-source", "matches", "originalData", "notes", "note"})


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """`source` and `target` with the languages that the file declares. Raises `BadInput` for XML without a unit."""
    handler = _Units()
    found = list(islice(events(parts[0], handler), 20))
    if not any(isinstance(one, Pair) for one in found):
        broken = next((f" Line {one.line}: {one.reason}." for one in found if isinstance(one, Unreadable)), "")
        raise BadInput(f"{parts[0].name} holds no unit with a source and a target.{broken}")
    return [Column(side, handler.declared.get(side)) for side in ("source", "target")]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Pair | Unreadable]:
    """A pair for each trans-unit (1.2) or segment (2.x); without a target its other side is empty."""
    for found in events(parts[0], _Units()):
        swap = isinstance(found, Pair) and source == "target"
        yield Pair(found.line, found[2], found[1]) if swap else found  # type: ignore[misc]


class _Units(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.declared: dict[str, str | None] = {}
        self._unit = 0
        self._sides: dict[str, Gathered] = {}
        self._inside: Gathered | None = None
        self._codes = self._aside = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("file", "xliff"):
            for side, keys in (("source", ("source-language", "srcLang")), ("target", ("target-language", "trgLang"))):
                declared = next((attributes[key] for key in keys if key in attributes), None)
                if declared and side not in self.declared:
                    self.declared[side] = plain_tag(declared)
        elif name in ("trans-unit", "segment"):
            self._unit, self._sides = self.line, {}
        elif name in _ASIDE:
            self._aside += 1
        elif name in _CODES:
            self._codes += 1
        elif name in ("source", "target") and self._unit and not self._aside and name not in self._sides:
            self._inside = self._sides[name] = Gathered()

    def text(self, data: str) -> None:
        if self._inside is not None and not self._codes:
            self._inside.add(data)

    def end(self, name: str) -> None:
        if name in _ASIDE:
            self._aside -= 1
        elif name in _CODES:
            self._codes -= 1
        elif name in ("source", "target"):
            self._inside = None
        elif name in ("trans-unit", "segment") and self._unit:
            sides = self._sides.values()
            if any(side.too_long for side in sides):
                self.found.append(Unreadable(self._unit, "a text of the unit is longer than 1 MB"))
            elif "source" not in self._sides:
                self.found.append(Unreadable(self._unit, "the unit has no source"))
            else:
                target = self._sides.get("target")
                self.found.append(Pair(self._unit, self._sides["source"].value, target.value if target else ""))
            self._unit = 0


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """XLIFF 1.2, one file element, plain text."""
    a, b = (xml_text(language) for language in languages)
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
        f'<file original="bitext" datatype="plaintext" source-language="{a}" target-language="{b}">\n<body>\n'.encode()
    )
    for number, (left, right) in enumerate(pairs, start=1):
        out.write(
            f'<trans-unit id="{number}"><source>{xml_text(left)}</source>'
            f"<target>{xml_text(right)}</target></trans-unit>\n".encode()
        )
    out.write(b"</body>\n</file>\n</xliff>\n")
