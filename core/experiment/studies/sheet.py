"""Which study stored runs belong to, and their answer sheet by its rule: the one place that makes a sheet."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.catalog import Catalog
from core.errors import IsoglossError, MissingData
from core.experiment.studies.read import FOLDER, read_study, shipped_names, stored_name
from core.experiment.studies.schema import Study
from core.experiment.studies.verdict import balanced, clusters_of, judge_study
from core.files import atomic_write
from core.languages import language
from core.verdict.analysis import Analysis
from core.verdict.answers import Clusters
from core.verdict.paired_values import consecutive
from core.verdict.sheet import make_sheet, sheet_key
from core.verdict.study_results import as_result, without_answer

#: Of runs that no known study made: premises and seeds crossed, which is what a study's file says unless it says more.
WITHOUT_STUDY = Analysis(method="crossed")


def study_of(presets: Iterable[str], folder: Path | None = None) -> Study | None:
    """The study that runs stored under these names were made by, the most frequent of them; None if none is known.

    Known are the studies that come with the project and those whose files `keep_study` has put into `folder`.
    """
    counts = Counter(str(name) for name in presets)
    for name, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        for path in _files(name, folder):
            try:
                return read_study(path)
            except IsoglossError:  # a file of another version of the project
                continue
    return None


def keep_study(path: Path, name: str, folder: Path) -> None:
    """Keep a study's file beside its runs, so that pages and reports answer by its rule too."""
    if path.parent.resolve() == FOLDER.resolve():
        return
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / f"{name}.toml", path.read_text(encoding="utf-8-sig"))


def analysis_of(study: Study | None) -> Analysis:
    """How differences of the study's runs are made; of runs of no known study, premises and seeds crossed."""
    if study is None:
        return WITHOUT_STUDY
    benchmark, own = study.benchmark(), study.analysis
    return Analysis(
        study=study.name,
        method=own.method,
        arms=tuple(arm.name for arm in study.arms),
        main=tuple(arm.name for arm in study.arms if arm.role == "main"),
        baseline=study.baseline or WITHOUT_STUDY.baseline,
        prior=own.prior,
        aligned=tuple(language(tag).code for tag in benchmark.aligned or study.bitext.languages),
    )


def asks(study: Study | None) -> bool:
    """Whether the study's own questions are answered, and not those of `core.verdict.questions`."""
    return study is not None and study.analysis.method != "first" and bool(study.questions)


def study_sheet(
    study: Study | None, table: pd.DataFrame, robust: pd.DataFrame | None = None, scores: pd.DataFrame | None = None,
    whole: pd.DataFrame | None = None, catalog: Catalog | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`core.verdict.sheet.make_sheet` by the study's analysis, differences after correction of the prior beside.

    `table` has the predictions of one split, `whole` those of every split that the study's benchmarks are stored under
    (with a column split; else `table` is all there is): its questions are answered over all of them, as `study verdict`
    answers them, because Holm's correction runs over a family whatever its benchmarks. `catalog` gives premises to a
    benchmark that is clustered by them; without it its questions are told to be unanswered.
    """
    analysis = analysis_of(study)
    corrected, answered, clusters = None, None, None
    if study is not None and asks(study):
        found = judge_study(study, table if whole is None else whole, catalog)
        answered = [as_result(one) for one in found.answers], [without_answer(one) for one in found.skipped]
        clusters = _clusters(study, table, catalog)
    elif analysis.prior and len(table):
        corrected = balanced(table)
    return make_sheet(table, robust, scores, analysis=analysis, corrected=corrected, answered=answered,
                      clusters=clusters)  # fmt: skip


def study_sheet_key(
    study: Study | None, predictions: dict[str, str], split: str, beside: dict[str, str] | None = None
) -> str:
    """`core.verdict.sheet.sheet_key` of the study's sheet, which changes with what its file says of the analysis."""
    said: dict[str, Any] = {}
    if study is not None and asks(study):
        said = {
            "questions": [dataclasses.asdict(one) for one in study.questions], "level": study.analysis.level,
            "benchmarks": [dataclasses.asdict(one) for one in study.benchmarks],
        }  # fmt: skip
    return sheet_key(predictions, split, analysis_of(study).content() | said, beside)


def _clusters(study: Study, table: pd.DataFrame, catalog: Catalog | None) -> Clusters | None:
    """How the items of the benchmark that is stored under the table's split belong together."""
    splits = set(table["split"]) if "split" in table else set()
    of = next((one for one in study.benchmarks if one.stored_split in splits), study.benchmark())
    try:
        return clusters_of(of, study, catalog)
    except MissingData:  # without the premises' texts every item stands for itself
        return consecutive(1)


def _files(name: str, folder: Path | None) -> list[Path]:
    shipped = [FOLDER / f"{known}.toml" for known in shipped_names() if stored_name(known) == name]
    kept = [folder / f"{name}.toml"] if folder is not None and Path(name).name == name else []
    return [path for path in (*kept, *shipped) if path.is_file()]
