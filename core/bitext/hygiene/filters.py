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
from core.bitext.hygiene.repeated import Bare, near_duplicates, overused_targets, repeated_targets
from core.bitext.hygiene.scripts import has_homoglyphs

#: (source, target) -> whether the pair has the reason.
Test = Callable[[str, str], bool]


#: Anything but letters, digits, spaces and plain punctuation, and what even those can be a sign of: a dot inside a
#: word, dots in a row, letters that begin mojibake, Greek and Cyrillic ones. Marks of scripts that write vowels so are
#: plain.
_ODD = re.compile(
    r"[^\w\s,.;:'\"?!()\-\u0900-\u0e7f\u2013\u2014\u2018-\u201d]|[\x1c-\x1f\x85\u00c2-\u00f4\u0102\u0103\u0110\u0111"
    r"\u0139\u017b\u0370-\u052f]|\.[\w.]|\. \.|__"
).search


@dataclass(frozen=True)
class Filter:
    """`start` gives a test for one pass over a file, in which tests share bare texts; `on` is its switch at first,
    `why` the argument for that. `odd`: it finds nothing in pairs without an odd sign (`_ODD`)."""

    name: str
    meaning: str
    on: bool
    why: str
    start: Callable[[Bare], Test]
    odd: bool = False


def _either(test: Callable[[str], bool]) -> Callable[[Bare], Test]:
    return lambda _: lambda source, target: test(source) or test(target)


def _plain(test: Test) -> Callable[[Bare], Test]:
    return lambda _: test


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
        _plain(is_html), odd=True,
    ),
    Filter(
        "entities", "A character reference of HTML on one side alone, or one that was escaped twice.",
        True, "One side was read wrongly; references that both sides carry are left to 'markup'.",
        _plain(has_entities), odd=True,
    ),
    Filter(
        "markup", "Both sides carry the same inline tags or character references.",
        False, "Files of software and of pages are full of it, and it is translated as it should be.",
        _plain(has_markup), odd=True,
    ),
    Filter(
        "address", "A side is nothing but addresses of pages, files or mail.",
        True, "There is nothing to translate in it.", _either(is_address), odd=True,
    ),
    Filter(
        "no words", "One side has letters, the other numbers and signs alone.",
        True, "The sentence is not on the other side; times and sums of less than ten letters pass.",
        _plain(is_wordless),
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
        True, "What failed machine translation looks like; laughter and songs repeat on both sides.", _plain(repeats),
    ),
    Filter(
        "same name", "Both sides are the same name of several words, the same number or the same symbol.",
        False, "A name is its own translation; 'identical sides' leaves these alone.", _plain(is_same_name),
    ),
    Filter(
        "near duplicate", "The same letters and digits came before, with other punctuation.",
        True, "What is lost is a full stop for an exclamation mark; what is kept is said twice.", near_duplicates,
    ),
    Filter(
        "overused target", "The target, of 20 characters or more, stands under its eleventh source or a later one.",
        True, "A filler or a misaligned run; short answers, and ten ways to say a thing, pass.", overused_targets,
    ),
    Filter(
        "repeated target", "The target, of 20 characters or more, came before.",
        False, "Two sources may well have one translation.", repeated_targets,
    ),
)  # fmt: skip
NAMES = tuple(one.name for one in HYGIENE)
MEANING = {
    one.name: f"{one.meaning} {'On' if one.on else 'Off'} at first: {one.why[0].lower()}{one.why[1:]}"
    for one in HYGIENE
}
ON = frozenset(one.name for one in HYGIENE if one.on)


#: (source, target, mask so far) -> the mask with the bits of the reasons that the pair has.
Found = Callable[[str, str, int], int]


def started(bits: Mapping[str, int]) -> Found:
    """Every filter begun for one pass; pairs have to come in order, as some are compared with those before.

    A pair that is empty by `bits` is not looked at, and an exact duplicate is nothing less too.
    """
    bare = Bare()
    tests = [(bits[one.name], one.start(bare)) for one in HYGIENE if not one.odd]
    odd = [(bits[one.name], one.start(bare)) for one in HYGIENE if one.odd]
    empty, duplicate = bits["empty"], bits["duplicate"]
    again = bits["near duplicate"] | bits["repeated target"]

    def found(source: str, target: str, mask: int) -> int:
        if mask & empty:
            return mask
        for bit, test in tests if _ODD(source) is None and _ODD(target) is None else chain(tests, odd):
            if test(source, target):
                mask |= bit
        return mask & ~again if mask & duplicate else mask

    return found
