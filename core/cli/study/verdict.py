"""`study verdict`: a study's questions answered from its stored runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.arms.names import WARM_START
from core.cli.common import Data, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.errors import MissingData
from core.notation import plural

if TYPE_CHECKING:
    import pandas as pd

    from core.config import RunConfig
    from core.data.catalog import Catalog
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace


@app.command()
def verdict(study: Named, data: Data = None, home: Home = None, json: Json = False) -> None:
    """Answer a study's questions from its stored runs; of a locked study nothing is shown before its last run is in."""
    from core.cli.run import encoder_sha256
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import valid_lock
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import read_study, study_path
    from core.experiment.studies.study_data import study_catalog
    from core.workspace import open_workspace

    workspace, catalog, path = open_workspace(home), open_catalog(data), study_path(study)
    read = read_study(path)
    lock = valid_lock(read, path)
    planned = plan_study(read, catalog, encoder_sha256(read.encoder))
    sealed = [c for c in planned if lock and c.protocol in lock.allowed and c.reads_test]
    if sealed and (missing := _not_in(planned, workspace)):
        tell(f"Not complete: {_few(missing)}. What the others answered on test is sealed until then.")
        payload = {"study": read.name, "complete": False, "missing": missing, "collapsed": [], "questions": [],
                   "skipped": []}  # fmt: skip
        emit(payload, json, f"{plural(len(missing), 'run')} of {read.name} to be made before it is answered.")
        return
    if sealed:
        _open(workspace, sealed, study_catalog(read, catalog))
    _answer(read, planned, workspace, catalog, study, json)


def _answer(
    read: Study, planned: list[RunConfig], workspace: Workspace, catalog: Catalog, study: str, json: bool
) -> None:
    import pandas as pd

    from core.cli.verdict import judge
    from core.experiment.studies.read import stored_name
    from core.experiment.studies.verdict import as_record, judge_study, sentence
    from store.results.collapse import collapsed_arms
    from store.results.predictions import read as read_predictions
    from store.results.runs import list_runs

    stored = list_runs(workspace)
    answers: list[dict[str, Any]]
    if read.analysis.method == "first":
        runs = _group_of(stored[stored["preset"] == stored_name(read.name)], read.name)
        document = judge(workspace, str(runs["group_id"].iloc[0]))
        made = {f"{arm} seed {seed}" for arm, seed in zip(runs["arm"], runs["seed"], strict=True)}
        asked = [f"{arm.name} seed {seed}" for arm in read.arms for seed in arm.seeds or read.seeds]
        missing = [run for run in asked if run not in made]
        answers = document["questions"]
        lines, skipped = [question["sentence"] for question in answers], []
        collapsed = document["collapsed"]
    else:
        arms = [config for config in planned if config.arm != WARM_START]
        runs = stored[stored["run_id"].isin([config.run_id for config in arms])]
        if runs.empty:
            raise MissingData(f"No run of {read.name} is stored; make them with `python -m core study run {study}`.")
        have = set(runs["run_id"])
        missing = [f"{config.name} seed {config.seed}" for config in arms if config.run_id not in have]
        splits = dict.fromkeys(benchmark.stored_split for benchmark in read.benchmarks)
        ids = list(runs["run_id"])
        table = pd.concat([read_predictions(workspace, ids, split).assign(split=split) for split in splits])
        found = judge_study(read, table.merge(runs[["run_id", "arm", "seed"]], on="run_id"), catalog)
        answers = [dict(as_record(answer)) for answer in found.answers]
        lines = [sentence(answer) for answer in found.answers]
        skipped = [f"{one.contrast.first} against {one.contrast.second}: {one.reason}" for one in found.skipped]
        collapsed = [arm for arm, (count, _, _) in collapsed_arms(workspace, runs).items() if count]
    if missing:
        tell(f"Not complete: {_few(missing)}.")
    for sentence_skipped in skipped:
        tell(f"Not answered: {sentence_skipped}.")
    payload = {"study": read.name, "complete": not missing, "missing": missing, "collapsed": collapsed,
               "questions": answers, "skipped": skipped}  # fmt: skip
    emit(payload, json, "\n".join(lines) or "No question of the study can be answered.")


def _not_in(planned: list[RunConfig], workspace: Workspace) -> list[str]:
    """The planned runs that are neither finished here nor stored, by arm and seed."""
    from core.experiment.finished import find_finished
    from store.results.runs import list_runs

    stored = set(list_runs(workspace)["run_id"]) if workspace.results.is_file() else set()
    return [
        f"{config.name} seed {config.seed}"
        for config in planned
        if config.run_id not in stored and not find_finished(workspace, config.run_id)
    ]


def _open(workspace: Workspace, sealed: list[RunConfig], catalog: Catalog) -> None:
    """Join the labels of the sealed runs here, whose study is complete, and store them."""
    from core.data.catalogue_gold import CatalogueGold
    from core.experiment.finished import find_finished
    from store.results.importer import import_folders

    there = [done.folder for config in sealed if (done := find_finished(workspace, config.run_id))]
    import_folders(workspace, there, catalogue=CatalogueGold(catalog=catalog), on_sealed=tell)


def _few(missing: list[str]) -> str:
    return f"{len(missing)} run(s) are missing, {', '.join(missing[:5])}{'…' if missing[5:] else ''}"


def _group_of(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Of the stored runs of a study those of arms in its newest group."""
    from store.results.groups import list_groups

    groups = list_groups(runs)
    if not groups:
        raise MissingData(f"No run of {name} is stored; make them with `python -m core study run {name}`.")
    return groups[0]
