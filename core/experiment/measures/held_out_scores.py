"""The arms' own objectives on held-out bitext: transport cost by language and over all, and a fresh language probe."""

from __future__ import annotations

from pathlib import Path

from core.evaluation.scores import Score, mean_score, share_score
from core.experiment.context import EvaluationContext
from core.progress import Progress, silent

SPLIT = "held-out"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """bitext_cost_start (the warm start's), bitext_cost, bitext_token and bitext_posterior of each bitext language; the
    two costs over all of them; language_probe_start and language_probe (accuracy x100). Nothing
    without bitext."""
    comparison = context.held_out
    settings, languages = comparison.settings, comparison.languages
    if not languages:
        return []
    steps = len(languages) + 1
    scores: list[Score] = []
    for done, language in enumerate(languages):
        progress(done, steps, f"held-out bitext {language}")
        before, after = comparison.of(language)
        scores += [
            mean_score("bitext_cost_start", SPLIT, language, before.objective(settings)),
            mean_score("bitext_cost", SPLIT, language, after.objective(settings)),
            mean_score("bitext_token", SPLIT, language, after.token),
            mean_score("bitext_posterior", SPLIT, language, after.posterior),
        ]
    progress(len(languages), steps, "language probe")
    for name, cost in zip(("bitext_cost_start", "bitext_cost"), comparison.costs, strict=True):
        scores.append(mean_score(name, SPLIT, "", cost))
    for name, right in zip(("language_probe_start", "language_probe"), comparison.probes, strict=True):
        scores.append(share_score(name, SPLIT, "", right))
    progress(steps, steps, "held-out bitext")
    return scores
