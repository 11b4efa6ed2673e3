"""Which column is which side, in which language: proposed from the content, for a person to confirm."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.bitext.formats import FORMATS
from core.bitext.headers import is_known
from core.bitext.identify import FEWEST_TEXTS, are_near, language_of_sample, supported
from core.bitext.names import OTHER, SOURCE, TARGET, base_language, language_in
from core.bitext.reading import Opened, stream
from core.bitext.records import Column, Layout, Pair

_SAMPLE, _COLUMNS, _SHOWN = 400, 24, 5
TEXT, NUMBERS, ADDRESSES, PHRASE, CODES, EMPTY = (
    "text", "numbers", "addresses", "the same words in most rows", "codes or single words", "empty",
)  # fmt: skip
_NUMBER = re.compile(r"[-+]?[\d.,:/\s%-]+(?:[eE][-+]?\d+)?")
_ADDRESS = re.compile(
    r"(?:https?|ftp|file|mailto|urn|doi):\S+|www\.\S+|\S+\.(?:html?|xml|pdf|txt)|/\S*/\S*", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Side:
    """One column as a person sees it: a few texts, the language proposed for it ("und": none), and from where.

    `evidence` is "declared" by the format, the column's or file's "name", or the "content", with `share` the part of
    the sampled texts (0 to 1) that are in that language. `holds` says what the column holds, one of the constants
    above. `against` is the language that a name tells and the content contradicts, "" for none.
    """

    name: str
    language: str
    evidence: str
    share: float
    texts: tuple[str, ...]
    letters: float
    holds: str = TEXT
    against: str = ""


@dataclass(frozen=True)
class Proposal:
    """The sides a file offers and the layout proposed; `typical` is the median log length ratio of its sample,
    `because` what made these two columns the sides."""

    sides: tuple[Side, ...]
    layout: Layout
    typical: float
    because: str = ""


def propose(opened: Opened) -> Proposal:
    """Look at the first pairs of a file; reads no further than it must."""
    samples = list(_samples(opened))
    sides = tuple(_side(_column(opened, name), texts) for name, texts in samples)
    source, target, because = _choose(opened, sides, dict(samples))
    layout = Layout(source.name, target.name, source.language, target.language)
    return Proposal(sides, layout, typical_ratio(opened, layout), because)


def typical_ratio(opened: Opened, layout: Layout) -> float:
    """The median of log(target characters / source characters) over the first pairs that have both sides; 0 without
    any.

    A pair without a target says nothing of how long targets are; of a half-translated file it would be the typical one.
    """
    ratios: list[float] = []
    for looked, found in enumerate(stream(opened, layout.source, layout.target)):
        if isinstance(found, Pair) and found.source and found.target and found.source != found.target:
            ratios.append(log_ratio(found.source, found.target))
        if len(ratios) == 5 * _SAMPLE or looked >= 100 * _SAMPLE:
            break
    return statistics.median(ratios) if ratios else 0.0


def log_ratio(source: str, target: str) -> float:
    """log of target to source length in characters, each plus 5 so that short pairs do not swing it."""
    return math.log((len(target) + 5) / (len(source) + 5))


def _samples(opened: Opened) -> Iterator[tuple[str, list[str]]]:
    """Each column's first texts, row by row, two columns read at a time."""
    names = [column.name for column in opened.columns][:_COLUMNS]
    for at in range(0, len(names), 2):
        first, second = names[at], names[at + 1] if at + 1 < len(names) else names[0]
        pairs = []
        read = FORMATS[opened.format].sample or FORMATS[opened.format].pairs
        for looked, found in enumerate(read(opened.parts, opened.encoding, first, second)):
            if isinstance(found, Pair):
                pairs.append(found)
            if len(pairs) == _SAMPLE or looked >= 20 * _SAMPLE:
                break
        yield first, [one.source for one in pairs]
        if at + 1 < len(names):
            yield second, [one.target for one in pairs]


def _column(opened: Opened, name: str) -> Column:
    return next(column for column in opened.columns if column.name == name)


def _side(column: Column, texts: list[str]) -> Side:
    full = [text for text in texts if text]
    letters = statistics.mean(sum(map(str.isalpha, text)) for text in full) if full else 0.0
    holds = _holds(full)
    found, share = language_of_sample(sorted(set(full), key=len)[-40:]) if holds in (TEXT, PHRASE) else (None, 0.0)
    language, evidence, against = "und", "content", ""
    named = column.named or _told_by(column.name)
    if column.language:
        language, evidence = column.language, "declared"
    elif named and not _contradicted(named, found, share):
        language, evidence = named, "name"
    elif found and share >= 0.5:
        language, against = found, named or ""
    return Side(column.name, language, evidence, share, tuple(t[:200] for t in full[:_SHOWN]), letters, holds, against)


