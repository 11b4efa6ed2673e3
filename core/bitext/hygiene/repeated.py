"""What only the pairs before tell: a pair that differs in punctuation alone, and a target under many sources."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Hashable

from core.bitext.digits import has_digits

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
_ASCII_BARE = bytes.maketrans(
    f"{string.ascii_uppercase}{string.punctuation}".encode(),
    f"{string.ascii_lowercase}{' ' * len(string.punctuation)}".encode(),
)
#: Different sources that a target of `LENGTH` characters or more may have: translations differ, and one short answer
#: fits many questions, but a long sentence is hardly the translation of an eleventh.
SOURCES, LENGTH = 10, 20


#: (bare source, bare target) of pairs in order -> whether the pair has the reason, for what came before.
Memory = Callable[[str, str], bool]


def bare(text: str) -> str:
    """A text without punctuation, capitals and more than single spaces.

    >>> bare("It’s  1,5 Marks, he said!"), bare("नमस्ते।")
    ('it s 1,5 marks he said', 'नमस्ते')
    """
    if has_digits(text) and _INSIDE_A_NUMBER.search(text.casefold()):
        return " ".join(_ASIDE.sub(" ", text.casefold()).split())
    if text.isascii():
        return " ".join(text.encode().translate(_ASCII_BARE).decode().split())
    return " ".join(_SIGNS.sub(" ", text.casefold()).split())


def near_duplicates() -> Memory:
    """A test for bare pairs in order: whether letters and digits of both sides came before, whatever stood between.

    A pair without letters beyond punctuation is none. Grows by a number a pair.
    """
    return _came_before(lambda source, target: (source, target) if source or target else None)


def overused_targets() -> Memory:
    """A test for bare pairs in order: whether a target of `LENGTH` characters or more stands under its eleventh source
    or a later one. Grows by some numbers a pair."""
    sources: dict[int, int | tuple[int, ...]] = {}

    def test(source: str, target: str) -> bool:
        if len(target) < LENGTH:
            return False
        under, key = hash(target), hash(source)
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


def repeated_targets() -> Memory:
    """A test for bare pairs in order: whether a target of `LENGTH` characters or more came before, under any source."""
    return _came_before(lambda _, target: target if len(target) >= LENGTH else None)


def _came_before(key: Callable[[str, str], Hashable | None]) -> Memory:
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
