"""The list of measures: each is given a run's context, its folder and progress, and gives scores.

A new measure is one file in this folder and one row here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.measures import (
    alignment_scores,
    calibration_scores,
    collapse_scores,
    held_out_scores,
    plans,
    predictions,
    probe_by_layer,
    rankings,
    retrieval_scores,
    robustness_scores,
)
from core.experiment.run_tables import write_scores
from core.progress import Progress, silent

#: `measure(context, folder, progress)`: scores of the run, [] where its configuration does not ask for them. It may
#: write a table of its own into the folder and read those of the measures before it; progress ends at its total.
MeasureOfRun = Callable[[EvaluationContext, Path, Progress], list[Score]]

#: In the order in which they are taken and their scores stored.
MEASURES: dict[str, MeasureOfRun] = {
    "predictions": predictions.measure,
    "calibration": calibration_scores.measure,
    "robustness": robustness_scores.measure,
    "alignment": alignment_scores.measure,
    "held-out bitext": held_out_scores.measure,
    "collapse": collapse_scores.measure,
    "retrieval": retrieval_scores.measure,
    "probe by layer": probe_by_layer.measure,
    "plans": plans.measure,
    "rankings": rankings.measure,
}


def measure_all(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """Take every measure of `MEASURES` and write their scores to `folder`.

    Raises `ValueError`, naming the measure, where one gives a score that another gave already: the later would hide it.
    """
    scores: list[Score] = []
    given: dict[tuple[str, str, str, int], str] = {}
    for name, measure in MEASURES.items():
        for score in measure(context, folder, progress):
            key = (score.name, score.split, score.language, score.layer)
            if key in given:
                raise ValueError(f"The measure {name!r} gives {score.name} again, which {given[key]!r} has given.")
            given[key] = name
            scores.append(score)
    write_scores(folder / "scores.parquet", scores)
    return scores
