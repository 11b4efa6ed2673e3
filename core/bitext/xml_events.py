"""XML as a stream of events, from expat: constant memory, line numbers, and no entity is ever expanded.

A document that declares an entity is refused where it does (billion laughs); external entities and DTDs are never
fetched, since expat is given nothing to fetch them with. Where the XML is broken, reading goes on at the next unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from core.bitext.inline import joined
from core.bitext.limits import MAX_LINE
from core.bitext.opening import CutShort, Part
from core.bitext.records import Column, Found, Remark, Unreadable, on_one_line, trimmed
from core.bitext.xml_pieces import pieces, restored, with_line_ends, xml_flaw
from core.errors import BadInput

Attributes = dict[str, str]
MENDED = "A bare & or <, or an entity of HTML, was read as the character it is meant for; XML forbids it."
#: Times that reading goes on after broken XML.
_RESUMED = 2000


class Handler:
    """What a format does with its elements: override the methods, and put what is found into `found`.

    `units` are the elements at which reading can go on after broken XML.
    """

    units: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.columns: dict[str, Column] = {}
        self.line = 1

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins; `name` is without its namespace's prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """A piece of text."""

    def lost(self) -> int:
        """Forget the unit that was being read, as its XML is broken; returns its line, 0 if there was none."""
        return 0


class Gathered:
    """The text of one segment, in pieces, at most `MAX_LINE` characters of it; codes between them leave what they stood
    for."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self._left = ""
        self.mended = False

    def add(self, data: str) -> None:
        self._size += len(data)
        if self._size <= MAX_LINE and data:
            if self._left:
                between = joined(self._pieces[-1] if self._pieces else "", data, self._left)
                self._left = ""
                data = between + data
            self._pieces.append(data)

    def code(self, left: str) -> None:
        """A code stood here and leaves what `inline.what_is_left` says."""
        self._left = self._left if self._left == "break" else left or self._left

    @property
    def too_long(self) -> bool:
        return self._size > MAX_LINE

    @property
    def value(self) -> str:
        text, self.mended = restored("".join(self._pieces))
        return trimmed(with_line_ends(on_one_line(text)))

    @property
    def flaw(self) -> str:
        """Why the text cannot be read, in words that end a sentence; "" if it can."""
        return (
            f"a text of it is longer than {MAX_LINE // 2**20} MB" if self.too_long else xml_flaw("".join(self._pieces))
        )


def events(part: Part, encoding: str, handler: Handler) -> Iterator[Found]:
    """Feed a part to `handler` and yield what it finds, as it does.

    Broken XML costs the unit that it is in, told by an `Unreadable`. Raises `BadInput` for a declared entity, and for a
    tag that is longer than any segment may be, before it takes time that grows with its square.
    """
    reader = _Reader(part, handler)
    try:
        for piece in pieces(part, encoding):
            reader.feed(piece)
            yield from _taken(handler)
        reader.finish()
    except CutShort:
        reader.tell("the compressed data is damaged or ends here; nothing after it was read")
    yield from _taken(handler)


