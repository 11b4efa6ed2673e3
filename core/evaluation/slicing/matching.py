"""Texts in which a pattern stands. Regular expressions are RE2's, whose time grows with the text alone: they have no
look-around and no back references, and what takes too long even so is stopped."""

from __future__ import annotations

import re
import time
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.encoder.words import letter_runs
from core.errors import BadInput
from core.evaluation.slicing.query import Pattern

#: Seconds for one pattern over all texts.
SECONDS = 2.0
_FIRST, _MOST = 64, 16_384
_INSIDE = r"[\pL\pN\pM_]"


def matching(texts: pa.Array, pattern: Pattern, at: int = 0, seconds: float = SECONDS) -> NDArray[np.bool_]:
    """[n]: where the pattern stands. `at` is its place in the query, for the sentence about a fault.

    Raises `BadInput` for a regular expression that is none, and for one that takes more than `seconds`.

    >>> matching(pa.array(["Not now", "nothing", "no (not) yet"]), Pattern("not")).tolist()
    [True, False, True]
    """
    expression = _expression(pattern)
    found: list[NDArray[np.bool_]] = []
    begun, start, size = time.monotonic(), 0, _FIRST
    while start < len(texts):
        try:
            part = pc.match_substring_regex(texts.slice(start, size), expression, ignore_case=pattern.fold)
        except pa.ArrowInvalid as error:
            told = str(error).partition(": ")[2].strip() or "it cannot be read"
            raise BadInput(
                f"The regular expression at character {at + 1} cannot be used ({told}); it is read as RE2 reads it, "
                "without look-around and back references."
            ) from None
        found.append(part.to_numpy(zero_copy_only=False))
        start += size
        taken = time.monotonic() - begun
        if taken > seconds and start < len(texts):
            raise BadInput(
                f"The regular expression at character {at + 1} takes more than {seconds:g} s over these texts; write a "
                "shorter one."
            )
        # The first parts are small, so that a slow expression is told before it has taken long.
        size = min(2 * size, _MOST) if taken < seconds / 8 else size
    return np.concatenate(found) if found else np.zeros(0, bool)


def _expression(pattern: Pattern) -> str:
    text = unicodedata.normalize("NFC", pattern.text)
    if pattern.regular:
        return text
    words = r"\s+".join(_quoted(word) for word in text.split())
    runs = letter_runs(text)
    # A word ends where its script has spaces; in Thai or Chinese it stands inside what is written together.
    before = f"(?:^|[^{_INSIDE[1:-1]}])" if runs and text.startswith(runs[0][0]) and runs[0][1] else ""
    after = f"(?:[^{_INSIDE[1:-1]}]|$)" if runs and text.endswith(runs[-1][0]) and runs[-1][1] else ""
    return f"{before}{words}{after}"


def _quoted(word: str) -> str:
    return re.sub(r"([^\w\s])", lambda sign: f"\\x{{{ord(sign[1]):x}}}", word)
