"""Synthetic noise: pairs of the same file spoilt in four known ways, to see which of them a score finds.

The kinds follow what is found wrong in crawled bitext (Khayrallah and Koehn 2018, On the impact of various types of
noise on neural machine translation): misaligned, cut short, untranslated, garbled.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.data.bitext import Pair

SHUFFLED, TRUNCATED, LANGUAGE, GARBLED = "shuffled", "truncated", "wrong language", "garbled"
KINDS = (SHUFFLED, TRUNCATED, LANGUAGE, GARBLED)
MEANING = {
    SHUFFLED: "the target of another pair",
    TRUNCATED: "the target without its second half",
    LANGUAGE: "the source again in place of its translation",
    GARBLED: "the target with the letters of every second word, or stretch of four, in another order",
}


def plant(pairs: Sequence[Pair], kind: str, at: Sequence[int], seed: int = 0) -> list[Pair]:
    """The pairs at the positions `at`, spoilt; the same for the same seed.

    Shuffled targets come from among `at`, each from another pair with another text, where there is one.
    """
    drawn = random.Random(f"{seed} {kind}")
    if kind == SHUFFLED:
        order = list(at)
        drawn.shuffle(order)
        following = dict(zip(order, order[1:] + order[:1], strict=True))
        return [(pairs[i][0], pairs[following[i]][1]) for i in at]
    spoil = {TRUNCATED: _truncated, LANGUAGE: _source_again, GARBLED: _garbled}[kind]
    return [spoil(pairs[i], drawn) for i in at]


def places(count: int, share: float, seed: int = 0) -> list[int]:
    """Sorted positions of `share` of `count` pairs, at least two of them."""
    return sorted(random.Random(seed).sample(range(count), min(count, max(2, round(share * count)))))


def _truncated(pair: Pair, drawn: random.Random) -> Pair:
    words = pair[1].split()
    if len(words) > 3:
        return pair[0], " ".join(words[: len(words) // 2])
    return pair[0], pair[1][: max(1, len(pair[1]) // 2)].rstrip()


def _source_again(pair: Pair, drawn: random.Random) -> Pair:
    return pair[0], pair[0]


def _garbled(pair: Pair, drawn: random.Random) -> Pair:
    words = pair[1].split()
    if len(words) < 4:  # written without spaces: stretches of four characters
        words = [pair[1][i : i + 4] for i in range(0, len(pair[1]), 4)]
        glue = ""
    else:
        glue = " "
    return pair[0], glue.join(_scrambled(word, drawn) if i % 2 == 0 else word for i, word in enumerate(words))


def _scrambled(word: str, drawn: random.Random) -> str:
    letters = list(word)
    drawn.shuffle(letters)
    return "".join(letters)
