"""Damage of eight known kinds planted among a file's own pairs, to see which of them a score finds.

The kinds follow what is found wrong in crawled bitext (Khayrallah and Koehn 2018, On the impact of various types of
noise on neural machine translation; Kreutzer et al. 2022, Quality at a glance): misaligned far and near, joined, cut
short, garbled, untranslated, and two that leave the sentence whole but not true, a number and a negation. Paraphrases
are planted as *good* pairs: what a cut takes of them is loss.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.bitext.planting.negation import negated
from core.bitext.planting.paraphrase import paraphrased
from core.data.bitext import Pair

RANDOM, OFF_BY_ONE, JOINED, TRUNCATED, GARBLED, NUMBER, NEGATION, LANGUAGE = (
    "random", "off by one", "joined", "truncated", "garbled", "number", "negation", "wrong language",
)  # fmt: skip
PARAPHRASE, GIVEN = "paraphrase", "given as good"
KINDS = (RANDOM, OFF_BY_ONE, JOINED, TRUNCATED, GARBLED, NUMBER, NEGATION, LANGUAGE)
#: Planted too, but right: a cut should leave them.
GOOD = (PARAPHRASE,)
MEANING = {
    RANDOM: "the target of any other pair",
    OFF_BY_ONE: "the target of the next pair",
    JOINED: "the target with the next pair's target after it",
    TRUNCATED: "the target without its second half",
    GARBLED: "the target with the letters of every second word, or stretch of four, in another order",
    NUMBER: "one digit of a number changed",
    NEGATION: "a negation put in or taken out, in English or the other language",
    LANGUAGE: "the source again in place of its translation",
    GIVEN: "good: pairs of a file that a person gave, such as machine translations",
    PARAPHRASE: "good: the English side in other words (synonyms, contractions, order)",
}


@dataclass(frozen=True)
class Planted:
    """Pairs of one kind: `pairs[i]` was made from the bitext's pair at `at[i]`."""

    at: tuple[int, ...]
    pairs: tuple[Pair, ...]


def plant(
    pairs: Sequence[Pair], kind: str, count: int, seed: int = 0, following: Sequence[str | None] | None = None,
    languages: tuple[str, str] = ("und", "und"), among: Sequence[int] | None = None,
) -> Planted:  # fmt: skip
    """At most `count` pairs of a kind, drawn from those that can be (`among` positions where given); the same for the
    same seed.

    `following` [n] is the target of the pair after each in the file, None at its end; else the next of `pairs` counts.
    Only pairs with a number can get another, only those with a known negation can lose it, and so on: there may be
    fewer than `count`, or none.
    """
    drawn = random.Random(f"{seed} {kind}")
    order = list(range(len(pairs)) if among is None else among)
    drawn.shuffle(order)
    after = following if following is not None else [*(pair[1] for pair in pairs[1:]), None]
    make = _MAKERS[kind]
    found: dict[int, Pair] = {}
    for i in order:
        if len(found) == count:
            break
        made = make(_Place(pairs, i, after[i], languages, drawn))
        if made is not None and made != pairs[i] and all(made):
            found[i] = made
    at = sorted(found)
    return Planted(tuple(at), tuple(found[i] for i in at))


@dataclass(frozen=True)
class _Place:
    """Where a pair is to be spoilt: the pairs, which of them, the target after it, their languages, and the dice."""

    pairs: Sequence[Pair]
    at: int
    following: str | None
    languages: tuple[str, str]
    drawn: random.Random

    @property
    def pair(self) -> Pair:
        return self.pairs[self.at]


def _random(place: _Place) -> Pair | None:
    for _ in range(20):
        other = place.pairs[place.drawn.randrange(len(place.pairs))]
        if other[1] != place.pair[1] and other[0] != place.pair[0]:
            return place.pair[0], other[1]
    return None


def _off_by_one(place: _Place) -> Pair | None:
    return None if place.following is None else (place.pair[0], place.following)


def _joined(place: _Place) -> Pair | None:
    if place.following is None:
        return None
    glue = " " if " " in place.pair[1] + place.following else ""
    return place.pair[0], f"{place.pair[1]}{glue}{place.following}"


def _truncated(place: _Place) -> Pair | None:
    source, target = place.pair
    words = target.split()
    if len(words) > 3:
        return source, " ".join(words[: len(words) // 2])
    return source, target[: max(1, len(target) // 2)].rstrip()


def _garbled(place: _Place) -> Pair | None:
    words = place.pair[1].split()
    glue = " "
    if len(words) < 4:  # written without spaces: stretches of four characters
        words, glue = [place.pair[1][i : i + 4] for i in range(0, len(place.pair[1]), 4)], ""
    spoilt = (_scrambled(word, place.drawn) if i % 2 == 0 else word for i, word in enumerate(words))
    return place.pair[0], glue.join(spoilt)


def _scrambled(word: str, drawn: random.Random) -> str:
    letters = list(word)
    drawn.shuffle(letters)
    return "".join(letters)


_DIGITS = re.compile(r"\d+")


def _number(place: _Place) -> Pair | None:
    source, target = place.pair
    if (changed := _renumbered(target, place.drawn)) is not None:
        return source, changed
    changed = _renumbered(source, place.drawn)
    return None if changed is None else (changed, target)


def _renumbered(text: str, drawn: random.Random) -> str | None:
    """With one digit, of one of its numbers, changed to another of the same script."""
    numbers = list(_DIGITS.finditer(text))
    if not numbers:
        return None
    number = drawn.choice(numbers)
    at = drawn.randrange(number.start(), number.end())
    old = unicodedata.digit(text[at])
    new = drawn.choice([d for d in range(0 if at > number.start() else 1, 10) if d != old])
    return f"{text[:at]}{chr(ord(text[at]) - old + new)}{text[at + 1 :]}"


def _negation(place: _Place) -> Pair | None:
    source, target = place.pair
    one, other = place.languages
    sides = (1, 0) if other.split("-")[0] == "en" or one.split("-")[0] != "en" else (0, 1)
    for side in sides:
        changed = negated(place.pair[side], place.languages[side])
        if changed is not None:
            return (changed, target) if side == 0 else (source, changed)
    return None


def _source_again(place: _Place) -> Pair | None:
    return place.pair[0], place.pair[0]


def _paraphrase(place: _Place) -> Pair | None:
    for side in (0, 1):
        if place.languages[side].split("-")[0] == "en":
            changed = paraphrased(place.pair[side])
            if changed is not None:
                return (changed, place.pair[1]) if side == 0 else (place.pair[0], changed)
    return None


_MAKERS: dict[str, Callable[[_Place], Pair | None]] = {
    RANDOM: _random, OFF_BY_ONE: _off_by_one, JOINED: _joined, TRUNCATED: _truncated, GARBLED: _garbled,
    NUMBER: _number, NEGATION: _negation, LANGUAGE: _source_again, PARAPHRASE: _paraphrase,
}  # fmt: skip
