"""The reasons to leave a pair out, found pair by pair in one pass; which of them count is decided later by switches."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from core.bitext import identify
from core.bitext.digits import same_numbers
from core.bitext.hygiene import filters as hygiene
from core.bitext.hygiene.content import is_same_name
from core.bitext.hygiene.repeated import bare
from core.bitext.propose import log_ratio
from core.bitext.records import FUZZY, LOCKED, UNAPPROVED, Found, Layout, Pair, Remark, Unreadable
from core.bitext.worker import worked_off

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


#: (sources, targets) of some pairs.
Sides = tuple[list[str], list[str]]
#: What each of some pairs is by itself: masks of reasons, both sides folded into one text, bare sources, bare targets.
Judged = tuple[list[int], list[str], list[str], list[str]]

#: Pairs that are judged at once, and characters from which on fewer are.
_BATCH, _CHARACTERS = 2000, 2_000_000
_WORD = re.compile(r"[^\W\d_]{2,}")


def check(
    found: Iterable[Found],
    layout: Layout,
    typical: float,
    settings: Settings = Settings(),  # noqa: B008
) -> Generator[Checked, None, None]:
    """Each pair with the mask of its reasons, and each unreadable line and remark as it came, in order.

    `typical` is the file's median log length ratio (`propose.typical_ratio`). Memory grows by 8 bytes a pair, to know
    duplicates. Of a long file a second process judges half of the pairs; close the iterator to end it before its end.
    """
    setup = layout.source_language, layout.target_language, typical, settings.longest, settings.ratio
    seen: set[int] = set()
    compared = hygiene.comparing(BIT)
    with closing(worked_off(_batches(found), _sides, judging(*setup), setup)) as batches:
        for batch, judged in batches:
            each = zip(*judged, strict=True)
            for one in batch:
                if not isinstance(one, Pair):
                    yield one
                    continue
                mask, folded, source, target = next(each)
                if one.states:
                    mask |= sum(BIT[state] for state in one.states)
                if not mask & BIT[EMPTY]:
                    key = hash(folded)  # keyed anew in each process, so that no file can be made to collide
                    if key in seen:
                        mask |= BIT[DUPLICATE]
                    seen.add(key)
                    mask = compared(source, target, mask)
                yield one, mask


def judging(
    source_language: str, target_language: str, typical: float, longest: int, ratio: float
) -> Callable[[Sides], Judged]:
    """What judges pairs by themselves, in any order and in any process; languages are BCP-47 tags, the numbers those of
    `check` and `Settings`."""
    found = hygiene.finding(BIT)
    far = math.log(ratio)

    def judge(sides: Sides) -> Judged:
        masks: list[int] = []
        folded: list[str] = []
        bare_sources: list[str] = []
        bare_targets: list[str] = []
        for source, target in zip(*sides, strict=True):
            one, other = _folded(source), _folded(target)
            if not (_says(one) and _says(other)):
                masks.append(BIT[EMPTY])
                for keys in (folded, bare_sources, bare_targets):
                    keys.append("")
                continue
            mask = found(source, target)
            if len(source) > longest or len(target) > longest:
                mask |= BIT[LONG]
            if one == other:
                mask |= 0 if is_same_name(source, target) else BIT[IDENTICAL]
            elif is_untranslated(one, other):
                mask |= BIT[UNTRANSLATED]
            if max(len(source), len(target)) >= 20 and abs(log_ratio(source, target) - typical) > far:
                mask |= BIT[RATIO]
            if not same_numbers(source, target):
                mask |= BIT[NUMBERS]
            masks.append(mask)
            folded.append(f"{one}\n{other}")
            bare_sources.append(bare(source))
            bare_targets.append(bare(target))
        _judge_languages(sides, masks, source_language, target_language)
        return masks, folded, bare_sources, bare_targets

    return judge


def _judge_languages(sides: Sides, masks: list[int], one: str, other: str) -> None:
    for texts, expected, beside in ((sides[0], one, other), (sides[1], other, one)):
        if expected == "und" or not identify.supported(expected):
            continue
        asked = [i for i, mask in enumerate(masks) if not mask & BIT[EMPTY]]
        spoken = identify.other_languages([texts[i] for i in asked], expected, beside)
        for i, language in zip(asked, spoken, strict=True):
            if language is not None:
                masks[i] |= BIT[LANGUAGE]


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    characters = 0
    for one in found:
        batch.append(one)
        if isinstance(one, Pair):
            characters += len(one.source) + len(one.target)
        if len(batch) == _BATCH or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _sides(batch: Sequence[Found]) -> Sides:
    pairs = [one for one in batch if isinstance(one, Pair)]
    return [pair.source for pair in pairs], [pair.target for pair in pairs]


def is_untranslated(source: str, target: str) -> bool:
    """Whether at least four fifths of the target's words (four or more different ones) stand in the source too."""
    words = set(_WORD.findall(target))
    if len(words) < 4:
        return False
    # Few of the target's words stand in the source at all, as pieces of text: most pairs need no second list of words.
    missing = 0
    for word in words:
        if word not in source:
            missing += 1
            if 5 * missing > len(words):
                return False
    return 5 * len(words & set(_WORD.findall(source))) >= 4 * len(words)


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
