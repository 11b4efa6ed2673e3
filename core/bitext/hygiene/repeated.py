"""What only the pairs before tell: a pair that differs in punctuation alone, and a target under many sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b

#: All but letters, marks and digits; a sign between digits is part of a number.
_ASIDE = re.compile(r"(?<!\d)[^\w]+|[^\w]+(?!\d)|_+")
#: Different sources that a target of `LETTERS` letters or more may have: translations differ, and one short answer
#: fits many questions, but a long sentence is hardly the translation of an eleventh.
SOURCES, LETTERS = 10, 20


def near_duplicates() -> Callable[[str, str], bool]:
    """A test for pairs in order: whether letters and digits of both sides came before, whatever stood between them.

    A pair without letters beyond punctuation is none. Grows by a number a pair.
    """
    seen: set[int] = set()

    def test(source: str, target: str) -> bool:
        loose = f"{_bare(source)}\n{_bare(target)}"
        if len(loose) < 3:
            return False
        key = _key(loose)
        if key in seen:
            return True
        seen.add(key)
        return False

    return test


def overused_targets() -> Callable[[str, str], bool]:
    """A test for pairs in order: whether a target of `LETTERS` letters or more stands under its eleventh source or
    a later one. Grows by some numbers a pair."""
    sources: dict[int, int | tuple[int, ...]] = {}

    def test(source: str, target: str) -> bool:
        if len(target) < LETTERS or sum(map(str.isalpha, target)) < LETTERS:
            return False
        under, key = _key(_bare(target)), _key(_bare(source))
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


def repeated_targets() -> Callable[[str, str], bool]:
    """A test for pairs in order: whether a target of `LETTERS` letters or more came before, under whatever source."""
    seen: set[int] = set()

    def test(source: str, target: str) -> bool:
        if len(target) < LETTERS or sum(map(str.isalpha, target)) < LETTERS:
            return False
        key = _key(_bare(target))
        if key in seen:
            return True
        seen.add(key)
        return False

    return test


def _bare(text: str) -> str:
    return _ASIDE.sub(" ", text.casefold()).strip()


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
