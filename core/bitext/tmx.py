"""TMX 1.4: translation units with a segment a language; codes inside a segment (bpt, ept, ph, it, ut) are left out.

Tools write one language in several spellings and variants (en-US, EN, en_GB). They are one column unless units have
segments in several of them: then, and in any case beside it, each variant is a column of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from core.bitext.inline import what_is_left
from core.bitext.names import base_language, plain_tag
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Remark, Unreadable
from core.bitext.xml_events import Attributes, Gathered, Handler, events, remarks, xml_text
from core.errors import BadInput

SEVERAL = "A unit has several segments in one language; the first was read."
_CODES = frozenset({"bpt", "ept", "ph", "it", "ut", "sub"})
_SAMPLE = 2000
_LANGUAGES = 200


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The languages of the first units. Raises `BadInput` if there are less than two."""
    handler = _Units(None)
    found = list(islice(events(parts[0], encoding, handler), _SAMPLE))
    names = _column_names(handler)
    if len(names) < 2:
        broken = next((f" Line {one.line}: {one.reason}." for one in found if isinstance(one, Unreadable)), "")
        raise BadInput(f"{parts[0].name} holds no translation unit in two languages.{broken}")
    leads = handler.leading()
    exact = [name for name in names if _of(leads, name)]
    near = [name for name in names if base_language(name) == base_language(leads)]
    return [Column(name, plain_tag(name), leads=name in (exact or near)[:1]) for name in names]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The first segments of two languages, a unit at a time; `line` is where the unit begins."""
    yield from events(parts[0], encoding, _Units((source, target)))


def sample(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """`pairs` to look at single languages: a segment that a unit does not have is empty."""
    yield from events(parts[0], encoding, _Units((source, target), lenient=True))


def _of(spelling: str, name: str) -> bool:
    """Whether a language as a file spells it belongs to a column: the same variant, or a variant of its language."""
    tag = plain_tag(spelling) or spelling
    return spelling == name or tag.lower() == name or ("-" not in name and base_language(tag) == name)


def _column_names(handler: _Units) -> list[str]:
    """Columns in the order in which the file brings languages; a language before those of its variants."""
    by_language: dict[str, list[str]] = {}
    for spelling in handler.spellings:
        variant = (plain_tag(spelling) or spelling).lower()
        variants = by_language.setdefault(base_language(variant), [])
        if variant not in variants:
            variants.append(variant)
    names: list[str] = []
    for language, variants in by_language.items():
        together = sum(n for those, n in handler.together.items() if len(those & set(variants)) > 1)
        if len(variants) > 1 and together * 20 <= handler.units_read:
            names.append(language)
        names += [variant for variant in variants if variant not in names]
    return names


class _Units(Handler):
    units = frozenset(("tu",))

    def __init__(self, wanted: tuple[str, str] | None, lenient: bool = False) -> None:
        super().__init__()
        self._wanted, self._lenient = wanted, lenient
        self.spellings: Counter[str] = Counter()
        self.together: Counter[frozenset[str]] = Counter()
        self.units_read = 0
        self._led: Counter[str] = Counter()
        self._declared = ""
        self._belongs: dict[str, int] = {}
        self._forget()

    def _forget(self) -> None:
        self._segments: dict[str, Gathered] = {}
        self._language, self._unit, self._codes = "", 0, 0
        self._several = False
        self._inside: Gathered | None = None
        self._code: tuple[str, Attributes] = ("", {})
        self._content: list[str] = []

    def leading(self) -> str:
        """The language that the header, or most units, declare to be the source; "" for none."""
        led = self._led.most_common(1)
        return led[0][0] if led and 2 * led[0][1] > self.units_read else self._declared

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "tu":
            self._forget()
            self._unit = self.line
            if led := _spelt(attributes.get("srclang")):
                self._led[led] += 1
        elif name == "header":
            self._declared = _spelt(attributes.get("srclang"))
        elif name == "tuv":
            self._language = (
                (attributes.get("xml:lang") or attributes.get("lang") or "").strip().lower().replace("_", "-")
            )
        elif name == "seg" and self._language and self._unit:
            self._begin()
        elif name in _CODES:
            if not self._codes:
                self._code, self._content = (name, attributes), []
            self._codes += 1

    def _begin(self) -> None:
        key = self._language
        if self._wanted is not None:
            place = self._belongs.get(key)
            if place is None:
                exact = [i for i, name in enumerate(self._wanted) if key == name]
                near = [i for i, name in enumerate(self._wanted) if _of(key, name)]
                place = self._belongs[key] = (exact or near or [-1])[0] if len(self._belongs) < _LANGUAGES else -1
            if place < 0:
                return
            key = self._wanted[place]
        if key in self._segments:
            self._several = True
        else:
            self._inside = self._segments[key] = Gathered()

    def text(self, data: str) -> None:
        if self._inside is None:
            return
        if self._codes:
            if len(self._content) < 20:
                self._content.append(data[:200])
        else:
            self._inside.add(data)

    def end(self, name: str) -> None:
        if name == "seg":
            self._inside = None
        elif name in _CODES:
            self._codes -= 1
            if not self._codes and self._inside is not None:
                self._inside.code(what_is_left(*self._code, "".join(self._content)))
        elif name == "tu" and self._unit:
            self._finish()
            self._forget()

    def lost(self) -> int:
        line = self._unit
        self._forget()
        return line

    def _finish(self) -> None:
        self.units_read += 1
        if self._wanted is None:
            variants = []
            for spelling in self._segments:
                if spelling in self.spellings or len(self.spellings) < _LANGUAGES:
                    self.spellings[spelling] += 1
                    variants.append((plain_tag(spelling) or spelling).lower())
            self.together[frozenset(variants)] += 1
            self.found.append(Pair(self._unit, "", ""))
            return
        sides = []
        for language in self._wanted:
            side = self._segments.get(language) or (Gathered() if self._lenient else None)
            flaw = f"the unit has no segment in {language[:20]!r}" if side is None else side.flaw
            if side is None or flaw:
                self.found.append(Unreadable(self._unit, flaw))
                return
            sides.append(side)
        self.found.append(Pair(self._unit, sides[0].value, sides[1].value))
        self.found += remarks(self._unit, *sides)
        if self._several:
            self.found.append(Remark(self._unit, SEVERAL))


def _spelt(declared: str | None) -> str:
    cleaned = (declared or "").strip().lower().replace("_", "-")
    return "" if cleaned == "*all*" else cleaned


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