def _told_by(name: str) -> str | None:
    """The language in a column's name; a name of another thing ("id", "no") tells none."""
    return None if name.strip().casefold() in OTHER - {"no"} else language_in(name)


def _contradicted(named: str, found: str | None, share: float) -> bool:
    """Whether texts are in another language than a name tells: in one that can be told from it, and most of them."""
    if not found or share < 0.6 or not supported(named):
        return False
    return base_language(named) != found and not are_near(named, found)


def _holds(texts: Sequence[str]) -> str:
    """What a column holds, from its texts that are not empty."""
    if not texts:
        return EMPTY
    if len(texts) < FEWEST_TEXTS:
        return NUMBERS if all(_NUMBER.fullmatch(text) for text in texts) else TEXT
    shares = [(NUMBERS, _NUMBER), (ADDRESSES, _ADDRESS)]
    for kind, pattern in shares:
        if sum(pattern.fullmatch(text) is not None for text in texts) > 0.8 * len(texts):
            return kind
    if sum(" " not in text and text.isascii() and not _WORD.fullmatch(text) for text in texts) > 0.8 * len(texts):
        return CODES
    words = [set(_WORD.findall(text.casefold())) for text in texts]
    common = Counter(word for those in words for word in those)
    often = {word for word, n in common.items() if n > 0.5 * len(texts)}
    if len(often) >= 3 and statistics.median(len(those & often) / max(1, len(those)) for those in words) > 0.5:
        return PHRASE
    if len(set(texts)) <= max(2, len(texts) // 20):
        return PHRASE if any(" " in text for text in texts) else CODES
    return TEXT


def _choose(opened: Opened, sides: tuple[Side, ...], samples: dict[str, list[str]]) -> tuple[Side, Side, str]:
    roles = [
        next((s for s in sides if s.name.casefold().replace(" ", "_") in words), None) for words in (SOURCE, TARGET)
    ]
    if roles[0] is not None and roles[1] is not None and roles[0] is not roles[1]:
        return roles[0], roles[1], "their names say which is source and which target"
    leading = next((s for s in sides if _column(opened, s.name).leads), None)
    if leading is not None:
        rest = [s for s in sides if base_language(s.language) != base_language(leading.language)] or [
            s for s in sides if s is not leading
        ]
        filled = {s.name: sum(map(bool, samples[s.name])) for s in rest}
        best = max(rest, key=lambda s: (filled[s.name], -sides.index(s)))
        return leading, best, f"the file says that {leading.name} is the source"
    named = [s for s in sides if s.evidence != "content" and s.holds in (TEXT, EMPTY, PHRASE)]
    if len({base_language(s.language) for s in named}) >= 2:
        pool, because = named, "their names tell a language"
    else:
        pool = [s for s in sides if s.holds == TEXT and not _is_aside(s.name)]
        because = "they hold text in different languages, of lengths that go together"
    if len(pool) < 2:
        pool = sorted(sides, key=lambda s: (s.holds != TEXT, -s.letters))[:2]
        because = "they hold most letters"
    order = {side.name: i for i, side in enumerate(sides)}

    def worth(pair: tuple[Side, Side]) -> tuple[bool, bool, float, int]:
        one, other = pair
        apart = base_language(one.language) != base_language(other.language)
        both = "und" not in (one.language, other.language)
        rows = min(sum(map(bool, samples[s.name])) for s in pair)
        near = _go_together(samples[one.name], samples[other.name]) if len(pool) > 2 else 0.0
        return apart, both and apart, round(near, 1) + rows / 10_000, -order[one.name] - order[other.name]

    first, second = max(combinations(sorted(pool, key=lambda s: order[s.name]), 2), key=worth)
    return first, second, because


def _is_aside(name: str) -> bool:
    """Whether a column is called what no side is ("comment"); `column 3` tells nothing."""
    return is_known(name) and language_in(name) is None and name.casefold() not in (*SOURCE, *TARGET)


def _go_together(one: Sequence[str], other: Sequence[str]) -> float:
    """The correlation of two columns' text lengths, row by row; 0 where it cannot be told."""
    lengths = [(len(a), len(b)) for a, b in zip(one, other, strict=False) if a and b]
    if len(lengths) < FEWEST_TEXTS or len({a for a, _ in lengths}) < 2 or len({b for _, b in lengths}) < 2:
        return 0.0
    return statistics.correlation([a for a, _ in lengths], [b for _, b in lengths])
