"""XML as bounded pieces of UTF-8, whatever it is encoded in, with what XML forbids replaced by marks.

Tools write TMX and XLIFF with bare ampersands, HTML's entities and characters that XML does not have. Each would end a
strict parser's work for the whole rest of the file; as a mark it costs nothing, or its own unit.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.entities import html5

from core.bitext.encodings import encoding_of
from core.bitext.lines import DAMAGE, damaged_as_marks
from core.bitext.opening import Part

#: Marks, none of them a character that a text may have: for "&" and "<" that are meant as text, and for what is
#: forbidden.
AMPERSAND, LESS, FORBIDDEN = "\ufdd1", "\ufdd2", "\ufdd3"
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_UNSOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SUSPECT = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|(\d{1,9}));|&(?!(?:amp|lt|gt|quot|apos);)|<(?![^\W\d]|[:/!?])")
_ENTITY = re.compile(f"{AMPERSAND}(\\w{{1,31}};)")
_MARKS = re.compile(f"[{AMPERSAND}{LESS}{FORBIDDEN}{DAMAGE}]")
_PIECE = 1 << 16
#: Marks of tabs and line ends that are written as character references: they are text, others only lay the file out.
_WRITTEN_OUT = {9: "\ufdd4", 10: "\ufdd5", 13: "\ufdd6"}
_SPACES = {ord(mark): chr(code) for code, mark in _WRITTEN_OUT.items()}


def encoding(part: Part) -> str:
    """The codec of an XML file: its byte order mark, UTF-8 if it is, else what it declares, else a guess.

    A declaration is not believed against the bytes: files that declare UTF-16 and are UTF-8 are read as UTF-8.
    """
    declared = _DECLARED.match(part.head(1 << 10))
    return encoding_of(part, declared[1].decode("ascii", "replace") if declared else "")


def pieces(part: Part, encoding: str) -> Iterator[bytes]:
    """The file as UTF-8, some tens of KB at a time, marked. Raises `CutShort` and `BadInput` as the part's stream
    does."""
    decoder = codecs.getincrementaldecoder(encoding)(errors=damaged_as_marks())
    held, first = "", True
    with part.open() as stream:
        while True:
            chunk = stream.read1(_PIECE)
            try:
                text = held + decoder.decode(chunk, final=not chunk)
            except UnicodeError:  # UTF-16 without the mark it was said to have
                text = held + DAMAGE
                decoder = codecs.getincrementaldecoder("latin_1")()
            if first and text:
                text, first = text.removeprefix("\ufeff").lstrip() if text.strip() else text, False
            held = ""
            if chunk:
                at = max(text.rfind("&", -40), len(text) - 1 if text.endswith("<") else -1)
                if at >= 0:
                    text, held = text[:at], text[at:]
            yield _SUSPECT.sub(_marked, _UNSOUND.sub(FORBIDDEN, text)).encode("utf-8", "replace")
            if not chunk:
                return


def _marked(found: re.Match[str]) -> str:
    if found[0] == "<":
        return LESS
    if found[0] == "&":
        return AMPERSAND
    code = int(found[1], 16) if found[1] else int(found[2])
    if code in _WRITTEN_OUT:
        return _WRITTEN_OUT[code]
    if code > 0x10FFFF or _UNSOUND.match(chr(code)):
        return FORBIDDEN
    return found[0]


def restored(text: str) -> tuple[str, bool]:
    """A text without marks for "&" and "<", HTML's entities written out, and whether there were any."""
    if text.isascii() or not _MARKS.search(text):
        return text, False
    text = _ENTITY.sub(lambda found: html5.get(found[1], f"&{found[1]}"), text)
    return text.replace(AMPERSAND, "&").replace(LESS, "<"), True


def with_line_ends(text: str) -> str:
    """A text whose layout is gone, with the tabs and line ends that were written as character references."""
    return text if text.isascii() else text.translate(_SPACES)


def xml_flaw(text: str) -> str:
    """What makes a text unreadable, in words that end a sentence; "" for a sound one."""
    if text.isascii():
        return ""
    if FORBIDDEN in text:
        return "it holds a character that XML forbids"
    return "it holds a byte that is not in the encoding of the file" if DAMAGE in text else ""
