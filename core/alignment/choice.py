"""The search for a default: every rule at equal effort on gold sets, one by one and joined by four."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.alignment.alignment_error import AlignmentScore, count_links, error_of, score_counts
from core.alignment.alignment_sets import words_of
from core.alignment.defaults import FIRST_CHOSEN
from core.alignment.kept_states import StateShelf
from core.alignment.pair_plan import pair_plan
from core.alignment.word_links import DECODINGS, TOLERANCE, LinkSettings, link_shares, link_states
from core.data.gold_alignment import GoldSet, Words
from core.data.links import SentenceLinks
from core.encoder.states import TokenStates
from core.errors import BadInput
from core.progress import Progress, silent
from core.transport.links import THRESHOLDED, Links
from core.transport.plans import PlanSettings, ground_cost, plans_of_costs

#: What each rule of the plan is given at every layer: three costs, three regularisations, five values of its own.
COST_GRID = ("cosine", "centred-cosine", "euclidean")
EPSILON_GRID = (0.05, 0.08, 0.12)
THRESHOLD_GRID = {
    "threshold": (0.25, 0.3, 0.35, 0.4, 0.45),
    "grow": (0.15, 0.2, 0.25, 0.3, 0.35),
    "grow-diag": (0.05, 0.1, 0.2, 0.3, 0.4),
    "near-best": (0.5, 0.6, 0.7, 0.8, 0.9),
}
#: Variants of grow, whose threshold is then this one: a prior on position, and words that may keep their mass.
VARIANT_THRESHOLD = 0.25
POSITION_GRID = (0.5, 1.0, 2.0, 3.0, 5.0)
STRENGTH_GRID = (0.5, 1.0, 2.0)
VARIANT_EPSILON = 0.08
SOFTMAX_THRESHOLD = 1e-3
#: Points of AER that a new default may lose on one gold set against the one before.
MOST_LOST = 0.5
#: Sentences that are joined into one text, to see what length does.
JOINED = 4

Sides = tuple[list[TokenStates], list[TokenStates]]


@dataclass(frozen=True)
class Choice:
    """The best setting of a layer and a rule. `score` pools all gold sets; `macro` and `joined` are the mean AER of
    the sets, sentences one by one and joined by `JOINED`; `by_set` the former by label. `worst` is the most that a set
    loses against the default before (`defaults.FIRST_CHOSEN`) at the same layer. `tried` counts the settings."""

    settings: LinkSettings
    score: AlignmentScore
    macro: float
    joined: float
    by_set: dict[str, float]
    worst: float
    tried: int

    @property
    def merit(self) -> float:
        """What the choice is made by, lower is better: short and long texts count alike."""
        return (self.macro + self.joined) / 2

    @property
    def is_safe(self) -> bool:
        """Whether no set loses more than `MOST_LOST` points."""
        return self.worst <= MOST_LOST


def choose(
    shelf: StateShelf, sets: Sequence[GoldSet], layers: Sequence[int] | None = None, progress: Progress = silent
) -> list[Choice]:
    """Of every layer and rule the setting of least mean AER over the sets, of those that are safe (`Choice.is_safe`) if
    any is; safe ones first, in the order of `Choice.merit`.

    Without `layers` those from 5 to 8 of 12, in proportion to the encoder's depth, between which every encoder that is
    known for it aligns best (SimAlign, arXiv 2004.08728).
    """
    depth = shelf.encoder.layers
    wanted = list(range(5 * depth // 12, 2 * depth // 3 + 1)) if layers is None else list(layers)
    gold = {one.label: readable(words_of(one), one.file.links) for one in sets}
    totals: dict[LinkSettings, dict[str, NDArray[np.int64]]] = {}
    states = {label: _read(shelf, pairs, wanted) for label, (pairs, _) in gold.items()}
    steps = 2 * len(wanted) * len(gold)
    done = 0
    for at, layer in enumerate(wanted):
        for label, (_, links) in gold.items():
            for settings, found in _grid(_at(states[label], at), layer):
                totals.setdefault(settings, {})[label] = _counts(links, found)
            done += 1
            progress(done, steps, f"{label}, layer {layer}")
    del states
    lost = {settings: _lost(settings, totals) for settings in totals}
    best, tried = _best(totals, lost)
    joined = {label: join(pairs, links) for label, (pairs, links) in gold.items()}
    long_states = {label: _read(shelf, pairs, wanted) for label, (pairs, _) in joined.items()}
    choices = []
    for at, layer in enumerate(wanted):
        here = [settings for settings in best if settings.layer == layer]
        errors: dict[LinkSettings, list[float]] = {settings: [] for settings in here}
        for label, (_, links) in joined.items():
            lefts, rights = _at(long_states[label], at)
            for settings in here:
                found = [one.links for one in link_states(lefts, rights, settings)]
                errors[settings].append(100 * error_of(_counts(links, found)))
            done += 1
            progress(done, steps, f"{label} joined, layer {layer}")
        for settings in here:
            by_set = {label: 100 * error_of(counts) for label, counts in totals[settings].items()}
            pooled = score_counts(np.concatenate(list(totals[settings].values())))
            means = float(np.mean(list(by_set.values()))), float(np.mean(errors[settings]))
            count = tried[rule_of(settings)] // len(wanted)
            choices.append(Choice(settings, pooled, *means, by_set, lost[settings], count))
    return sorted(choices, key=lambda choice: (not choice.is_safe, choice.merit))


def rule_of(settings: LinkSettings) -> str:
    """What a setting is called in the table: its decoding, and what else was varied."""
    if settings.plan.kind != "balanced":
        return f"{settings.decoding}, {settings.plan.kind}"
    return f"{settings.decoding}, position" if settings.position else settings.decoding


def readable(pairs: Sequence[Words], links: Sequence[SentenceLinks]) -> tuple[list[Words], list[SentenceLinks]]:
    """The pairs that have words on both sides, with their links. Raises `BadInput` if none has."""
    kept = [at for at, (source, target) in enumerate(pairs) if source and target]
    if not kept:
        raise BadInput("The gold links have no sentence with words on both sides.")
    return [pairs[at] for at in kept], [links[at] for at in kept]


def join(
    pairs: Sequence[Words], links: Sequence[SentenceLinks], size: int = JOINED
) -> tuple[list[Words], list[SentenceLinks]]:
    """Every `size` pairs that follow each other as one, with their links; the last may join fewer.

    >>> joined, links = join([(["a"], ["x"]), (["b"], ["y", "z"])], [SentenceLinks(frozenset({(0, 0)}),
    ...     frozenset({(0, 0)})), SentenceLinks(frozenset(), frozenset({(0, 1)}))])
    >>> joined, sorted(links[0].possible)
    ([(['a', 'b'], ['x', 'y', 'z'])], [(0, 0), (1, 2)])
    """
    texts: list[Words] = []
    moved: list[SentenceLinks] = []
    for first in range(0, len(pairs), size):
        source: list[str] = []
        target: list[str] = []
        sure: set[tuple[int, int]] = set()
        possible: set[tuple[int, int]] = set()
        for (left, right), own in zip(pairs[first : first + size], links[first : first + size], strict=True):
            i, j = len(source), len(target)
            sure |= {(a + i, b + j) for a, b in own.sure}
            possible |= {(a + i, b + j) for a, b in own.possible}
            source += left
            target += right
        texts.append((source, target))
        moved.append(SentenceLinks(frozenset(sure), frozenset(possible)))
    return texts, moved


def _read(shelf: StateShelf, pairs: Sequence[Words], layers: Sequence[int]) -> Sides:
    return shelf.at_layers([p[0] for p in pairs], layers), shelf.at_layers([p[1] for p in pairs], layers)


def _at(sides: Sides, at: int) -> Sides:
    lefts, rights = ([replace(row, states=row.states[at].astype(np.float32)) for row in side] for side in sides)
    return lefts, rights


def _counts(gold: Sequence[SentenceLinks], found: Sequence[Links]) -> NDArray[np.int64]:
    return np.array([count_links(g, frozenset(a)) for g, a in zip(gold, found, strict=True)], np.int64)


def _lost(settings: LinkSettings, totals: dict[LinkSettings, dict[str, NDArray[np.int64]]]) -> float:
    """The most that a set loses against the default before, in points, at the same layer."""
    before = totals[replace(FIRST_CHOSEN, layer=settings.layer)]
    own = totals[settings]
    return max(100 * (error_of(own[label]) - error_of(counts)) for label, counts in before.items())


def _best(
    totals: dict[LinkSettings, dict[str, NDArray[np.int64]]], lost: dict[LinkSettings, float]
) -> tuple[list[LinkSettings], dict[str, int]]:
    """Of each layer and rule the setting of least mean error over the sets, safe ones first, and how many settings each
    rule had."""
    best: dict[tuple[int | None, str], tuple[tuple[bool, float], LinkSettings]] = {}
    tried: dict[str, int] = {}
    for settings, by_set in totals.items():
        rule = rule_of(settings)
        tried[rule] = tried.get(rule, 0) + 1
        error = lost[settings] > MOST_LOST, float(np.mean([error_of(counts) for counts in by_set.values()]))
        if (settings.layer, rule) not in best or error < best[settings.layer, rule][0]:
            best[settings.layer, rule] = error, settings
    return [settings for _, settings in best.values()], tried


def _grid(sides: Sides, layer: int) -> Iterator[tuple[LinkSettings, list[Links]]]:
    """Every setting of one layer with its links; a plan is made once for all that is read from it."""
    lefts, rights = sides
    for decoding in (one for one in DECODINGS if not one.startswith("transport")):
        settings = LinkSettings(decoding, layer, threshold=SOFTMAX_THRESHOLD if decoding == "softmax" else 0.0)
        yield settings, [one.links for one in link_states(lefts, rights, settings)]
    for cost in COST_GRID:
        grounds = [ground_cost(left.states, right.states, cost) for left, right in zip(lefts, rights, strict=True)]
        for plan in (
            *(PlanSettings(epsilon=epsilon, cost=cost) for epsilon in EPSILON_GRID),
            *(PlanSettings("unbalanced", VARIANT_EPSILON, strength, cost) for strength in STRENGTH_GRID),
        ):
            solved = plans_of_costs(grounds, plan, tolerance=TOLERANCE)
            carried = [pair_plan(*each, plan).shares for each in zip(lefts, rights, solved, strict=True)]
            for settings in _of_plan(plan, layer):
                yield settings, [link_shares(shares, settings) for shares in carried]


def _of_plan(plan: PlanSettings, layer: int) -> Iterator[LinkSettings]:
    """The settings that are read from one kind of plan."""
    if plan.kind != "balanced":
        for threshold in THRESHOLD_GRID["grow"]:
            yield LinkSettings("transport-grow", layer, plan, threshold)
        return
    for decoding in (one for one in DECODINGS if one.startswith("transport")):
        rule = decoding.removeprefix("transport-")
        for threshold in THRESHOLD_GRID[rule] if rule in THRESHOLDED else (0.0,):
            yield LinkSettings(decoding, layer, plan, threshold)
    for position in POSITION_GRID:
        yield LinkSettings("transport-grow", layer, plan, VARIANT_THRESHOLD, position)
