"""XLIFF 1.2 and 2.x, and what translation tools make of 1.2 (SDLXLIFF, mqxliff, mxliff).

A unit that is cut into segments (`mrk` of 1.2, `segment` of 2.x) is a pair for each of them. Codes inside a text are
left out, the text that they mark is kept; what a tool marks as deleted, and the matches it keeps beside a unit, are no
text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from core.bitext.inline import what_is_left
from core.bitext.names import base_language, plain_tag
from core.bitext.opening import Part
from core.bitext.records import FUZZY, LOCKED, UNAPPROVED, Column, Found, Pair, Unreadable
from core.bitext.xml_events import Attributes, Gathered, Handler, events, remarks, xml_text
from core.errors import BadInput

_CODES = frozenset(("bpt", "ept", "ph", "it", "x", "bx", "ex", "sc", "ec", "cp"))
_SPANS = frozenset(("g", "pc"))
_ASIDE = frozenset(("alt-trans", "matches", "originalData", "notes", "note", "ignorable", "internal-file", "glossary"))
_LANGUAGES = (("source", ("source-language", "srcLang")), ("target", ("target-language", "trgLang")))
_DELETED = re.compile(r"(?:^|[-:_])(?:deleted?|del|removed?)$", re.IGNORECASE)
#: What tools say of a target that is no finished translation, and of one that nobody has approved yet.
_UNFINISHED = frozenset(("new", "needs-translation", "needs-adaptation", "needs-l10n", "initial", "rejected",
                         "rejectedtranslation", "rejectedsignoff"))  # fmt: skip
_UNREVIEWED = re.compile(r"needs-review.*|draft|notstarted|partiallyedited")


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """`source` and `target` with the languages that the file declares. Raises `BadInput` for XML without a unit."""
    handler = _Units()
    found = list(islice(events(parts[0], encoding, handler), 20))
    if not any(isinstance(one, Pair) for one in found):
        broken = next((f" Line {one.line}: {one.reason}." for one in found if isinstance(one, Unreadable)), "")
        raise BadInput(f"{parts[0].name} holds no unit with a source and a target.{broken}")
    return [Column(side, handler.declared.get(side)) for side in ("source", "target")]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """A pair for each unit (1.2) or segment; without a target its other side is empty."""
    for found in events(parts[0], encoding, _Units()):
        swap = isinstance(found, Pair) and source == "target"
        yield Pair(found.line, found[2], found[1], found[3]) if swap else found  # type: ignore[misc]


class _Side:
    """A source or a target: its whole text, and its segments by their names."""

    def __init__(self) -> None:
        self.whole = Gathered()
        self.segments: dict[str, Gathered] = {}


class _Units(Handler):
    units = frozenset(("trans-unit", "unit"))

    def __init__(self) -> None:
        super().__init__()
        self.declared: dict[str, str | None] = {}
        self._foreign = ""
        self._translate: list[bool] = [True]
        self._forget()

    def _forget(self) -> None:
        self._unit = self._segment = 0
        self._data: dict[str, str] = {}
        self._datum = ""
        self._approved: set[str] = set()
        self._aside = 0
        self._defined: dict[str, set[str]] = {}
        self._begin_sides()

    def _begin_sides(self) -> None:
        self._sides: dict[str, _Side] = {}
        self._states: set[str] = set()
        self._inside: _Side | None = None
        self._mark: Gathered | None = None
        self._marks: list[str] = []
        self._codes = self._deleted = 0
        self._code: tuple[str, Attributes] = ("", {})
        self._content: list[str] = []
        self._spans: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("file", "xliff"):
            self._declare(attributes)
        if name in ("file", "group", "unit", "trans-unit"):
            self._translate.append(attributes.get("translate", "yes" if self._translate[-1] else "no") != "no")
        if name in ("trans-unit", "unit"):
            self._forget()
            self._unit = self.line
            self._approved = _states_of(attributes)
        elif not self._unit:
            return
        if name == "segment":
            self._begin_sides()
            self._segment = self.line
            self._states = _states_of(attributes)
        elif name in _ASIDE:
            self._aside += 1
        elif name == "data":
            self._datum = attributes.get("id", "")
        elif name == "seg":  # SDLXLIFF tells of its segments after the texts
            self._defined[attributes.get("id", "")] = _states_of(attributes)
        elif name in ("source", "target", "seg-source") and not self._aside and name not in self._sides:
            self._inside = self._sides[name] = _Side()
            if name == "target":
                self._states |= _states_of(attributes)
        elif self._inside is not None:
            self._inline(name, attributes)

    def _inline(self, name: str, attributes: Attributes) -> None:
        if name == "mrk":
            kind = attributes.get("mtype") or attributes.get("type") or ""
            if kind == "seg" and self._inside is not None and self._mark is None:
                segments = self._inside.segments
                self._mark = segments.setdefault(attributes.get("mid") or str(len(segments)), Gathered())
                self._marks.append("seg")
            else:
                self._marks.append("deleted" if _DELETED.search(kind) else "")
                self._deleted += self._marks[-1] == "deleted"
        elif name in _CODES:
            if not self._codes:
                self._code, self._content = (name, attributes), []
            self._codes += 1
        elif name in _SPANS:
            self._spans.append(what_is_left(name, attributes, self._original(attributes)))
            self._leave(self._spans[-1])

    def _original(self, attributes: Attributes) -> str:
        """What a code was before it was taken out, as XLIFF 2 keeps it beside the segments."""
        references = (attributes.get(key) for key in ("dataRef", "dataRefStart", "dataRefEnd"))
        return "".join(self._data.get(reference, "") for reference in references if reference)

    def _leave(self, left: str) -> None:
        if self._inside is not None and not self._deleted:
            self._inside.whole.code(left)
            if self._mark is not None:
                self._mark.code(left)

    def text(self, data: str) -> None:
        if self._datum and len(self._data) < 1000:
            self._data[self._datum] = (self._data.get(self._datum, "") + data)[:200]
        elif self._codes:
            if len(self._content) < 20:
                self._content.append(data[:200])
        elif self._inside is not None and not self._aside and not self._deleted:
            self._inside.whole.add(data)
            if self._mark is not None:
                self._mark.add(data)

    def end(self, name: str) -> None:
        if name in ("file", "group", "unit", "trans-unit") and len(self._translate) > 1:
            if name in ("unit", "trans-unit") and self._unit:
                if name == "trans-unit":
                    self._finish(self._unit)
                self._forget()
            self._translate.pop()
        elif not self._unit:
            return
        elif name in _ASIDE:
            self._aside -= 1
        elif name == "data":
            self._datum = ""
        elif name in _CODES and self._codes:
            self._codes -= 1
            if not self._codes:
                code, attributes = self._code
                self._leave(what_is_left(code, attributes, "".join(self._content) + self._original(attributes)))
        elif name in _SPANS and self._spans:
            self._leave(self._spans.pop())
        elif name == "mrk" and self._marks:
            kind = self._marks.pop()
            self._deleted -= kind == "deleted"
            if kind == "seg":
                self._mark = None
        elif name in ("source", "target", "seg-source") and not self._aside:
            self._inside = None
        elif name == "segment":
            self._finish(self._segment)
            self._begin_sides()

    def lost(self) -> int:
        line = self._unit
        if line and len(self._translate) > 1:
            self._translate.pop()
        self._forget()
        return line

    def _declare(self, attributes: Attributes) -> None:
        self._foreign = ""
        for side, keys in _LANGUAGES:
            declared = plain_tag(next((attributes[key] for key in keys if key in attributes), None))
            if declared:
                first = self.declared.setdefault(side, declared) or declared
                if base_language(first) != base_language(declared):
                    self._foreign = f"its {side} is in {declared}, that of the first units in {first}"

    def _finish(self, line: int) -> None:
        source, target = self._sides.get("source"), self._sides.get("target")
        if self._foreign:
            self.found.append(Unreadable(line, self._foreign))
        elif source is None:
            self.found.append(Unreadable(line, "the unit has no source"))
        elif (cut := self._sides.get("seg-source")) and cut.segments and (target is None or self._fits(target)):
            translated = target.segments if target else {}
            for mid, segment in cut.segments.items():
                self._add(line, segment, translated.get(mid), self._defined.get(mid, set()))
            for mid in translated.keys() - cut.segments.keys():
                self.found.append(Unreadable(line, f"its segment {mid[:20]!r} stands in the target alone"))
        else:
            self._add(line, source.whole, target.whole if target else None, set().union(*self._defined.values()))

    @staticmethod
    def _fits(target: _Side) -> bool:
        """Whether a target is cut as its source is, or is empty."""
        return bool(target.segments) or not target.whole.value

    def _add(self, line: int, source: Gathered, target: Gathered | None, states: set[str]) -> None:
        flaw = source.flaw or (target.flaw if target else "")
        if flaw:
            self.found.append(Unreadable(line, flaw))
            return
        states = states | self._states | self._approved | ({LOCKED} if not self._translate[-1] else set())
        self.found.append(Pair(line, source.value, target.value if target else "", tuple(sorted(states))))
        self.found += remarks(line, source, *([target] if target else []))


def _states_of(attributes: Attributes) -> set[str]:
    """What the attributes of a unit, a target, a segment say of how far its translation is."""
    states = set()
    for key, value in attributes.items():
        name, said = key.rpartition(":")[2], value.strip().lower()
        if name in ("state", "conf", "status"):
            if said in _UNFINISHED:
                states.add(FUZZY)
            elif _UNREVIEWED.fullmatch(said):
                states.add(UNAPPROVED)
        elif name == "state-qualifier" and said == "fuzzy-match":
            states.add(FUZZY)
        elif name == "approved" and said == "no" or name == "confirmed" and said in ("0", "false"):
            states.add(UNAPPROVED)
    return states


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
