"""Text that went through a wrong decoding, and characters that no text has."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

#: What no mojibake is without: a lead byte of UTF-8 read as Latin-1, Windows-125x, Mac Roman or DOS, and a following
#: byte read so beside it (or the space that such a one became).
_NEXT = (
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122\u0102-\u0105\u0141"
    "\u0142\u015e\u015f\u0164\u0165\u02c7\u02d8-\u02dd"
)
_LEADS = "\u00c2-\u00f4\u0102\u0103\u0110\u0111\u0139\u017b", "\u0420\u0421", "\u221a\u251c\u252c\u2554-\u256c\u0393"
_LEAD = re.compile(f"[{''.join(_LEADS)}]")
_CYRILLIC_NEXT = "\u0402-\u040f\u0452-\u045f\u0490\u0491\u2116"
_BOTH = re.compile(f"[{_LEADS[0]}][{_NEXT} ]|[{_LEADS[1]}][{_NEXT}{_CYRILLIC_NEXT}]|[{_LEADS[2]}][^\x00-\x7f]")
#: C0 without tab and line ends, DEL, C1, the replacement character, noncharacters, lone surrogates. Joiners, marks of
#: direction, soft hyphens and every kind of space are text and pass.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_READ = 1000


def is_mojibake(text: str) -> bool:
    """Whether ftfy [1] finds text decoded with the wrong charset, and knows what it was.

    [1] Speer 2019, ftfy, doi.org/10.5281/zenodo.2591652. Its heuristic asks for sequences that no language has.

    >>> is_mojibake("Die Bibliothek schlieÃŸt frÃ¼h."), is_mojibake("Die Bibliothek schließt früh.")
    (True, False)
    """
    text = text[:_READ].replace("\x85", " ")  # the end of a line on other systems
    if text.isascii() or not _LEAD.search(text) or not _BOTH.search(text):
        return False
    is_bad, fix = _ftfy()
    return is_bad(text) and fix(text) != text


def has_controls(text: str) -> bool:
    """Whether a character stands in it that no text has.

    >>> has_controls("Open the \\bdoor"), has_controls("Donau\\u00addampf\\u200bschiff"), has_controls("12\\u202f000")
    (True, False, False)
    """
    return _CONTROL.search(text) is not None


@lru_cache(maxsize=1)
def _ftfy() -> tuple[Callable[[str], bool], Callable[[str], str]]:
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    return is_bad, fix_encoding
