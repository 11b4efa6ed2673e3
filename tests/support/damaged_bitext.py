"""Real bitext with damage of eight kinds at known places, for the benchmark of scores and filters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from core.bitext import noise
from core.data.registry import find_all, known_sources
from core.data.training_bitext import read_file

Pair = tuple[str, str]
#: Consecutive lines that are drawn together, so that a pair's neighbours are those of its document.
_BLOCK = 30


@dataclass(frozen=True)
class Damaged:
    """A file's pairs; the target after each (None at the end of a block); the places of each kind of damage and of
    the good kinds; all other places are as they were."""

    pairs: list[Pair]
    following: list[str | None]
    places: dict[str, list[int]]

    @property
    def untouched(self) -> list[int]:
        touched = {i for at in self.places.values() for i in at}
        return [i for i in range(len(self.pairs)) if i not in touched]


def damaged_file(folder: Path, code: str, pairs: int, each: int) -> Damaged:
    """`pairs` lines of the language's training bitext, English first, of which `each` get damage of every kind."""
    blocks = _blocks(folder, code)
    random.Random(1).shuffle(blocks)
    rows: list[Pair] = []
    ends: set[int] = set()
    known: set[Pair] = set()
    for block in blocks:
        if len(rows) >= pairs:
            break
        new = [pair for pair in block if pair not in known]
        known.update(new)
        rows += new[: pairs - len(rows)]
        ends.add(len(rows) - 1)
    free = list(range(len(rows)))
    following = [None if i in ends else rows[i + 1][1] for i in range(len(rows))]
    spoilt, places = list(rows), {}
    # The kinds that few pairs can have come first.
    for kind in (noise.NUMBER, noise.NEGATION, noise.PARAPHRASE, *noise.KINDS):
        if kind in places:
            continue
        made = noise.plant(rows, kind, each, 7, following, ("en", code), among=free)
        places[kind] = list(made.at)
        free = [i for i in free if i not in set(made.at)]
        for i, pair in zip(made.at, made.pairs, strict=True):
            spoilt[i] = pair
    after = [None if i in ends else spoilt[i + 1][1] for i in range(len(spoilt))]
    return Damaged(spoilt, after, places)


def _blocks(folder: Path, code: str) -> list[list[Pair]]:
    found = [one for one in find_all(known_sources(folder), folder) if one.declared.role == "bitext-training"]
    blocks = []
    for one in found:
        for file in one.files:
            if file.language == code:
                pairs = [pair for pair in read_file(one, file) if all(pair)]
                blocks += [pairs[i : i + _BLOCK] for i in range(0, len(pairs), _BLOCK)]
    return blocks
