"""Taking a run out of the results so that it stays out, and putting it back: nothing is lost.

A folder under `runs/` is moved to `removed/` beside it, where no synchronisation looks. A run that ships with the
project leaves a mark there instead, which outlives the store. A folder elsewhere stays where it is.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, MissingData
from core.files import put_in_place
from core.run_folder.tables import RECORD
from core.shipped import reference_folder
from core.strict_json import read_json
from core.workspace import Workspace
from store.connection import writing
from store.database import results_database
from store.results.importer import finished_folders, import_run
from store.results.query import fetch
from store.results.reference_import import REFERENCE, import_reference
from store.results.rows import remove_runs

#: In the folder of a removed run that shipped with the project: there is no more of it.
MARK = "shipped.json"
_RUN_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Removed:
    """A removed run: `folder` is where its files are now, None if they ship with the project or lie elsewhere;
    `needed_by` are stored runs that began from it."""

    run_id: str
    folder: Path | None
    shipped: bool
    needed_by: tuple[str, ...]


def remove_run(workspace: Workspace, run_id: str) -> Removed:
    """Take a run out of the results and keep it out.

    Raises `MissingData` if there is no such run, `BadInput` if its folder cannot be moved.
    """
    _check(run_id)
    imports = fetch(workspace, "SELECT DISTINCT folder FROM imports WHERE run_id = ?", [run_id])["folder"]
    folders = [folder for folder in finished_folders(workspace) if _holds(folder, run_id)]
    if imports.empty and not folders:
        raise MissingData(
            f"There is no run {run_id} in {workspace.results}, nor its folder in {workspace.runs}; "
            "`python -m core runs list` names those there are."
        )
    needed = fetch(workspace, "SELECT run_id FROM runs WHERE warm_start = ? ORDER BY run_id", [run_id])["run_id"]
    shipped = REFERENCE in set(imports)
    # The files first: if that fails the store is as it was, and if the store fails removing again ends it.
    places = [_move(folder, _free(workspace.removed / run_id)) for folder in folders]
    if shipped:
        _write_mark(workspace.removed / run_id, run_id)
    with writing(results_database(workspace)) as con:
        remove_runs(con, [run_id])
    return Removed(run_id, places[0] if places else None, shipped, tuple(needed))


def restore_run(workspace: Workspace, run_id: str) -> Path | None:
    """Put a removed run back into the results; the folder it lies in now, None if it ships with the project.

    Raises `MissingData` if no such run was removed, `BadInput` as `import_run` does.
    """
    _check(run_id)
    place = workspace.removed / run_id
    if (place / RECORD).is_file():
        target = workspace.run(run_id)
        if target.exists():
            raise BadInput(f"{target} is there already; move it away before {place} is put back.")
        _move(place, target)
        try:
            import_run(workspace, target)
        except BadInput:
            _move(target, place)
            raise
        return target
    if not (place / MARK).is_file():
        raise MissingData(f"No run {run_id} was removed from {workspace.home}; `python -m core runs list` names those.")
    folder = reference_folder()
    if folder is None:
        raise MissingData("There are no results that ship with the project here, so that the run cannot be put back.")
    _remove_mark(place)
    import_reference(workspace, folder, again=True)
    return None


def list_removed(workspace: Workspace) -> list[dict[str, Any]]:
    """run_id, arm and seed (None where they cannot be read), folder ("" if the run ships with the project)."""
    if not workspace.removed.is_dir():
        return []
    rows = []
    for place in sorted(path for path in workspace.removed.iterdir() if path.is_dir()):
        record = _described(place / RECORD) or _described(place / MARK)
        shipped = not (place / RECORD).is_file()
        rows.append(
            {
                "run_id": str(record.get("run_id", place.name)), "arm": record.get("arm"), "seed": record.get("seed"),
                "folder": "" if shipped else str(place),
            }
        )  # fmt: skip
    return rows


def _check(run_id: str) -> None:
    if not _RUN_ID.fullmatch(run_id):
        raise BadInput(f"{run_id[:40]!r} is no run's identifier: it should be 12 hexadecimal digits.")


def _holds(folder: Path, run_id: str) -> bool:
    return folder.name == run_id or _described(folder / RECORD).get("run_id") == run_id


def _described(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path, "")
    except BadInput:
        return {}
    return content if isinstance(content, dict) else {}


def _free(place: Path) -> Path:
    """`place`, or with a number behind it where an earlier copy of the run lies."""
    number, free = 2, place
    while (free / RECORD).exists():
        free, number = place.with_name(f"{place.name}-{number}"), number + 1
    return free


def _move(folder: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():  # the mark of a shipped copy, removed before
            (target / MARK).unlink(missing_ok=True)
            target.rmdir()
        put_in_place(folder, target)
    except OSError as error:
        raise BadInput(f"{folder} cannot be moved to {target} ({error.strerror}); move it by hand.") from error
    return target


def _write_mark(place: Path, run_id: str) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / MARK).write_text(json.dumps({"run_id": run_id}) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{place} cannot be written ({error.strerror}), so that the run would come back.") from error


def _remove_mark(place: Path) -> None:
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise BadInput(f"{place} cannot be deleted ({error.strerror}); delete it by hand.") from error