class _Reader:
    """expat, and another one after each place where the XML is broken."""

    def __init__(self, part: Part, handler: Handler) -> None:
        self._part, self._handler = part, handler
        self._path: list[str] = []
        #: The elements around the last unit.
        self._around: list[str] = []
        self._before = 0  # line ends before what this parser reads
        self._read = 0  # line ends in what was fed so far
        self._fed = 0
        self._muted = False
        self._tail = b""
        self._resumed = 0
        self._problem = ""
        self._wanted = re.compile(
            rb"<(?:[\w.-]+:)?(?:" + b"|".join(sorted(x.encode() for x in handler.units)) + rb")[\s>]"
        )
        self._parser: expat.XMLParserType | None = self._new()

    def feed(self, piece: bytes) -> None:
        """Raises `BadInput`."""
        while piece:
            if self._parser is None:
                piece = self._resume(piece)
                continue
            parser = self._parser
            try:
                parser.Parse(piece, False)
            except (expat.ExpatError, ValueError) as error:
                at = max(0, parser.ErrorByteIndex - self._fed) if parser.ErrorByteIndex >= 0 else 0
                line = self._before + parser.ErrorLineNumber
                self._give_up(error, line)
                self._read += piece[: at + 1].count(b"\n")
                piece = piece[at + 1 :]
                continue
            self._fed += len(piece)
            self._read += piece.count(b"\n")
            if self._fed - parser.CurrentByteIndex > MAX_LINE + len(piece):
                raise BadInput(
                    f"{self._part.name}, line {self._line()}: a tag or a comment there is longer than "
                    f"{MAX_LINE // 2**20} MB, which no bitext needs; take it out."
                )
            return

    def finish(self) -> None:
        if self._parser is not None:
            try:
                self._parser.Parse(b"", True)
            except (expat.ExpatError, ValueError) as error:
                self._give_up(error, self._before + self._parser.ErrorLineNumber)
        if self._problem:
            self.tell(f"the XML is broken here ({self._problem}); nothing after it could be read", self._problem_line)

    def tell(self, reason: str, line: int = 0) -> None:
        self._handler.found.append(Unreadable(line or self._line(), reason))

    def _line(self) -> int:
        return self._before + (self._parser.CurrentLineNumber if self._parser else 1)

    def _new(self) -> expat.XMLParserType:
        # The name of the encoding given here counts, not the one that the document declares.
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._handler.text
        parser.EntityDeclHandler = self._entity
        self._fed = 0
        return parser

    def _start(self, full: str, attributes: Attributes) -> None:
        name = full.rpartition(":")[2]
        if name in self._handler.units and not self._muted:
            self._around = list(self._path)
        if len(self._path) < 1000:
            self._path.append(full)
        else:
            raise BadInput(f"{self._part.name} nests its elements more than 1,000 deep.")
        if not self._muted:
            self._handler.line = self._line()
            self._handler.start(name, attributes)

    def _end(self, full: str) -> None:
        self._path.pop()
        self._handler.end(full.rpartition(":")[2])

    def _entity(self, name: str, *_: object) -> None:
        raise BadInput(
            f"{self._part.name}, line {self._line()}: it declares the entity {name[:40]!r}, which may be an "
            "attack and is never needed in a bitext; write the text out."
        )

    def _give_up(self, error: Exception, line: int) -> None:
        """Nothing more comes from this parser: look for the next unit."""
        code = getattr(error, "code", None)
        self._problem = expat.ErrorString(code) if code else "it cannot be parsed"
        self._problem_line = self._handler.lost() or line
        self._parser, self._tail = None, b""
        for i, full in enumerate(self._path):
            if full.rpartition(":")[2] in self._handler.units:
                self._around = self._path[:i]
                break

    def _resume(self, piece: bytes) -> bytes:
        """What is left of a piece from its next unit on, with a parser that is inside the same elements as before."""
        joint = self._tail + piece
        found = self._wanted.search(joint) if self._around and self._resumed < _RESUMED else None
        if found is None:
            self._read += piece.count(b"\n")
            self._tail = joint[-64:]
            return b""
        at = found.start() - len(self._tail)
        self._read += piece[:at].count(b"\n") if at > 0 else 0
        self.tell(
            f"the XML is broken here ({self._problem}); what stood from here to the next unit is lost",
            self._problem_line,
        )
        self._problem = ""
        self._resumed += 1
        self._before = self._read
        self._path = []
        self._parser = self._new()
        opening = "".join(f"<{full}>" for full in self._around).encode()
        self._muted = True
        self._parser.Parse(opening, False)
        self._muted = False
        self._fed = len(opening)
        return joint[found.start() :]


def remarks(line: int, *sides: Gathered) -> list[Remark]:
    """What has to be said of texts that were read."""
    return [Remark(line, MENDED)] if any(side.mended for side in sides) else []


def _taken(handler: Handler) -> list[Found]:
    taken, handler.found = handler.found, []
    return taken


#: Tabs and line ends are written out, lest they be taken for layout; what XML 1.0 has no way to write is left out.
_WRITTEN_OUT = {9: "&#9;", 10: "&#10;", 13: "&#13;"}
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))
_WRITABLE: dict[int, str | None] = {**_FORBIDDEN, **_WRITTEN_OUT}


def xml_text(text: str) -> str:
    """Text as XML: escaped, without the characters that XML cannot hold."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped.translate(_WRITABLE)


def without_forbidden(text: str) -> str:
    """A text without the characters that XML 1.0 has no way to write."""
    return text if text.isprintable() else text.translate(_FORBIDDEN)
