"""Which study stored runs belong to, and their answer sheet by its rule: the one place that makes a sheet."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import IsoglossError
from core.experiment.studies.read import FOLDER, read_study, shipped_names, stored_name
from core.experiment.studies.schema import Study
from core.experiment.studies.verdict import balanced, contrast_of
from core.files import atomic_write
from core.verdict.analysis import Analysis
from core.verdict.sheet import make_sheet, sheet_key

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


def analysis_of(study: Study | None, languages: tuple[str, ...]) -> Analysis:
    """How the study answers on `languages`; the first study's method asks the questions of `core.verdict.questions`."""
    if study is None:
        return WITHOUT_STUDY
    benchmark, own = study.benchmark(), study.analysis
    asked = [] if own.method == "first" else [contrast_of(one, study, languages) for one in study.questions]
    return Analysis(
        study=study.name,
        method=own.method,
        arms=tuple(arm.name for arm in study.arms),
        main=tuple(arm.name for arm in study.arms if arm.role == "main"),
        baseline=study.baseline or WITHOUT_STUDY.baseline,
        questions=tuple(asked),
        level=own.level,
        cluster=benchmark.cluster if isinstance(benchmark.cluster, int) else 1,
        prior=own.prior,
        aligned=tuple(benchmark.aligned or study.bitext.languages),
    )


def study_sheet(
    study: Study | None, table: pd.DataFrame, robust: pd.DataFrame | None = None, scores: pd.DataFrame | None = None
) -> dict[str, Any]:
    """`core.verdict.sheet.make_sheet` by the study's analysis, differences after correction of the prior beside."""
    analysis = analysis_of(study, tuple(sorted(set(table["language"]))) if len(table) else ())
    corrected = balanced(table) if analysis.prior and len(table) else None
    return make_sheet(table, robust, scores, analysis=analysis, corrected=corrected)


def study_sheet_key(
    study: Study | None, predictions: dict[str, str], split: str, beside: dict[str, str] | None = None
) -> str:
    """`core.verdict.sheet.sheet_key` of the study's sheet, which changes with what its file says of the analysis."""
    asked = [] if study is None else [dataclasses.asdict(one) for one in study.questions]
    return sheet_key(predictions, split, analysis_of(study, ()).content() | {"questions": asked}, beside)


def _files(name: str, folder: Path | None) -> list[Path]:
    shipped = [FOLDER / f"{known}.toml" for known in shipped_names() if stored_name(known) == name]
    kept = [folder / f"{name}.toml"] if folder is not None and Path(name).name == name else []
    return [path for path in (*kept, *shipped) if path.is_file()]
