"""Tatoeba's exports [1]: sentences (identity, language, text) in one or several files, and the links between them.

[1] tatoeba.org/downloads
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from core.bitext.limits import MAX_PAIRS, too_many_pairs
from core.bitext.lines import numbered
from core.bitext.names import plain_tag
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Remark, Unreadable, trimmed
from core.errors import BadInput

#: Languages that are offered, those with most sentences.
_OFFERED = 8
_LINK = re.compile(rb"\d{1,12}\t\d{1,12}(?:\t[^\r\n]*)?\r?")
_SENTENCE = re.compile(rb"\d{1,12}\t(?:[a-z]{2,4}|\\N)\t[^\r\n]+")
ELSEWHERE = "A link leads to a sentence in another language, or to one that is not in the file of sentences."


def kind_of(part: Part) -> str:
    """What nearly all of the first lines of a file are, "links" or "sentences"; "" for neither."""
    lines = part.head(1 << 13).removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1][:20]
    for kind, pattern in (("links", _LINK), ("sentences", _SENTENCE)):
        if len(lines) >= 2 and sum(pattern.fullmatch(line) is not None for line in lines) >= 0.9 * len(lines):
            return kind
    return ""


def split(parts: Sequence[Part]) -> tuple[Part, ...] | None:
    """The file of links, then those of sentences, if that is what the parts are. Raises `BadInput` for one without the
    other."""
    kinds = [kind_of(part) for part in parts]
    if set(kinds) == {"sentences"}:
        raise BadInput(
            f"{parts[0].name} holds one sentence a row with its language, as Tatoeba's sentences.csv does; bring "
            "links.csv together with it, which says what translates what."
        )
    if set(kinds) == {"links"}:
        raise BadInput(
            f"{parts[0].name} holds links between sentences; bring Tatoeba's sentences.csv together with it."
        )
    if kinds.count("links") != 1 or kinds.count("sentences") != len(parts) - 1 or len(parts) < 2:
        return None
    at = kinds.index("links")
    return (parts[at], *parts[:at], *parts[at + 1 :])


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The languages with most sentences, by their codes."""
    counts: Counter[str] = Counter()
    for part in parts[1:]:
        for found in numbered(part, encoding):
            if not isinstance(found, Unreadable):
                language = found[1].split("\t", 2)[1:2]
                if language and (language[0] in counts or len(counts) < 1000):
                    counts[language[0]] += 1
    offered = [code for code, _ in counts.most_common(_OFFERED) if plain_tag(code)]
    if len(offered) < 2:
        raise BadInput(f"{parts[1].name} holds sentences in less than two languages.")
    return [Column(code, plain_tag(code)) for code in offered]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """A pair for each link between the two languages, each once; `line` is that of the links."""
    texts: dict[str, dict[int, str]] = {source: {}, target: {}}
    for part in parts[1:]:
        for found in numbered(part, encoding):
            if isinstance(found, Unreadable):
                yield Unreadable(found.line, f"in {part.name[:60]}, {found.reason}")
                continue
            cells = found[1].split("\t")
            if len(cells) >= 3 and cells[1] in texts and cells[0].isdecimal():
                texts[cells[1]][int(cells[0])] = trimmed(cells[2])
    left, right = texts[source], texts[target]
    seen: set[tuple[int, int]] = set()
    for found in numbered(parts[0], encoding):
        if isinstance(found, Unreadable):
            yield found
            continue
        line, text = found
        cells = text.split("\t")
        if len(cells) < 2 or not (cells[0].isdecimal() and cells[1].isdecimal()):
            yield Unreadable(line, "it is not two numbers of sentences")
            continue
        one, other = int(cells[0]), int(cells[1])
        if one in right and other in left:
            one, other = other, one
        if one not in left or other not in right:
            yield Remark(line, ELSEWHERE)
        elif (one, other) not in seen:
            if len(seen) >= MAX_PAIRS:
                raise too_many_pairs(parts[0].name)
            seen.add((one, other))
            yield Pair(line, left[one], right[other])
