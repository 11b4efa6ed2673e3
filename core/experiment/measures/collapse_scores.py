"""Collapse: the run's pooled states on held-out bitext beside its warm start's, and the two rules."""

from __future__ import annotations

import json
from pathlib import Path

from core.evaluation.collapse import Compared, compare, judge
from core.evaluation.scores import Score
from core.experiment.collapse import own_discriminator
from core.experiment.context import EvaluationContext
from core.experiment.held_out import labelled_states
from core.experiment.same_training import COUNTS
from core.progress import Progress, silent

SPLIT = "held-out"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """Of every language, in the last layer: state_deviation, unrelated_distance, effective_rank and
    held_out_retrieval, each also of the warm start (`_start`), and held_out_retrieval_change with its interval (see
    `core.evaluation.collapse`). Over all: collapsed and driven_apart, 100 or 0; language_probe_chance, what a probe is
    right by that names the largest language always; and own_discriminator, the accuracy of the run's own at the end of
    training, where it has one. Nothing for a warm start, which is compared with none, and without bitext.
    """
    if context.teacher is None or not context.config.data.bitext_languages:
        return []
    languages, layer = context.config.data.bitext_languages, context.encoder.layers
    scores: list[Score] = []
    compared: list[Compared] = []
    for done, language in enumerate(languages):
        progress(done, len(languages), f"states of {language}")
        before, after = context.held_out.of(language)
        row = compare(language, layer, (after.english, after.target), (before.english, before.target))
        compared.append(row)
        scores += _of_language(row)
    collapse = judge(compared)
    for name, yes in (("collapsed", collapse.collapsed), ("driven_apart", collapse.driven_apart)):
        scores.append(Score(name, SPLIT, "", 100.0 * yes, items=len(languages), layer=layer))
    _, marks = labelled_states([(h.english, h.target) for _, h in map(context.held_out.of, languages)])
    chance = max((marks == code).mean() for code in set(marks.tolist()))
    scores.append(Score("language_probe_chance", SPLIT, "", 100.0 * float(chance), items=len(marks)))
    discriminator = own_discriminator(_curves(folder), context.config.training.updates)
    if discriminator == discriminator:
        scores.append(Score("own_discriminator", "training", "", discriminator))
    progress(len(languages), len(languages), "collapse")
    return scores


def _of_language(row: Compared) -> list[Score]:
    values = {
        "state_deviation": row.spread.deviation, "state_deviation_start": row.reference.deviation,
        "unrelated_distance": row.spread.distance, "unrelated_distance_start": row.reference.distance,
        "effective_rank": row.spread.rank, "effective_rank_start": row.reference.rank,
        "held_out_retrieval": row.retrieval, "held_out_retrieval_start": row.retrieval_reference,
    }  # fmt: skip
    scores = [
        Score(name, SPLIT, row.language, value, items=row.items, layer=row.layer) for name, value in values.items()
    ]
    change = row.retrieval - row.retrieval_reference
    bounds = row.retrieval_low, row.retrieval_high
    scores.append(Score("held_out_retrieval_change", SPLIT, row.language, change, *bounds, row.items, row.layer))
    return scores


def _curves(folder: Path) -> list[tuple[int, str, float]]:
    """What training logged, where the run's folder is not yet finished."""
    path = folder / COUNTS
    if not path.is_file():
        return []
    return [(int(s), str(n), float(v)) for s, n, v in json.loads(path.read_text(encoding="utf-8"))["curves"]]
