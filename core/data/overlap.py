"""Overlap: a sentence that is tested on must not be trained on.

Sentences are compared as what is left of them after Unicode NFKC, case folding, and the removal of
punctuation, symbols, separators and control characters; equal remainders are the same sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b


class _Strip(dict[int, int | None]):
    """A table for `str.translate` that decides about a character when it first meets it."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code))[0] in "PSZC" else code
        self[code] = kept
        return kept


_STRIP = _Strip()


def normalise(text: str) -> str:
    """The remainder of a sentence that counts in a comparison; "" if it has no letter, mark or digit.

    >>> normalise("  It’s 5 o'clock — ＯＫ?")
    'its5oclockok'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold().translate(_STRIP)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=1 << 19)
def key(text: str) -> int:
    """64 bits that identify a normalised sentence, the same in every process; 0 for an empty one."""
    remainder = normalise(text)
    if not remainder:
        return 0
    return int.from_bytes(blake2b(remainder.encode(), digest_size=8).digest(), "big") or 1


def keys(texts: Iterable[str]) -> set[int]:
    """The keys of many sentences, without that of the empty one."""
    found = {key(text) for text in texts}
    found.discard(0)
    return found


def is_held_out(source: str) -> bool:
    """Whether a pair belongs to the held-out tenth: decided by its source side alone.

    A sentence is therefore held out in every language or in none.
    """
    return key(source) % 10 == 0
