"""Where the language of a sentence can be read: a fresh probe on the states of every layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.encoder.states import layer_states
from core.evaluation.language_probe import language_probe
from core.evaluation.scores import Score, share_score
from core.experiment.context import EvaluationContext
from core.experiment.held_out import labelled_states, never_trained
from core.progress import Progress, silent


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """language_probe_layer: accuracy x100 of a fresh language probe on mean states of held-out sentences, at every
    layer (0: embeddings), for the runs that have the extended evaluation and bitext; else nothing."""
    if not context.has_extended_evaluation or not context.config.data.bitext_languages:
        return []
    config, encoder = context.config, context.adapted
    languages = config.data.bitext_languages
    steps = len(languages) + encoder.layers + 1
    english: list[NDArray[np.float32]] = []
    target: list[NDArray[np.float32]] = []
    for done, language in enumerate(languages):
        progress(done, steps, f"states of {language}")
        pairs = never_trained(context.catalog, language).pairs[: config.evaluation.held_out_pairs]
        sides = [layer_states(encoder, [pair[side] for pair in pairs]) for side in (0, 1)]
        for rows, means in zip(sides, (english, target), strict=True):
            means.append(np.stack([row.states.mean(1) for row in rows]))
    scores = []
    for layer in range(encoder.layers + 1):
        progress(len(languages) + layer, steps, f"language probe, layer {layer}")
        parts = [(e[:, layer], t[:, layer]) for e, t in zip(english, target, strict=True)]
        right = language_probe(*labelled_states(parts), seed=config.seed)
        scores.append(share_score("language_probe_layer", "held-out", "", right, layer))
    progress(steps, steps, "language probe")
    return scores
