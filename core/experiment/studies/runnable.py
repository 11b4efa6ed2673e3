"""What a study may say that runs do not read: refused before anything is made of it, never passed over."""

from __future__ import annotations

from core.arms.registry import find_arm
from core.arms.without_training import APPLIED
from core.config import RECIPE
from core.data.records import LABELS
from core.errors import BadInput
from core.experiment.studies.schema import Benchmark, Study


def check_runnable(study: Study) -> None:
    """Raises `BadInput` for the first thing in the study that a run would not honour."""
    first = study.benchmark()
    for benchmark in study.benchmarks:
        if benchmark.source:
            _source(study, benchmark)
    refusals = (
        (
            study.analysis.method == "first" and not (len(study.benchmarks) == 1 and first.is_whole_xnli),
            'the analysis "first" answers the first study\'s questions on XNLI alone; say method = "crossed"',
        ),
        (study.recipe != RECIPE, f"this version trains by recipe {RECIPE}"),
        (
            study.readings.calibrate and first.source != "xnli",
            "calibrate fits a temperature on English XNLI; leave it out of the readings, or name XNLI first",
        ),
    )
    for wrong, reason in refusals:
        if wrong:
            raise _refused(study, reason)


def check_bitext(study: Study, languages: tuple[str, ...]) -> None:
    """Raises `BadInput` where an arm reads bitext and there is none in a language of the study, `languages`."""
    if languages:
        return
    for arm in study.arms:
        uses = APPLIED[arm.method].uses_bitext if arm.method in APPLIED else find_arm(arm.method).uses_bitext
        if uses:
            raise _refused(study, f"{arm.name} reads bitext, and none is here in a language of the study")


def _source(study: Study, benchmark: Benchmark) -> None:
    refusals = (
        (
            benchmark.source != "xnli",
            f"{benchmark.name} has no known source; the one there is is xnli, others are files",
        ),
        (benchmark.labels != LABELS, f"the labels of XNLI are {', '.join(LABELS)}"),
        (bool(benchmark.values or benchmark.columns), "XNLI needs no values and columns"),
        (benchmark.cluster not in (3, "premise"), "XNLI has three items a premise, so its cluster is 3"),
        (benchmark.source_language != "en", "XNLI's source language is en"),
        (benchmark.split not in ("validation", "test"), "the splits of XNLI are validation and test"),
    )
    for wrong, reason in refusals:
        if wrong:
            raise _refused(study, reason)


def _refused(study: Study, reason: str) -> BadInput:
    return BadInput(f"The study {study.name} cannot be run: {reason}.")
