"""Whether the sides of a bitext come as words, or in a script without spaces that has yet to be split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from core.data.pair_text import PairText
from core.encoder.words import Span, count_unspaced

Words = Literal["auto", "given", "split"]
#: Lines that are looked at.
_LINES = 200
#: Letters that the words of a segmented text have on average at most: of Han and Kana, of Thai and its like.
_HAN, _OTHERS = 3.5, 8.0


def unspaced(texts: Iterable[str]) -> bool:
    """Whether texts are in a script without spaces between words and not split into words.

    The tokens that hold such letters are longer on average than any segmented text's words.

    >>> unspaced(["猫睡在屋顶上"]), unspaced(["猫 睡 在 屋顶 上"]), unspaced(["The cat sleeps on the roof"])
    (True, False, False)
    """
    tokens = [counts for text in texts for token in text.split() if any(counts := count_unspaced(token))]
    if not tokens:
        return False
    han, others = ([one[kind] for one in tokens if one[kind]] for kind in (0, 1))
    longest = ((han, _HAN), (others, _OTHERS))
    kind, limit = max(longest, key=lambda one: sum(one[0]))
    return sum(kind) / len(kind) > limit


def sides_to_split(source: Path, target: Path | None, columns: tuple[int, int] | None, words: Words
                   ) -> tuple[bool, bool]:  # fmt: skip
    """Which sides of a bitext are split into the pages' words: told by its first lines, unless `words` says it."""
    if words != "auto":
        return words == "split", words == "split"
    lines = [line for line in islice(iter(PairText(source, target, columns)), _LINES) if not line.problem]
    return unspaced(line.source_text for line in lines), unspaced(line.target_text for line in lines)


def spans_of(text: str, words: Sequence[str]) -> list[Span]:
    """Where words that stand in a text in order begin and end, in characters.

    >>> spans_of("a  bc.", ["a", "bc", "."])
    [(0, 1), (3, 5), (5, 6)]
    """
    spans, at = [], 0
    for word in words:
        begin = text.find(word, at)
        at = begin + len(word)
        spans.append((begin, at))
    return spans


def tabs_out(text: str) -> str:
    """A text as a cell of a table: every run of space one space."""
    return re.sub(r"\s+", " ", text).strip()
