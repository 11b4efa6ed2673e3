"""The importer: finished run folders into the results, each in one short transaction.

It is the only writer of the results. A folder is read and checked before the store is opened, so that readers
wait for an insertion and for nothing else; importing the same run again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.errors import BadInput, IsoglossError
from core.progress import Progress, silent
from core.run_folder.tables import RECORD, TABLES
from core.workspace import Workspace
from store.connection import writing
from store.database import results_database
from store.results.gold_labels.checked import Catalogue, check_gold
from store.results.gold_labels.sealed import StillSealed, open_seal
from store.results.query import results
from store.results.reference_import import REFERENCE
from store.results.rows import insert_record, remove_runs
from store.results.run_folder import FileStamp, RunFolder, read_run_folder, stamps_of

#: Folders that could not be imported and are named in one sentence.
MOST = 5
_log = logging.getLogger("isogloss.store")


def import_run(workspace: Workspace, folder: str | Path, catalogue: Catalogue | None = None) -> bool:
    """Put the run in `folder` into the results; False if it is there already, with the same content.

    `catalogue` gives the gold labels of the data set that is on this machine. Raises `StillSealed` for a run of a
    locked study that is not complete; `BadInput`, naming the file, if the folder cannot be used, if its gold labels are
    not those that are stored (`store.results.gold_labels.checked`), or if the
    results hold the same run with other content; `IsoglossError` if the store is damaged or stays in use.
    """
    return _store(workspace, _read(Path(folder).expanduser().resolve(), catalogue), catalogue)


def _read(folder: Path, catalogue: Catalogue | None) -> RunFolder:
    """The run in `folder`, its labels joined if they were sealed and its study is complete."""
    open_seal(folder, catalogue)
    return read_run_folder(folder)


def _store(workspace: Workspace, run: RunFolder, catalogue: Catalogue | None) -> bool:
    with results(workspace) as con:
        if _is_there(con, run, workspace):
            return False
        check_gold(con, run, catalogue)
    with writing(results_database(workspace)) as con:
        if _is_there(con, run, workspace):  # another importer may have been faster
            return False
        remove_runs(con, [run.record["run_id"]])  # the shipped copy of the run, or a part of it
        _insert(con, run)
    return True


def sync(
    workspace: Workspace,
    progress: Progress = silent,
    on_problem: Callable[[str], None] | None = None,
    catalogue: Catalogue | None = None,
    on_sealed: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Import every finished folder under the workspace's `runs/`; return the identifiers of the new runs.

    Folders that were not touched since they were imported are not read again. Else as `import_folders`.
    """
    known = _known_stamps(workspace)
    folders = [folder for folder in finished_folders(workspace) if stamps_of(folder) != known.get(str(folder))]
    return import_folders(workspace, folders, progress, on_problem, catalogue, on_sealed)


def import_folders(
    workspace: Workspace,
    folders: Sequence[Path],
    progress: Progress = silent,
    on_problem: Callable[[str], None] | None = None,
    catalogue: Catalogue | None = None,
    on_sealed: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Import `folders`; return the identifiers of the new runs.

    A folder that cannot be used does not keep the others out: its sentence goes to `on_problem`, or, without one, all
    are raised as one `BadInput` at the end. A run of a locked study that is not complete is no problem, and waits: its
    sentence goes to `on_sealed`.
    """
    new: list[str] = []
    problems: list[str] = []
    for done, folder in enumerate(folders):
        progress(done, len(folders), folder.name)
        try:
            run = _read(folder.expanduser().resolve(), catalogue)
            if _store(workspace, run, catalogue):
                new.append(run.record["run_id"])
        except StillSealed as error:
            on_sealed(str(error))
        except BadInput as error:
            problems.append(str(error))
        except IsoglossError:
            raise  # of the store itself: no folder would fare better
        except Exception as error:
            _log.exception("%s: unexpected failure", folder)
            problems.append(f"{folder} could not be imported ({type(error).__name__}); copy the run folder again.")
    progress(len(folders), len(folders), "")
    if on_problem is not None:
        for sentence in problems:
            on_problem(sentence)
    elif problems:
        more = f" ({len(problems) - MOST} more folders could not be imported.)" if len(problems) > MOST else ""
        raise BadInput(" ".join(problems[:MOST]) + more)
    return new


def finished_folders(workspace: Workspace) -> list[Path]:
    """The run folders that training has finished, by name; those whose name begins with a dot are not."""
    runs = workspace.runs.resolve()
    if not runs.is_dir():
        return []
    return sorted(path for path in runs.iterdir() if path.is_dir() and not path.name.startswith("."))


def _known_stamps(workspace: Workspace) -> dict[str, dict[str, FileStamp]]:
    with results(workspace) as con:
        rows = con.execute("SELECT folder, file, bytes, modified_ns FROM imports").fetchall()
    known: dict[str, dict[str, FileStamp]] = {}
    for folder, file, size, modified_ns in rows:
        known.setdefault(folder, {})[file] = FileStamp(size, modified_ns)
    return known


def _is_there(con: duckdb.DuckDBPyConnection, run: RunFolder, workspace: Workspace) -> bool:
    """Whether the store holds `run`. Raises `BadInput` if it holds another content under its identifier.

    A run made here takes the place of the same run among the reference results, whose numbers are rounded.
    """
    run_id = run.record["run_id"]
    asked = "SELECT file, sha256 FROM imports WHERE run_id = ? AND folder <> ?"
    stored = dict(con.execute(asked, [run_id, REFERENCE]).fetchall())
    if not stored:
        return False
    if stored == run.hashes:
        return True
    if stored.items() <= run.hashes.items():
        return False  # a folder that was half copied, from before run.json listed its files: what came since is put in
    names = sorted(stored.keys() | run.hashes.keys())
    differ = ", ".join(name for name in names if stored.get(name) != run.hashes.get(name))
    raise BadInput(
        f"{run.path} differs in {differ} from the run {run_id} that {workspace.results} already holds; keep one of the "
        f"two: `python -m core runs remove {run_id}` takes the stored one out, then import this folder again."
    )


def _insert(con: duckdb.DuckDBPyConnection, run: RunFolder) -> None:
    record = run.record
    insert_record(con, record)
    for table in TABLES:
        if table.name in run.tables:
            _insert_table(con, run, table.name)
    now = datetime.now(UTC).replace(tzinfo=None)
    for file, sha256 in run.hashes.items():
        items = 1 if file == RECORD else run.tables[Path(file).stem].num_rows
        stamp = run.stamps.get(file, FileStamp(-1, -1))
        con.execute(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [record["run_id"], file, sha256, items, str(run.path), stamp.bytes, stamp.modified_ns, now],
        )


def _insert_table(con: duckdb.DuckDBPyConnection, run: RunFolder, name: str) -> None:
    table = run.tables[name]
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    con.register("incoming", table)
    try:
        con.execute(
            f"INSERT INTO {name} (run_id, {columns}) SELECT ?, {columns} FROM incoming",
            [run.record["run_id"]],
        )
    finally:
        con.unregister("incoming")
