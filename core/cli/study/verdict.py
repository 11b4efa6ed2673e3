"""`study verdict`: a study's questions answered from its stored runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.cli.common import Data, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.cli.study.stored import crossed_answers, few, study_predictions, study_runs
from core.notation import plural

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.data.catalog import Catalog
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace


@app.command()
def verdict(study: Named, data: Data = None, home: Home = None, json: Json = False) -> None:
    """Answer a study's questions from its stored runs; of a locked study nothing is shown before its last run is in."""
    from core.cli.run import planned_runs
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import valid_lock
    from core.experiment.studies.read import read_study, study_path
    from core.experiment.studies.study_data import study_catalog
    from core.workspace import open_workspace

    workspace, catalog, path = open_workspace(home), open_catalog(data), study_path(study)
    read = read_study(path)
    lock = valid_lock(read, path)
    planned = planned_runs(read, catalog, read.encoder)
    sealed = [c for c in planned if lock and c.protocol in lock.allowed and c.reads_test]
    if sealed and (missing := _not_in(planned, workspace)):
        tell(f"Not complete: {few(missing)}. What the others answered on test is sealed until then.")
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
    from core.cli.verdict import judge
    from store.results.collapse import collapsed_arms

    runs, missing = study_runs(read, workspace, catalog, study, planned)
    if read.analysis.method == "first":
        document = judge(workspace, str(runs["group_id"].iloc[0]))
        answers, skipped, collapsed = document["questions"], [], document["collapsed"]
    else:
        found = crossed_answers(read, study_predictions(read, runs, workspace), catalog)
        answers, skipped = found["questions"], found["skipped"]
        collapsed = [arm for arm, (count, _, _) in collapsed_arms(workspace, runs).items() if count]
    if missing:
        tell(f"Not complete: {few(missing)}.")
    for sentence_skipped in skipped:
        tell(f"Not answered: {sentence_skipped}.")
    payload = {"study": read.name, "complete": not missing, "missing": missing, "collapsed": collapsed,
               "questions": answers, "skipped": skipped}  # fmt: skip
    sentences = [question["sentence"] for question in answers]
    emit(payload, json, "\n".join(sentences) or "No question of the study can be answered.")


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
