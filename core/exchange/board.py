"""A board of contrasts: what many runs' cards say of the differences between arms, each with its interval.

Runs are paired by benchmark, split, items and seed. With at least three seeds a contrast is answered as a study's is,
seeds and clusters of items crossed, Holm's correction over the tested contrasts of one group of languages; with fewer
it is described and carries no mark. A mean is never shown alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from core.arms.names import sort_arms
from core.errors import BadInput
from core.exchange.card_reader import Card
from core.exchange.pools import Pool, make_pools, pool_answers
from core.statistics.significance import MARGIN
from core.verdict.study_answers import Contrast, StudyAnswer, answer_study

#: Arms whose every pair is compared where no baseline is known.
_FEW = 6


@dataclass(frozen=True)
class BoardRow:
    """One contrast: on which benchmark, split and group of languages, and its answer."""

    benchmark: str
    split: str
    group: str
    answer: StudyAnswer

    @property
    def status(self) -> str:
        """The outcome, or "one run, descriptive" (so many seeds, descriptive) where nothing is tested."""
        if self.answer.outcome != "described":
            return self.answer.outcome
        seeds = len(self.answer.seeds)
        return f"{'one run' if seeds == 1 else f'{seeds} seeds'}, descriptive"


@dataclass(frozen=True)
class Board:
    """The rows, what could not be paired or used with the reason, and what else there is to know of the runs."""

    rows: tuple[BoardRow, ...]
    unpaired: tuple[str, ...]
    notes: tuple[str, ...]


def make_board(
    cards: Sequence[Card], against: str = "", languages: Sequence[str] = (), margin: float = MARGIN, pairs: bool = False
) -> Board:
    """Contrasts of every arm with `against` (else the baseline that the cards name); with `pairs`, or where no baseline
    is known and arms are few, of every two arms.

    Groups of languages are those of the cards' benchmark (source, with bitext, others), or `languages` as one group.
    Raises `BadInput` where no card has the arm `against`.
    """
    pools, told = make_pools(cards)
    if against and not any(against in pool.arms for pool in pools):
        known = ", ".join(dict.fromkeys(arm for pool in pools for arm in pool.arms))
        raise BadInput(f"No card is of the arm {against[:60]!r}; there are {known[:300]}.")
    rows: list[BoardRow] = []
    for pool in pools:
        rows += _rows(pool, against, tuple(languages), margin, pairs, told)
    return Board(tuple(rows), tuple(told), tuple(_notes(pools)))


def _rows(
    pool: Pool, against: str, languages: tuple[str, ...], margin: float, pairs: bool, told: list[str]
) -> list[BoardRow]:
    sides = _pairs(pool, against, pairs)
    name, split = str(pool.benchmark["name"]), str(pool.benchmark["split"])
    if not sides:
        what = "it has no other arm" if len(pool.arms) < 2 else f"{against} is not among its arms"
        told.append(f"{name} ({split}), {', '.join(pool.arms)}: nothing is compared, since {what}.")
        return []
    told += _without_counterpart(pool, sides)
    answers, clusters = pool_answers(pool)
    groups = {"languages named": languages} if languages else _groups(pool, answers.languages)
    asked = [
        Contrast(f"accuracy in {group}", first, second, codes, group, margin)
        for group, codes in groups.items()
        for first, second in sides
    ]
    lookup = dict(zip(answers.items.tolist(), clusters.tolist(), strict=True))
    found, skipped = answer_study(answers, asked, lambda items: np.array([lookup[item] for item in items.tolist()]))
    told += [
        f"{one.contrast.first} and {one.contrast.second}, {one.contrast.family} of {name}: not compared, since "
        f"{one.reason}."
        for one in skipped
        if languages or one.contrast.family != "other languages" or "same" in one.reason
    ]
    return [BoardRow(name, split, answer.contrast.family, answer) for answer in found]


def _pairs(pool: Pool, against: str, pairs: bool) -> list[tuple[str, str]]:
    arms = sort_arms(pool.arms)
    baseline = against or _baseline(pool)
    if not pairs and baseline in arms:
        return [(arm, baseline) for arm in arms if arm != baseline]
    if pairs or (not against and len(arms) <= _FEW):
        return [(second, first) for first, second in combinations(arms, 2)]
    return [] if against else [(arm, arms[0]) for arm in arms[1:]]


def _baseline(pool: Pool) -> str:
    """The arm that most of the cards whose role is baseline are of; "" if there is none."""
    named = Counter(arm for (arm, _), card in pool.runs.items() if card.run["role"] == "baseline")
    return named.most_common(1)[0][0] if named else ""


def _groups(pool: Pool, there: Sequence[str]) -> dict[str, tuple[str, ...]]:
    source, aligned = pool.benchmark["source_language"], pool.benchmark["aligned"]
    groups = {
        "languages with bitext": tuple(code for code in aligned if code in there and code != source),
        "source language": tuple(code for code in there if code == source),
        "other languages": tuple(code for code in there if code != source and code not in aligned),
    }
    return {name: codes for name, codes in groups.items() if codes}


def _without_counterpart(pool: Pool, sides: Sequence[tuple[str, str]]) -> list[str]:
    """Which seeds of an arm have no counterpart in which others."""
    seeds = {arm: {seed for name, seed in pool.runs if name == arm} for arm in pool.arms}
    alone: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for first, second in sides:
        for side, other in ((first, second), (second, first)):
            if extra := seeds[side] - seeds[other]:
                alone.setdefault((side, tuple(sorted(extra))), []).append(other)
    return [
        f"{side} seed {', '.join(map(str, extra))}: not paired with {', '.join(others)}, of which no run of that seed "
        "is here."
        for (side, extra), others in alone.items()
    ]


def _notes(pools: Sequence[Pool]) -> list[str]:
    notes = []
    cards = {str(card.run["run_id"]): card for pool in pools for card in pool.runs.values()}.values()
    collapsed = [
        f"{card.run['arm']} seed {card.run['seed']}" for card in cards if card.content["collapse"]["collapsed"]
    ]
    if collapsed:
        notes.append(f"Collapsed, by the cards' own measure: {', '.join(collapsed)}.")
    for arm, runs in _by_arm(cards).items():
        starts = Counter(run["warm_start"] for run in runs)
        shared = [start for start, count in starts.items() if start and count > 1]
        if shared:
            notes.append(f"{arm}: seeds share the warm start {shared[0]}, and intervals speak of that one alone.")
    for key in ("precision", "backend"):
        values = sorted({str(card.content["reading"][key]) for card in cards})
        if len(values) > 1:
            notes.append(f"The runs were read with different {key}: {', '.join(values)[:200]}.")
    return notes


def _by_arm(cards: Any) -> dict[str, list[dict[str, Any]]]:
    by_arm: dict[str, list[dict[str, Any]]] = {}
    for card in cards:
        by_arm.setdefault(str(card.run["arm"]), []).append(card.run)
    return by_arm
