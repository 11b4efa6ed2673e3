"""Retrieval of translations by sentence vectors, between English and every bitext language."""

from __future__ import annotations

from pathlib import Path

from core.encoder.vectors import sentence_vectors
from core.evaluation.retrieval import right_at_one
from core.evaluation.scores import Score, share_score
from core.experiment.context import EvaluationContext
from core.progress import Progress, silent

SPLIT = "retrieval"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """retrieval_accuracy@1 (the language asks, English answers) and retrieval_accuracy@1_from_english, x100, of the
    bitext languages that a retrieval set is here for."""
    encoder, there = context.adapted, context.catalog.retrieval_languages()
    languages = [code for code in context.config.data.bitext_languages if code in there]
    scores = []
    for done, language in enumerate(languages):
        progress(done, len(languages), f"retrieval {language}")
        pairs = context.catalog.retrieval(language).pairs[: context.config.evaluation.retrieval_pairs]
        english = sentence_vectors(encoder, [s for s, _ in pairs])
        target = sentence_vectors(encoder, [t for _, t in pairs])
        scores += [
            share_score("retrieval_accuracy@1", SPLIT, language, right_at_one(target, english)),
            share_score("retrieval_accuracy@1_from_english", SPLIT, language, right_at_one(english, target)),
        ]
    progress(len(languages), len(languages), "retrieval")
    return scores
