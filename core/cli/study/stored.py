"""A study's stored runs and their answers: what `study verdict` says, and `study card` and `study bundle` pass on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.arms.names import WARM_START
from core.cli.common import tell
from core.errors import BadInput, MissingData

if TYPE_CHECKING:
    import pandas as pd

    from core.config import RunConfig
    from core.data.catalog import Catalog
    from core.exchange.results import StudyResults
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace


def stored_results(name: str, workspace: Workspace, catalog: Catalog, answered: bool = True) -> StudyResults:
    """The finished runs of a study with everything that is passed on of them; without `answered`, no answers.

    Raises `MissingData` where no run is stored.
    """
    import json

    from core.exchange.results import BenchmarkPredictions, StudyResults
    from core.experiment.studies.lock import lock_path, valid_lock
    from core.experiment.studies.read import read_study, study_path
    from core.experiment.studies.verdict import benchmark_rows, clusters_of
    from store.results.collapse import collapsed_runs
    from store.results.predictions import read_robust
    from store.results.runs import get_run
    from store.results.scores import read_scores

    path = study_path(name)
    study = read_study(path)
    lock = lock_path(path).read_text(encoding="utf-8") if valid_lock(study, path) else ""
    runs, missing = study_runs(study, workspace, catalog, name)
    ids, first = [str(run) for run in runs["run_id"]], study.benchmark()
    named = runs[["run_id", "arm", "seed"]]
    predictions = study_predictions(study, runs, workspace)
    parts = [(one, benchmark_rows(one, predictions, one is first).drop(columns="split")) for one in study.benchmarks]
    without = sorted(set(ids) - set(parts[0][1]["run_id"]))
    if without and not first.seeds:
        raise BadInput(
            f"The run {without[0]} of {study.name} has no predictions on {first.stored_split}; remove it with "
            "`python -m core runs remove`, or make it again."
        )
    if missing:
        tell(f"Not complete: {few(missing)}.")
    records = [get_run(workspace, run) for run in ids]
    return StudyResults(
        study=study,
        text=path.read_text(encoding="utf-8-sig"),
        lock=lock,
        records=tuple(json.loads(json.dumps(record)) for record in records),
        benchmarks=tuple(
            BenchmarkPredictions(one, rows, clusters_of(one, study, catalog)) for one, rows in parts if len(rows)
        ),
        robust=read_robust(workspace, ids).merge(named, on="run_id"),
        scores=read_scores(workspace, ids),
        collapsed=collapsed_runs(workspace, ids),
        answers=_answers(study, runs, predictions, workspace, catalog) if answered else {},
        missing=tuple(missing),
    )


def study_runs(
    study: Study, workspace: Workspace, catalog: Catalog, name: str, planned: Sequence[RunConfig] | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """The stored runs of a study's arms (rows of `list_runs`), in the order of its arms and seeds, and the names of
    those that are missing. `planned` are `plan_study`'s, made here where they are needed and not given.

    Raises `MissingData` where none is stored.
    """
    from core.experiment.studies.read import stored_name
    from store.results.groups import compare_runs, list_groups
    from store.results.runs import list_runs

    stored = list_runs(workspace)
    if study.analysis.method == "first":
        groups = list_groups(stored[stored["preset"] == stored_name(study.name)])
        runs = compare_runs(workspace, groups[0]).runs if groups else stored.iloc[:0]
        have = set(zip(runs["arm"], runs["seed"], strict=True))
        asked = [(arm.name, seed) for arm in study.arms for seed in arm.seeds or study.seeds]
        missing = [f"{arm} seed {seed}" for arm, seed in asked if (arm, seed) not in have]
    else:
        if planned is None:
            from core.cli.run import planned_runs

            planned = planned_runs(study, catalog, study.encoder)
        arms = [config for config in planned if config.arm != WARM_START]
        runs = stored[stored["run_id"].isin([config.run_id for config in arms])]
        made = set(runs["run_id"])
        missing = [f"{config.name} seed {config.seed}" for config in arms if config.run_id not in made]
    if runs.empty:
        raise MissingData(f"No run of {study.name} is stored; make them with `python -m core study run {name}`.")
    rank = {arm.name: i for i, arm in enumerate(study.arms)}
    order = sorted(runs.index, key=lambda i: (rank.get(runs["arm"][i], len(rank)), runs["arm"][i], runs["seed"][i]))
    return runs.loc[order].reset_index(drop=True), missing


def study_predictions(study: Study, runs: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    """What `runs` answered under every split that the study's benchmarks are stored by, with a column split."""
    import pandas as pd

    from store.results.predictions import read

    splits = dict.fromkeys(one.stored_split for one in study.benchmarks)
    tables = [read(workspace, [str(run) for run in runs["run_id"]], split).assign(split=split) for split in splits]
    return pd.concat(tables).merge(runs[["run_id", "arm", "seed"]], on="run_id")


def crossed_answers(study: Study, predictions: pd.DataFrame, catalog: Catalog) -> dict[str, list[Any]]:
    """`questions` of a study whose method is not "first", answered, and a sentence on each that is `skipped`."""
    from core.experiment.studies.verdict import as_record, judge_study

    found = judge_study(study, predictions, catalog)
    skipped = [f"{one.contrast.first} against {one.contrast.second}: {one.reason}" for one in found.skipped]
    return {"questions": [dict(as_record(answer)) for answer in found.answers], "skipped": skipped}


def few(missing: Sequence[str]) -> str:
    """How many runs are missing, and the first of them."""
    return f"{len(missing)} run(s) are missing, {', '.join(missing[:5])}{'…' if missing[5:] else ''}"


def _answers(
    study: Study, runs: pd.DataFrame, predictions: pd.DataFrame, workspace: Workspace, catalog: Catalog
) -> dict[str, Any]:
    if study.analysis.method == "first":
        from store.results.sheets import answer_sheet

        return dict(answer_sheet(workspace, runs, study.benchmark().split))
    return crossed_answers(study, predictions, catalog)
