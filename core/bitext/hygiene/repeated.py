"""What only the pairs before tell: a pair that differs in punctuation alone, and a target under many sources."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Hashable

#: Punctuation and symbols of the scripts that bitext comes in; marks, which vowels of many are, belong to words.
_SIGN = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u055a-\u055f\u0589\u05be\u05f3\u05f4\u060c"
    r"\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e2f\u0e5a\u0e5b\u104a\u104b\u1361-\u1368\u17d4-\u17da\u200b-\u2027"
    r"\u2030-\u206f\u2190-\u2bff\u2e00-\u2e5d\u3001-\u3003\u3008-\u301f\u30fb\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_SIGNS = re.compile(f"[{_SIGN}]+")
#: A sign between digits is part of a number.
_ASIDE = re.compile(rf"(?<!\d)[{_SIGN}\s]+|[{_SIGN}\s]+(?!\d)")
_INSIDE_A_NUMBER = re.compile(rf"\d[{_SIGN}]+\d")
_ASCII_SIGNS = str.maketrans(dict.fromkeys(string.punctuation, " "))
#: Different sources that a target of `LENGTH` characters or more may have: translations differ, and one short answer
#: fits many questions, but a long sentence is hardly the translation of an eleventh.
SOURCES, LENGTH = 10, 20


class Bare:
    """Both sides of a pair without punctuation, capitals and more than single spaces; worked out once for all tests."""

    def __init__(self) -> None:
        self._pair = ("", "")
        self._sides = ("", "")

    def sides(self, source: str, target: str) -> tuple[str, str]:
        """The bare sides; the pair asked for last is remembered."""
        if self._pair[0] is not source or self._pair[1] is not target:
            self._pair, self._sides = (source, target), (_bare(source), _bare(target))
        return self._sides


def near_duplicates(bare: Bare) -> Callable[[str, str], bool]:
    """A test for pairs in order: whether letters and digits of both sides came before, whatever stood between them.

    A pair without letters beyond punctuation is none. Grows by a number a pair.
    """

    def both(source: str, target: str) -> tuple[str, str] | None:
        sides = bare.sides(source, target)
        return sides if sides[0] or sides[1] else None

    return _came_before(both)


def overused_targets(bare: Bare) -> Callable[[str, str], bool]:
    """A test for pairs in order: whether a target of `LENGTH` characters or more, punctuation aside, stands under its
    eleventh source or a later one. Grows by some numbers a pair."""
    sources: dict[int, int | tuple[int, ...]] = {}

    def test(source: str, target: str) -> bool:
        one, other = bare.sides(source, target)
        if len(other) < LENGTH:
            return False
        under, key = hash(other), hash(one)
        known = sources.get(under)
        if known is None:
            sources[under] = key
            return False
        several = known if isinstance(known, tuple) else (known,)
        if key in several:
            return False
        if len(several) == SOURCES:
            return True
        sources[under] = (*several, key)
        return False

    return test


def repeated_targets(bare: Bare) -> Callable[[str, str], bool]:
    """A test for pairs in order: whether a target of `LENGTH` characters or more came before, under whatever source."""

    def long_target(source: str, target: str) -> str | None:
        other = bare.sides(source, target)[1]
        return other if len(other) >= LENGTH else None

    return _came_before(long_target)


def _came_before(key: Callable[[str, str], Hashable | None]) -> Callable[[str, str], bool]:
    """A test for pairs in order: whether `key` gave the same before; None is not compared."""
    seen: set[int] = set()

    def test(source: str, target: str) -> bool:
        compared = key(source, target)
        if compared is None:
            return False
        hashed = hash(compared)
        if hashed in seen:
            return True
        seen.add(hashed)
        return False

    return test


def _bare(text: str) -> str:
    text = text.casefold()
    if _INSIDE_A_NUMBER.search(text):
        return " ".join(_ASIDE.sub(" ", text).split())
    plain = text.translate(_ASCII_SIGNS) if text.isascii() else _SIGNS.sub(" ", text)
    return " ".join(plain.split())
