"""Alignment error on gold sets: one setting on each set, or a grid of settings pooled over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.alignment.alignment_error import AlignmentScore, count_links, error_of, score_counts
from core.alignment.pair_plan import pair_plan
from core.alignment.token_masses import token_masses
from core.alignment.word_links import DECODINGS, TOLERANCE, LinkSettings, layer_of, link_states
from core.data.gold_alignment import GoldSet
from core.data.links import SentenceLinks
from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates, layer_states, token_states
from core.errors import BadInput
from core.progress import Progress, silent
from core.transport.links import Links, link
from core.transport.plans import PlanSettings, ground_cost, plans_of_costs

#: What the choice is made among, besides layers and decodings.
COST_GRID = ("cosine", "centred-cosine", "euclidean")
EPSILON_GRID = (0.05, 0.08, 0.1, 0.12)
THRESHOLD_GRID = (0.25, 0.3, 0.35, 0.4, 0.45)
SOFTMAX_THRESHOLD = 1e-3


@dataclass(frozen=True)
class SetScore:
    """The error of one setting on one gold set; `counts` [n, 4] are those of `alignment_error.count_links`."""

    gold: GoldSet
    settings: LinkSettings
    score: AlignmentScore
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """One row of the grid, pooled over the gold sets."""

    settings: LinkSettings
    score: AlignmentScore


def measure_sets(
    encoder: Encoder, sets: Sequence[GoldSet], settings: Sequence[LinkSettings], progress: Progress = silent
) -> Iterator[SetScore]:
    """The error of each setting on each set. Sentences whose words cannot be read have no links.

    Raises `BadInput` for a gold file without sentences.
    """
    total = sum(len(gold.file.links) for gold in sets)
    done = 0
    for gold in sets:
        pairs = words_of(gold)
        readable = [at for at, (source, target) in enumerate(pairs) if source and target]
        sides = [[pairs[at][0] for at in readable], [pairs[at][1] for at in readable]]
        for layer in sorted({layer_of(encoder, one) for one in settings}):
            rows = [token_states(encoder, side, layer) for side in sides]
            for one in settings:
                if layer_of(encoder, one) != layer:
                    continue
                masses = None
                if one.plan.marginals != "uniform":
                    kinds = (one.plan.marginals, layer)
                    masses = (token_masses(encoder, sides[0], rows[0], *kinds),
                              token_masses(encoder, sides[1], rows[1], *kinds))  # fmt: skip
                found = dict(zip(readable, link_states(rows[0], rows[1], one, masses=masses), strict=True))
                counts = np.array(
                    [
                        count_links(links, frozenset(found[at].links) if at in found else frozenset())
                        for at, links in enumerate(gold.file.links)
                    ],
                    np.int64,
                )
                yield SetScore(gold, one, score_counts(counts), counts)
        done += len(pairs)
        progress(done, total, gold.label)


def words_of(gold: GoldSet) -> Sequence[tuple[list[str], list[str]]]:
    """The words of a gold set's sentences. Raises `BadInput` if the file is without them."""
    if gold.file.pairs is None:
        raise BadInput(f"{gold.file.path} has no sentences beside it; put them in a file ending in .src-tgt.")
    return gold.file.pairs


def choose(
    encoder: Encoder, sets: Sequence[GoldSet], layers: Sequence[int] | None = None, progress: Progress = silent
) -> list[Choice]:
    """Every layer, cost, regularisation, decoding and threshold of the grid, micro-averaged over all sets together;
    of each layer and decoding the best, in the order of its error.

    Without `layers` those from a third to three quarters of the encoder's depth, between which every encoder that is
    known for it aligns best (SimAlign, arXiv 2004.08728).
    """
    wanted = list(range(encoder.layers // 3, 3 * encoder.layers // 4 + 1)) if layers is None else list(layers)
    totals: dict[LinkSettings, list[NDArray[np.int64]]] = {}
    for number, gold in enumerate(sets):
        pairs = words_of(gold)
        readable = [at for at, (source, target) in enumerate(pairs) if source and target]
        sides = [_halved(layer_states(encoder, [pairs[at][side] for at in readable])) for side in (0, 1)]
        golden = [gold.file.links[at] for at in readable]
        for layer in wanted:
            count_grid(sides[0], sides[1], golden, layer, totals)
            progress(number * len(wanted) + wanted.index(layer) + 1, len(sets) * len(wanted), f"{gold.label} {layer}")
    return best_of(totals)


def count_grid(
    lefts: Sequence[TokenStates], rights: Sequence[TokenStates], golden: Sequence[SentenceLinks], layer: int,
    totals: dict[LinkSettings, list[NDArray[np.int64]]],
) -> None:  # fmt: skip
    """Add the counts of every setting of one layer, on pairs with states of every layer, to `totals`."""
    x, y = ([replace(row, states=row.states[layer].astype(np.float32)) for row in side] for side in (lefts, rights))
    for settings, links in _grid(x, y, layer):
        rows = [count_links(g, frozenset(a)) for g, a in zip(golden, links, strict=True)]
        totals.setdefault(settings, []).append(np.array(rows, np.int64))


def best_of(totals: dict[LinkSettings, list[NDArray[np.int64]]]) -> list[Choice]:
    """Of each layer and decoding the best setting, in the order of its error over all counts together."""
    pooled = {settings: np.concatenate(parts) for settings, parts in totals.items()}
    best: dict[tuple[int | None, str], LinkSettings] = {}
    for settings, counts in pooled.items():
        key = settings.layer, settings.decoding
        if key not in best or error_of(counts) < error_of(pooled[best[key]]):
            best[key] = settings
    choices = [Choice(settings, score_counts(pooled[settings])) for settings in best.values()]
    return sorted(choices, key=lambda choice: choice.score.aer)


def _halved(rows: Sequence[TokenStates]) -> list[TokenStates]:
    """States of all layers in half precision: they need half the memory."""
    return [replace(row, states=row.states.astype(np.float16)) for row in rows]


def _grid(
    lefts: Sequence[TokenStates], rights: Sequence[TokenStates], layer: int
) -> Iterator[tuple[LinkSettings, list[Links]]]:
    """Every setting of one layer with its links; a plan is made once for all that is read from it."""
    for decoding in DECODINGS:
        if not decoding.startswith("transport"):
            settings = LinkSettings(
                decoding, layer, PlanSettings(), SOFTMAX_THRESHOLD if decoding == "softmax" else 0.0
            )
            yield settings, [one.links for one in link_states(lefts, rights, settings)]
    states = [row.states for row in lefts], [row.states for row in rights]
    for cost in COST_GRID:
        grounds = [ground_cost(x, y, cost) for x, y in zip(*states, strict=True)]
        for epsilon in EPSILON_GRID:
            plan = PlanSettings(epsilon=epsilon, cost=cost)
            plans = plans_of_costs(grounds, plan, tolerance=TOLERANCE)
            carried = [pair_plan(*each, plan).shares for each in zip(lefts, rights, plans, strict=True)]
            for decoding in DECODINGS:
                rule = decoding.removeprefix("transport-")
                if rule == decoding:
                    continue
                for threshold in THRESHOLD_GRID if rule == "threshold" else (0.0,):
                    found = [link(shares, rule, threshold) for shares in carried]
                    yield LinkSettings(decoding, layer, plan, threshold), found
