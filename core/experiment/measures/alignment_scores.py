"""A run's word alignment: its error on gold links at every layer, under the first default and the one of today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.alignment.alignment_error import count_links, score_counts
from core.alignment.alignment_sets import words_of
from core.alignment.defaults import CHOSEN, FIRST_CHOSEN
from core.alignment.word_links import link_states
from core.data.gold_alignment import gold_sets
from core.encoder.states import layer_states
from core.errors import MissingData
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.progress import Progress, silent

SPLIT = "alignment"
#: The scores and what they read links with: the first keeps what the shipped runs were measured with.
DECODED = {"alignment_error": FIRST_CHOSEN, "alignment_error_grow": CHOSEN}


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """The scores of `DECODED` (AER x100, with its bootstrap interval) of every language with gold test links, its sets
    pooled, at each layer from a third of the encoder's depth on; for the runs that have the extended evaluation, where
    the data has gold links, else nothing.
    """
    if not context.has_extended_evaluation:
        return []
    try:
        sets = gold_sets(context.catalog, "test")
    except MissingData:
        return []
    encoder = context.adapted
    layers = range(encoder.layers // 3, encoder.layers + 1)
    counts: dict[tuple[str, str, int], list[NDArray[np.int64]]] = {}
    for done, gold in enumerate(sets):
        pairs = words_of(gold)
        readable = [at for at, (source, target) in enumerate(pairs) if source and target]
        sides = [layer_states(encoder, [pairs[at][side] for at in readable]) for side in (0, 1)]
        for layer in layers:
            lefts, rights = ([replace(row, states=row.states[layer]) for row in side] for side in sides)
            for name, settings in DECODED.items():
                linked = dict(zip(readable, link_states(lefts, rights, settings), strict=True))
                rows = [
                    count_links(links, frozenset(linked[at].links) if at in linked else frozenset())
                    for at, links in enumerate(gold.file.links)
                ]
                counts.setdefault((name, gold.other, layer), []).append(np.array(rows, np.int64))
        progress(done + 1, len(sets), f"alignment {gold.label}")
    scores = []
    for (name, code, layer), parts in counts.items():
        all_counts = np.concatenate(parts)
        error = score_counts(all_counts)
        scores.append(Score(name, SPLIT, code, error.aer, error.low, error.high, len(all_counts), layer))
    return scores
