"""The reasons to leave a pair out, found pair by pair in one pass; which of them count is decided later by switches."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.bitext import identify
from core.bitext.hygiene import filters as hygiene
from core.bitext.hygiene.content import is_same_name
from core.bitext.propose import log_ratio
from core.bitext.records import FUZZY, LOCKED, UNAPPROVED, Found, Layout, Pair, Remark, Unreadable

EMPTY, DUPLICATE, LONG, LANGUAGE, IDENTICAL, RATIO, NUMBERS, UNTRANSLATED = (
    "empty", "duplicate", "too long", "wrong language", "identical sides", "bad ratio", "number mismatch",
    "untranslated",
)  # fmt: skip
UNREADABLE = "unreadable"
#: What a format says of its own units, and only some formats do.
STATES = (LOCKED, FUZZY, UNAPPROVED)
#: In the order in which a pair with several reasons is counted under one; the position is the bit in a mask.
REASONS = (LOCKED, EMPTY, FUZZY, UNAPPROVED, DUPLICATE, LONG, IDENTICAL, UNTRANSLATED, LANGUAGE, RATIO, NUMBERS,
           *hygiene.NAMES)  # fmt: skip
BIT = {reason: 1 << i for i, reason in enumerate(REASONS)}
#: What each reason means, for a person.
MEANING = {
    LOCKED: "The file says that the unit is not to be translated (translate=no).",
    FUZZY: "The file says that the translation is not finished: a fuzzy entry of PO, a new or rejected unit of XLIFF.",
    UNAPPROVED: "The file says that the translation is not approved or not reviewed yet.",
    EMPTY: "One side or both hold no letter, no digit and no symbol.",
    DUPLICATE: "The same two sentences came before, spaces and capitals aside.",
    LONG: "A side has more characters than the limit.",
    IDENTICAL: "Both sides are the same, spaces and capitals aside, and no name, number or symbol.",
    UNTRANSLATED: "Most words of the target stand in the source too.",
    LANGUAGE: "A side is in another language than the column (lingua, texts of 20 letters or more).",
    RATIO: "One side is too long for the other, compared with the file's own typical ratio.",
    NUMBERS: "A number of two or more digits stands on one side alone.",
    UNREADABLE: "The line gives no pair: wrong encoding, broken quotes, missing columns.",
} | hygiene.MEANING
#: Switched on at first. Numbers are often written out in words, and a translation that waits for approval is one: these
#: two only report until they are wanted.
DEFAULT_ON = frozenset(REASONS) - {NUMBERS, UNAPPROVED} - (frozenset(hygiene.NAMES) - hygiene.ON)


Checked = tuple[Pair, int] | Unreadable | Remark


@dataclass(frozen=True)
class Settings:
    """`longest`: characters a side may have. `ratio`: how many times longer than typical a side may be."""

    longest: int = 1000
    ratio: float = 3.0


_BATCH = 4000
_NUMBER = re.compile(r"\d+(?:[.,٬٫’'\u00a0\u202f]\d+)*")
_NOT_DIGIT = re.compile(r"\D")
_WORD = re.compile(r"[^\W\d_]{2,}")


def check(
    found: Iterable[Found],
    layout: Layout,
    typical: float,
    settings: Settings = Settings(),  # noqa: B008
) -> Iterator[Checked]:
    """Each pair with the mask of its reasons, and each unreadable line and remark as it came, in order.

    `typical` is the file's median log length ratio (`propose.typical_ratio`). Memory grows by 8 bytes a pair, to know
    duplicates.
    """
    seen: set[int] = set()
    clean = hygiene.started(BIT)
    stream = iter(found)
    while batch := list(islice(stream, _BATCH)):
        pairs = [one for one in batch if isinstance(one, Pair)]
        masks = iter(_masks(pairs, layout, typical, settings, seen, clean))
        for one in batch:
            yield (one, next(masks)) if isinstance(one, Pair) else one


def _masks(
    pairs: Sequence[Pair], layout: Layout, typical: float, settings: Settings, seen: set[int], clean: hygiene.Found
) -> list[int]:  # fmt: skip
    masks = [clean(pair.source, pair.target, _mask(pair, typical, settings, seen)) for pair in pairs]
    one, other = layout.source_language, layout.target_language
    for target, expected, beside in ((False, one, other), (True, other, one)):
        if expected == "und" or not identify.supported(expected):
            continue
        asked = [i for i, mask in enumerate(masks) if not mask & BIT[EMPTY]]
        found = identify.other_languages(
            [pairs[i].target if target else pairs[i].source for i in asked], expected, beside
        )
        for i, spoken in zip(asked, found, strict=True):
            if spoken is not None:
                masks[i] |= BIT[LANGUAGE]
    return masks


def _mask(pair: Pair, typical: float, settings: Settings, seen: set[int]) -> int:
    source, target = _folded(pair.source), _folded(pair.target)
    mask = sum(BIT[state] for state in pair.states) if pair.states else 0
    if not (_says(source) and _says(target)):
        return mask | BIT[EMPTY]
    key = hash((source, target))  # keyed anew in each process, so that no file can be made to collide
    if key in seen:
        mask |= BIT[DUPLICATE]
    seen.add(key)
    if len(pair.source) > settings.longest or len(pair.target) > settings.longest:
        mask |= BIT[LONG]
    if source == target:
        mask |= 0 if is_same_name(pair.source, pair.target) else BIT[IDENTICAL]
    elif is_untranslated(source, target):
        mask |= BIT[UNTRANSLATED]
    far = abs(log_ratio(pair.source, pair.target) - typical)
    if far > math.log(settings.ratio) and max(len(pair.source), len(pair.target)) >= 20:
        mask |= BIT[RATIO]
    if not same_numbers(pair.source, pair.target):
        mask |= BIT[NUMBERS]
    return mask


def numbers(text: str) -> Counter[str]:
    """The numbers of two or more digits, as their digits alone: `1,250` and `١٢٥٠` are the same.

    >>> numbers("From 1,250 to 7 in ๒๕๖๙")
    Counter({'1250': 1, '2569': 1})
    """
    return Counter(_digits(_NUMBER.findall(text)))


def same_numbers(source: str, target: str) -> bool:
    """Whether two texts have the same `numbers`, found without counting where they are written alike."""
    left, right = _NUMBER.findall(source), _NUMBER.findall(target)
    return left == right or sorted(_digits(left)) == sorted(_digits(right))


def _digits(found: list[str]) -> list[str]:
    """The digits of each number of two or more, in those of ASCII."""
    plain = []
    for number in found:
        digits = number if number.isdecimal() else _NOT_DIGIT.sub("", number)
        if len(digits) > 1:
            plain.append(digits if digits.isascii() else "".join(str(unicodedata.digit(d)) for d in digits))
    return plain


def is_untranslated(source: str, target: str) -> bool:
    """Whether at least four fifths of the target's words (four or more different ones) stand in the source too."""
    words = set(_WORD.findall(target))
    if len(words) < 4:
        return False
    # Few of the target's words stand in the source at all, as pieces of text: most pairs need no second list of words.
    there = [word for word in words if word in source]
    return len(there) >= 0.8 * len(words) and len(words & set(_WORD.findall(source))) >= 0.8 * len(words)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


#: Whether a text holds a letter or a digit.
_SAYS = re.compile(r"[^\W_]").search


def _says(text: str) -> bool:
    """Whether it holds a letter, a digit or a symbol such as ©; punctuation says nothing."""
    return _SAYS(text) is not None or any(unicodedata.category(c) == "So" for c in text)


def applicable(states: Collection[str]) -> tuple[str, ...]:
    """The reasons that files of a format can give; `states` are what its units may be marked as."""
    return tuple(reason for reason in REASONS if reason not in STATES or reason in states)
