"""The registry of hygiene filters: name, what it means, whether it is on at first and why, and its test.

`check` runs every one over every pair and keeps the reasons apart; which of them drop pairs is a switch. A filter is on
at first where what it finds is damage to a reader's eye and hardly anything else on clean corpora is touched (the
benchmark `tests/benchmarks/test_bitext_hygiene.py` prints how much of each kind of clean text every filter takes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

from core.bitext.hygiene.content import has_encoded_data, is_address, is_list, is_same_name, is_wordless, repeats
from core.bitext.hygiene.encoding import has_controls, is_mojibake
from core.bitext.hygiene.markup import has_entities, has_markup, is_html
from core.bitext.hygiene.repeated import Memory, near_duplicates, overused_targets, repeated_targets
from core.bitext.hygiene.scripts import has_homoglyphs

#: (source, target) -> whether the pair has the reason.
Test = Callable[[str, str], bool]


#: Odd signs: anything but letters, digits, spaces and plain punctuation, and what even those can be a sign of: letters
#: that begin mojibake, Greek and Cyrillic ones, a dot inside a word, dots in a row. Marks of scripts that write vowels
#: so are plain.
_SIGN = re.compile(r"[^\w\s,.;:'\"?!()\-\u0900-\u0e7f\u2013\u2014\u2018-\u201d]").search
_LETTER = re.compile(r"[\x1c-\x1f\x85\u00c2-\u00f4\u0102\u0103\u0110\u0111\u0139\u017b\u0370-\u052f]").search
_DOTS = re.compile(r"\.[\w.]|\. \.").search
_PLAIN_ASCII = bytes(code for code in range(128) if not _SIGN(chr(code)) and not _LETTER(chr(code)))


@dataclass(frozen=True)
class Filter:
    """`test` tells of one pair, or `remembered` begins a test for one pass over a file, which is given bare pairs in
    order; one of the two is None. `on` is its switch at first, `why` the argument for that. `odd`: it finds nothing in
    pairs without an odd sign (`is_odd`)."""

    name: str
    meaning: str
    on: bool
    why: str
    test: Test | None = None
    remembered: Callable[[], Memory] | None = None
    odd: bool = False


def _either(test: Callable[[str], bool]) -> Test:
    return lambda source, target: test(source) or test(target)


HYGIENE: tuple[Filter, ...] = (
    Filter(
        "control characters", "A character stands in it that no text has, or the sign for one that could not be read.",
        True, "Nothing is lost that could be read whole.", _either(has_controls), odd=True,
    ),
    Filter(
        "mojibake", "A side was decoded with the wrong charset (ftfy: schlieÃŸt for schließt).",
        True, "The words are not words of the language; reading the file in its right encoding brings them back.",
        _either(is_mojibake), odd=True,
    ),
    Filter(
        "homoglyphs", "A word mixes scripts by letters of the same look (a Cyrillic е in a Latin word).",
        True, "To a tokeniser it is another word; no language writes so.", _either(has_homoglyphs), odd=True,
    ),
    Filter(
        "HTML", "A tag of a page's frame (p, div, table), or a tag that the other side does not have.",
        True, "Crawled remains, or a side that lost its markup; equal inline tags are left to 'markup'.",
        is_html, odd=True,
    ),
    Filter(
        "entities", "A character reference of HTML on one side alone, or one that was escaped twice.",
        True, "One side was read wrongly; references that both sides carry are left to 'markup'.",
        has_entities, odd=True,
    ),
    Filter(
        "markup", "Both sides carry the same inline tags or character references.",
        False, "Files of software and of pages are full of it, and it is translated as it should be.",
        has_markup, odd=True,
    ),
    Filter(
        "address", "A side is nothing but addresses of pages, files or mail.",
        True, "There is nothing to translate in it.", _either(is_address), odd=True,
    ),
    Filter(
        "no words", "One side has letters, the other numbers and signs alone.",
        True, "The sentence is not on the other side; times and sums of less than ten letters pass.",
        is_wordless,
    ),
    Filter(
        "list", "A side is a page's menu or breadcrumb, or a line of a table of contents.",
        True, "Its entries are no sentence, and crawled pages repeat it under every text.", _either(is_list), odd=True,
    ),
    Filter(
        "encoded data", "A run of 32 or more characters of base64 or hexadecimal digits.",
        True, "No word of any language.", _either(has_encoded_data),
    ),
    Filter(
        "repetition", "One side is mostly the same words over and over, and the other is not.",
        True, "What failed machine translation looks like; laughter and songs repeat on both sides.", repeats,
    ),
    Filter(
        "same name", "Both sides are the same name of several words, the same number or the same symbol.",
        False, "A name is its own translation; 'identical sides' leaves these alone.", is_same_name,
    ),
    Filter(
        "near duplicate", "The same letters and digits came before, with other punctuation.",
        True, "What is lost is a full stop for an exclamation mark; what is kept is said twice.",
        remembered=near_duplicates,
    ),
    Filter(
        "overused target", "The target, of 20 characters or more, stands under its eleventh source or a later one.",
        True, "A filler or a misaligned run; short answers, and ten ways to say a thing, pass.",
        remembered=overused_targets,
    ),
    Filter(
        "repeated target", "The target, of 20 characters or more, came before.",
        False, "Two sources may well have one translation.",
        remembered=repeated_targets,
    ),
)  # fmt: skip
NAMES = tuple(one.name for one in HYGIENE)
MEANING = {
    one.name: f"{one.meaning} {'On' if one.on else 'Off'} at first: {one.why[0].lower()}{one.why[1:]}"
    for one in HYGIENE
}
ON = frozenset(one.name for one in HYGIENE if one.on)


def is_odd(text: str) -> bool:
    """Whether a sign stands in a text without which the filters marked `odd` find nothing.

    >>> is_odd("Well, he left."), is_odd("<b>Well</b>"), is_odd("He left..."), is_odd("Он ушёл")
    (False, True, True, True)
    """
    if text.isascii():  # a fifth of the time that a search takes
        if text.encode().translate(None, _PLAIN_ASCII):
            return True
    elif _SIGN(text) or _LETTER(text):
        return True
    return ("." in text[:-1] and _DOTS(text) is not None) or "__" in text


#: (source, target) -> the bits of the reasons that the pair has.
Found = Callable[[str, str], int]
#: (bare source, bare target, mask so far) -> the mask with the bits of the reasons that the pair has.
Compared = Callable[[str, str, int], int]


def finding(bits: Mapping[str, int]) -> Found:
    """Every filter that looks at one pair alone; pairs may come in any order."""
    tests = [(bits[one.name], one.test) for one in HYGIENE if one.test and not one.odd]
    odd = [(bits[one.name], one.test) for one in HYGIENE if one.test and one.odd]

    def found(source: str, target: str) -> int:
        mask = 0
        for bit, test in chain(tests, odd) if is_odd(source) or is_odd(target) else tests:
            if test(source, target):
                mask |= bit
        return mask

    return found


def comparing(bits: Mapping[str, int]) -> Compared:
    """Every filter that compares with the pairs before, begun for one pass; bare pairs have to come in order.

    An exact duplicate by `bits` is nothing less too.
    """
    tests = [(bits[one.name], one.remembered()) for one in HYGIENE if one.remembered]
    duplicate, again = bits["duplicate"], bits["near duplicate"] | bits["repeated target"]

    def compared(source: str, target: str, mask: int) -> int:
        for bit, test in tests:
            if test(source, target):
                mask |= bit
        return mask & ~again if mask & duplicate else mask

    return compared
