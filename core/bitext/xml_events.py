"""XML as a stream of events, from expat: constant memory, line numbers, and no entity is ever expanded.

A document that declares an entity is refused where it does (billion laughs); external entities and DTDs are never
fetched, since expat is given nothing to fetch them with.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from core.bitext.limits import MAX_LINE
from core.bitext.opening import CutShort, Part
from core.bitext.records import Column, Pair, Unreadable
from core.errors import BadInput

Attributes = dict[str, str]


class Handler:
    """What a format does with its elements: override the three methods, and put what is found into `found`."""

    def __init__(self) -> None:
        self.found: list[Pair | Unreadable] = []
        self.columns: dict[str, Column] = {}
        self.line = 1

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins; `name` is without its namespace's prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """A piece of text."""


class Gathered:
    """The text of one segment, in pieces, at most `MAX_LINE` characters of it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0

    def add(self, data: str) -> None:
        self._size += len(data)
        if self._size <= MAX_LINE:
            self._pieces.append(data)

    @property
    def too_long(self) -> bool:
        return self._size > MAX_LINE

    @property
    def value(self) -> str:
        return " ".join("".join(self._pieces).split())


def events(part: Part, handler: Handler) -> Iterator[Pair | Unreadable]:
    """Feed a part to `handler` and yield what it finds, as it does.

    Broken XML gives what came before, then an `Unreadable`. Raises `BadInput` for a declared entity.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def start(name: str, attributes: Attributes) -> None:
        handler.line = parser.CurrentLineNumber
        handler.start(name.rpartition(":")[2], attributes)

    def entity(name: str, *_: object) -> None:
        raise BadInput(
            f"{part.name}, line {parser.CurrentLineNumber}: it declares the entity {name[:40]!r}, which may be an "
            "attack and is never needed in a bitext; write the text out."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    parser.EntityDeclHandler = entity
    with part.open() as stream:
        while True:
            try:
                chunk = stream.read(1 << 16)
                parser.Parse(chunk, not chunk)
            except CutShort:
                yield from _taken(handler)
                yield Unreadable(
                    parser.CurrentLineNumber, "the compressed data is damaged or ends here; nothing after it was read"
                )
                return
            except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
                yield from _taken(handler)
                code = getattr(error, "code", None)
                why = expat.ErrorString(code) if code else "its encoding is not known"
                line = getattr(error, "lineno", parser.CurrentLineNumber)
                yield Unreadable(line, f"the XML is broken here ({why}); nothing after it could be read")
                return
            yield from _taken(handler)
            if not chunk:
                return


def _taken(handler: Handler) -> list[Pair | Unreadable]:
    taken, handler.found = handler.found, []
    return taken


#: Characters that XML 1.0 has no way to write.
_FORBIDDEN = {code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}


def xml_text(text: str) -> str:
    """Text as XML: escaped, without the characters that XML cannot hold."""
    cleaned = text.translate(_FORBIDDEN)
    return cleaned.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
