"""Which of the fifteen languages a typed sentence is in, told from the letters of the starter sentences.

Enough to set a sentence in the right face and direction and to say what was recognised; a text it is unsure of stays
without a language. Cavnar and Trenkle (SDAIR 1994) for n-grams; here a naive Bayes score over trigrams, and over single
characters of Chinese, where a trigram is hardly ever seen twice.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from functools import cache

from core.data.catalog import STARTER_FOLDER
from core.data.text import read_lines
from core.languages import XNLI_CODES

#: The best language must be ahead of the next by this much per gram, in nats.
MARGIN = 0.08
_FEWEST = 6
_SMOOTH = 0.2


def detect_language(text: str) -> str:
    """The code of the language, or "" where the text is too short, mixed or in none that is known.

    >>> detect_language("The cat sleeps on the warm roof"), detect_language("42!")
    ('en', '')
    """
    grams = _grams(text)
    if sum(character.isalpha() for character in text) < 2 or not grams:
        return ""
    tables = _tables()
    known = sum(any(gram in table for table, _ in tables.values()) for gram in grams)
    if known < 0.4 * len(grams):
        return ""
    scores = sorted(
        (
            (sum(_log(table, total, gram) for gram in grams) / len(grams), code)
            for code, (table, total) in tables.items()
        ),
        reverse=True,
    )
    ahead = scores[0][0] - scores[1][0]
    return scores[0][1] if ahead > MARGIN * max(1.0, _FEWEST / len(grams)) else ""


def _grams(text: str) -> list[str]:
    kept = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in unicodedata.normalize("NFC", text.lower()))
    words = " ".join(kept.split())
    padded = f" {words} "
    single = [c for c in words if "\u4e00" <= c <= "\u9fff"]
    return single + [gram for k in range(len(padded) - 2) if words and not _han(gram := padded[k : k + 3])]


def _han(gram: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in gram)


def _log(table: Counter[str], total: int, gram: str) -> float:
    return math.log((table[gram] + _SMOOTH) / (total + _SMOOTH * 20_000))


@cache
def _tables() -> dict[str, tuple[Counter[str], int]]:
    found = {}
    for code in XNLI_CODES:
        table: Counter[str] = Counter()
        for line in read_lines(STARTER_FOLDER / "sentences" / f"train.{code}"):
            table.update(_grams(line))
        found[code] = (table, sum(table.values()))
    return found
