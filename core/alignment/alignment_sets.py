"""Alignment error on gold sets: each setting on each set."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.alignment.alignment_error import AlignmentScore, count_links, score_counts
from core.alignment.kept_states import StateShelf
from core.alignment.token_masses import token_masses
from core.alignment.word_links import LinkSettings, layer_of, link_states
from core.data.gold_alignment import GoldSet
from core.encoder.encoder import Encoder
from core.encoder.states import token_states
from core.errors import BadInput
from core.progress import Progress, silent


@dataclass(frozen=True)
class SetScore:
    """The error of one setting on one gold set; `counts` [n, 4] are those of `alignment_error.count_links`. `seconds`
    of processor time are what reading and linking all its pairs takes, the reading told from a sample."""

    gold: GoldSet
    settings: LinkSettings
    score: AlignmentScore
    counts: NDArray[np.int64]
    seconds: float


#: Pairs that are read anew to tell how long reading takes, whatever is kept.
_SAMPLE = 24


def measure_sets(
    encoder: Encoder, sets: Sequence[GoldSet], settings: Sequence[LinkSettings], progress: Progress = silent,
    kept: Path | None = None,
) -> Iterator[SetScore]:  # fmt: skip
    """The error of each setting on each set. Sentences whose words cannot be read have no links. `kept` is a folder
    where states are kept, so that another decoding of the same layer reads no text again.

    Raises `BadInput` for a gold file without sentences.
    """
    shelf = StateShelf(encoder, kept)
    total = sum(len(gold.file.links) for gold in sets)
    done = 0
    for gold in sets:
        pairs = words_of(gold)
        readable = [at for at, (source, target) in enumerate(pairs) if source and target]
        sides = [[pairs[at][0] for at in readable], [pairs[at][1] for at in readable]]
        for layer in sorted({layer_of(encoder, one) for one in settings}):
            rows = [shelf.at_layer(side, layer) for side in sides]
            reading = _reading_time(encoder, sides, layer)
            for one in settings:
                if layer_of(encoder, one) != layer:
                    continue
                masses = None
                if one.plan.marginals != "uniform":
                    kinds = (one.plan.marginals, layer)
                    masses = (token_masses(encoder, sides[0], rows[0], *kinds),
                              token_masses(encoder, sides[1], rows[1], *kinds))  # fmt: skip
                begun = time.process_time()
                found = dict(zip(readable, link_states(rows[0], rows[1], one, masses=masses), strict=True))
                seconds = time.process_time() - begun + reading
                counts = np.array(
                    [
                        count_links(links, frozenset(found[at].links) if at in found else frozenset())
                        for at, links in enumerate(gold.file.links)
                    ],
                    np.int64,
                )
                yield SetScore(gold, one, score_counts(counts), counts, seconds)
        done += len(pairs)
        progress(done, total, gold.label)


def _reading_time(encoder: Encoder, sides: Sequence[Sequence[list[str]]], layer: int) -> float:
    """Seconds of processor time that reading both sides takes, from pairs spread over them."""
    step = max(1, len(sides[0]) // _SAMPLE)
    begun = time.process_time()
    for side in sides:
        token_states(encoder, side[::step], layer)
    share = len(sides[0][::step]) / len(sides[0])
    return (time.process_time() - begun) / share


def words_of(gold: GoldSet) -> Sequence[tuple[list[str], list[str]]]:
    """The words of a gold set's sentences. Raises `BadInput` if the file is without them."""
    if gold.file.pairs is None:
        raise BadInput(f"{gold.file.path} has no sentences beside it; put them in a file ending in .src-tgt.")
    return gold.file.pairs
