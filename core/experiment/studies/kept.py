"""Finished runs of a study kept in a folder beside the workspace, which carries a study that is under way to another
machine: a folder in git, on a shared disk, or sent.

Each run lies there as in a workspace. Weights are most of it, so they are kept only where they are wanted again: of
`shipped_runs`, and of a run from which one that is not in yet begins. A record from which they were left out says so
under `LEFT_OUT`, with the hash that they had.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from core.config import RunConfig
from core.errors import BadInput
from core.experiment.finished import Finished, find_finished, finished_in
from core.experiment.run_tables import write_json
from core.experiment.studies.schema import Study
from core.files import atomic_folder
from core.model.weights import WEIGHTS
from core.run_folder.files import COPY_AGAIN, FILES, LEFT_OUT, check_files, is_list_of_files
from core.run_folder.tables import RECORD
from core.workspace import Workspace

_ADVICE = "name another folder with --keep"


def shipped_runs(study: Study, whole: Sequence[RunConfig]) -> frozenset[str]:
    """The runs whose weights outlast the study: of its first seed, the arms that its primary questions name, and what
    those begin from."""
    asked = {name for question in study.questions if question.primary for name in (question.first, question.second)}
    chosen = [config for config in whole if config.seed == study.seeds[0] and config.name in asked]
    return frozenset(run_id for config in chosen for run_id in (config.run_id, config.warm_start) if run_id is not None)


def synchronise(
    folder: Path, workspace: Workspace, whole: Sequence[RunConfig], shipped: frozenset[str] = frozenset()
) -> tuple[int, int]:
    """Take from `folder` the finished runs of the study's plan `whole` that the workspace has not, and keep in it those
    that it has not, with the weights of `shipped`; how many were taken and how many kept.

    Safe beside other processes at the same folder. Raises `BadInput` where the folder cannot be written, or a kept run
    is not whole or is another than its folder's name says.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            return _synchronise(folder, workspace, whole, shipped)
    except OSError as error:
        reason = error.strerror or str(error).split("\n")[0]
        raise BadInput(f"{folder} cannot be written ({reason}); {_ADVICE}.") from error


def _synchronise(
    folder: Path, workspace: Workspace, whole: Sequence[RunConfig], shipped: frozenset[str]
) -> tuple[int, int]:
    taken = kept = 0
    wanted = shipped | _begun_from(folder, workspace, whole)
    for config in whole:
        here, there = workspace.run(config.run_id), folder / config.run_id
        if finished_in(there) and not finished_in(here):
            _checked(there, config)
            _copy(there, here, weights=True)
            taken += 1
        elif finished_in(here) and not finished_in(there):
            _copy(here, there, weights=config.run_id in wanted)
            kept += 1
        elif (there / WEIGHTS).is_file() and config.run_id not in wanted:
            _copy(there, there, weights=False)
    return taken, kept


def _begun_from(folder: Path, workspace: Workspace, whole: Sequence[RunConfig]) -> set[str]:
    """The runs from which one begins that is in neither place yet."""
    return {
        config.warm_start
        for config in whole
        if config.warm_start is not None
        and not find_finished(workspace, config.run_id)
        and not finished_in(folder / config.run_id)
    }


def _checked(folder: Path, config: RunConfig) -> None:
    record = Finished(folder, True).describe()
    if not is_list_of_files(record.get(FILES)) or record.get("protocol") != config.protocol:
        raise BadInput(f"{folder} is not the run that its name says; {COPY_AGAIN}, or remove it.")
    check_files(folder, record)


def _copy(source: Path, target: Path, *, weights: bool) -> None:
    """Put the files that the record of `source` lists at `target`, the weights only if `weights`."""
    record: dict[str, Any] = dict(Finished(source, True).describe())
    listed = dict(record.get(FILES) or {})
    if not weights and WEIGHTS in listed:
        record[LEFT_OUT] = {WEIGHTS: listed.pop(WEIGHTS)}
        record[FILES] = listed
    with atomic_folder(target) as draft:
        for name in listed:
            shutil.copyfile(source / name, draft / name)
        if WEIGHTS in record.get(LEFT_OUT, {}):
            write_json(draft / RECORD, record)
        else:
            shutil.copyfile(source / RECORD, draft / RECORD)
