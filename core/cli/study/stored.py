"""A study's stored runs with their answers: what `study card` and `study bundle` pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.arms.names import WARM_START
from core.cli.common import tell
from core.errors import BadInput, MissingData

if TYPE_CHECKING:
    import pandas as pd

    from core.data.catalog import Catalog
    from core.exchange.results import StudyResults
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace


def stored_results(name: str, workspace: Workspace, catalog: Catalog, answered: bool = True) -> StudyResults:
    """The finished runs of a study with everything that is passed on of them; without `answered`, no answers.

    Raises `MissingData` where no run is stored.
    """
    import json

    import pandas as pd

    from core.exchange.results import BenchmarkPredictions, StudyResults
    from core.experiment.studies.lock import lock_path, valid_lock
    from core.experiment.studies.read import read_study, study_path
    from core.experiment.studies.verdict import benchmark_rows, clusters_of
    from store.results.collapse import collapsed_runs
    from store.results.predictions import read, read_robust
    from store.results.runs import get_run
    from store.results.scores import read_scores

    path = study_path(name)
    study = read_study(path)
    lock = lock_path(path).read_text(encoding="utf-8") if valid_lock(study, path) else ""
    runs, missing = study_runs(study, workspace, catalog, name)
    ids, first = [str(run) for run in runs["run_id"]], study.benchmark()
    named = runs[["run_id", "arm", "seed"]]
    splits = dict.fromkeys(one.stored_split for one in study.benchmarks)
    predictions = pd.concat([read(workspace, ids, split).assign(split=split) for split in splits])
    predictions = predictions.merge(named, on="run_id")
    parts = [(one, benchmark_rows(one, predictions, one is first).drop(columns="split")) for one in study.benchmarks]
    without = sorted(set(ids) - set(parts[0][1]["run_id"]))
    if without and not first.seeds:
        raise BadInput(
            f"The run {without[0]} of {study.name} has no predictions on {first.stored_split}; remove it with "
            "`python -m core runs remove`, or make it again."
        )
    if missing:
        tell(f"Not complete: {len(missing)} run(s) are missing, {', '.join(missing[:5])}{'…' if missing[5:] else ''}.")
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


def study_runs(study: Study, workspace: Workspace, catalog: Catalog, name: str) -> tuple[pd.DataFrame, list[str]]:
    """The stored runs of a study's arms (rows of `list_runs`), in the order of its arms and seeds, and the names of
    those that are missing.

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
        from core.cli.run import encoder_sha256
        from core.experiment.studies.plan import plan_study

        planned = [
            config for config in plan_study(study, catalog, encoder_sha256(study.encoder)) if config.arm != WARM_START
        ]
        runs = stored[stored["run_id"].isin([config.run_id for config in planned])]
        made = set(runs["run_id"])
        missing = [f"{config.name} seed {config.seed}" for config in planned if config.run_id not in made]
    if runs.empty:
        raise MissingData(f"No run of {study.name} is stored; make them with `python -m core study run {name}`.")
    rank = {arm.name: i for i, arm in enumerate(study.arms)}
    order = sorted(runs.index, key=lambda i: (rank.get(runs["arm"][i], len(rank)), runs["arm"][i], runs["seed"][i]))
    return runs.loc[order].reset_index(drop=True), missing


def _answers(
    study: Study, runs: pd.DataFrame, predictions: pd.DataFrame, workspace: Workspace, catalog: Catalog
) -> dict[str, object]:
    if study.analysis.method == "first":
        from store.results.sheets import answer_sheet

        return dict(answer_sheet(workspace, runs, study.benchmark().split))
    from core.experiment.studies.verdict import as_record, judge_study

    found = judge_study(study, predictions, catalog)
    skipped = [f"{one.contrast.first} against {one.contrast.second}: {one.reason}" for one in found.skipped]
    return {"questions": [dict(as_record(answer)) for answer in found.answers], "skipped": skipped}
