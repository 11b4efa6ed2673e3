"""Which column is which side, in which language: proposed from the content, for a person to confirm."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from core.bitext.formats import FORMATS
from core.bitext.identify import language_of_sample
from core.bitext.names import SOURCE, TARGET, language_in
from core.bitext.reading import Opened
from core.bitext.records import Layout, Pair

_SAMPLE, _COLUMNS, _SHOWN = 400, 24, 5


@dataclass(frozen=True)
class Side:
    """One column as a person sees it: a few texts, the language proposed for it ("und": none), and from where.

    `evidence` is "declared" by the format, the column's "name", or the "content", with `share` the part of the
    sampled texts (0 to 1) that are in that language.
    """

    name: str
    language: str
    evidence: str
    share: float
    texts: tuple[str, ...]
    letters: float


@dataclass(frozen=True)
class Proposal:
    """The sides a file offers and the layout proposed; `typical` is the median log length ratio of its sample."""

    sides: tuple[Side, ...]
    layout: Layout
    typical: float


def propose(opened: Opened) -> Proposal:
    """Look at the first pairs of a file; reads no further than it must."""
    sides = tuple(_side(opened, name, texts) for name, texts in _samples(opened))
    source, target = _choose(sides)
    layout = Layout(source.name, target.name, source.language, target.language)
    return Proposal(sides, layout, typical_ratio(opened, layout))


def typical_ratio(opened: Opened, layout: Layout) -> float:
    """The median of log(target characters / source characters) over the first pairs; 0 without any."""
    found = FORMATS[opened.format].pairs(opened.parts, opened.encoding, layout.source, layout.target)
    ratios = [log_ratio(p.source, p.target) for p in islice(found, 5 * _SAMPLE) if isinstance(p, Pair)]
    return statistics.median(ratios) if ratios else 0.0


def log_ratio(source: str, target: str) -> float:
    """log of target to source length in characters, each plus 5 so that short pairs do not swing it."""
    return math.log((len(target) + 5) / (len(source) + 5))


def _samples(opened: Opened) -> Iterator[tuple[str, list[str]]]:
    """Each column's first texts, two columns read at a time."""
    names = [column.name for column in opened.columns][:_COLUMNS]
    for at in range(0, len(names), 2):
        first, second = names[at], names[at + 1] if at + 1 < len(names) else names[0]
        found = FORMATS[opened.format].pairs(opened.parts, opened.encoding, first, second)
        pairs = [one for one in islice(found, _SAMPLE) if isinstance(one, Pair)]
        yield first, [one.source for one in pairs]
        if at + 1 < len(names):
            yield second, [one.target for one in pairs]


def _side(opened: Opened, name: str, texts: list[str]) -> Side:
    declared = next(column.language for column in opened.columns if column.name == name)
    full = [text for text in texts if text]
    letters = statistics.mean(sum(map(str.isalpha, text)) for text in full) if full else 0.0
    found, share = language_of_sample(sorted(full, key=len)[-40:])
    # Content wins over a mere name unless it is unsure; what a format declares stands.
    by_name = language_in(name)
    if declared:
        language, evidence = declared, "declared"
    elif by_name and (not found or share < 0.6 or found == by_name.split("-")[0]):
        language, evidence = by_name, "name"
    elif found and share >= 0.5:
        language, evidence = found, "content"
    else:
        language, evidence = "und", "content"
    return Side(name, language, evidence, share, tuple(text[:200] for text in full[:_SHOWN]), letters)


def _choose(sides: tuple[Side, ...]) -> tuple[Side, Side]:
    named = [next((s for s in sides if s.name.casefold() in words), None) for words in (SOURCE, TARGET)]
    if named[0] is not None and named[1] is not None and named[0] is not named[1]:
        return named[0], named[1]
    # The two columns with most letters, in different languages where there are such.
    ranked = sorted(sides, key=lambda s: (s.language == "und", -s.letters))
    first = ranked[0]
    second = next((s for s in ranked[1:] if s.language != first.language), ranked[1])
    order = {side.name: i for i, side in enumerate(sides)}
    a, b = sorted((first, second), key=lambda s: order[s.name])
    return a, b
