"""What a study may say that runs do not read yet: refused before anything is made of it, never passed over."""

from __future__ import annotations

from core.config import RECIPE
from core.data.records import LABELS
from core.errors import BadInput
from core.experiment.studies.schema import Study


def check_runnable(study: Study) -> None:
    """Raises `BadInput` for the first thing in the study that a run would not honour."""
    benchmark = study.benchmark()
    refusals = (
        (
            len(study.benchmarks) > 1,
            "runs read one benchmark; leave the first and put the others in studies of their own",
        ),
        (
            benchmark.source != "xnli",
            f"runs read the benchmark whose source is xnli; those of {benchmark.name} can be read by "
            "`core.data.benchmarks`, but no run predicts them yet",
        ),
        (benchmark.labels != LABELS, f"runs answer with {', '.join(LABELS)}"),
        (benchmark.cluster != 3, "XNLI has three items a premise, so its cluster is 3"),
        (benchmark.source_language != "en", "XNLI's source language is en"),
        (study.recipe != RECIPE, f"this version trains by recipe {RECIPE}"),
    )
    for wrong, reason in refusals:
        if wrong:
            raise BadInput(f"The study {study.name} cannot be run: {reason}.")
