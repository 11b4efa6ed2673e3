"""The reference results into a fresh store: on its first opening, once, in one short transaction.

A run that was made here stays: the shipped copy of it, whose numbers are rounded, is left out. When the project
ships other results, the old ones are replaced. Where the workspace cannot be written nothing is imported, and what
is stored is read as it is.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import IsoglossError
from core.reference.layout import table_file
from core.reference.manifest import content_of, sha256_of
from core.run_folder.tables import RECORD, TABLES
from core.shipped import MANIFEST, reference_folder
from core.workspace import Workspace
from store.connection import reading, writing
from store.database import results_database
from store.results.rows import insert_record, remove_runs
from store.results.run_record import check_record, record_hash

#: Stands for a folder in `imports`: these runs came with the project.
REFERENCE = "reference"

_log = logging.getLogger("isogloss.store")
_lock = threading.Lock()
#: (store, reference folder) -> whether the import succeeded; a failure is not tried again by this process.
_settled: dict[tuple[Path, Path], bool] = {}


def ensure_reference(workspace: Workspace) -> None:
    """Import the reference results unless the store holds them; never fails, a problem goes to the log."""
    folder = reference_folder()
    if folder is None or _is_settled(workspace, folder):
        return
    with _lock:
        if _is_settled(workspace, folder):
            return
        try:
            import_reference(workspace, folder)
            _settled[workspace.results, folder] = True
        except (IsoglossError, OSError, duckdb.Error) as error:
            _log.warning("The reference results were not imported: %s", error)
            _settled[workspace.results, folder] = False


def import_reference(workspace: Workspace, folder: Path, again: bool = False) -> bool:
    """Import the reference results in `folder`; False if the store holds them already, unless `again`.

    A run that was taken out (`store.results.removal`) stays out. Raises `BadInput` if they are damaged,
    `IsoglossError` if the store cannot be written.
    """
    from core.reference.unpack import read_reference

    database = results_database(workspace)
    version = sha256_of(folder / MANIFEST)
    with reading(database) as con:
        if _version(con) == version and not again:
            return False
    reference = read_reference(folder)
    records = [check_record(folder / "runs.json", record) for record in reference.records]
    tables = {table.name: reference.table(table.name) for table in TABLES}
    files = reference.manifest.files
    counts = {name: table.group_by("run_id").aggregate([([], "count_all")]) for name, table in tables.items()}
    with writing(database) as con:
        if _version(con) == version and not again:  # another process was faster
            return False
        old = con.execute("SELECT DISTINCT run_id FROM imports WHERE folder = ?", [REFERENCE]).fetchall()
        remove_runs(con, [run_id for (run_id,) in old])
        own = [run_id for (run_id,) in con.execute("SELECT run_id FROM runs").fetchall()]
        own += [record["run_id"] for record in records if (workspace.removed / record["run_id"]).is_dir()]
        now = datetime.now(UTC).replace(tzinfo=None)
        added = [(REFERENCE, MANIFEST, version, len(records), REFERENCE, -1, -1, now)]
        for record in records:
            if record["run_id"] not in own:
                insert_record(con, record)
                added.append((record["run_id"], RECORD, record_hash(record), 1, REFERENCE, -1, -1, now))
        for name, table in tables.items():
            _insert(con, name, table, own)
            for run_id, rows in zip(
                *(counts[name].column(c).to_pylist() for c in ("run_id", "count_all")), strict=True
            ):
                if run_id not in own:
                    content = content_of(run_id, files[table_file(name)])
                    added.append((run_id, table_file(name), content, rows, REFERENCE, -1, -1, now))
        con.executemany("INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?)", added)
    return True


def _is_settled(workspace: Workspace, folder: Path) -> bool:
    done = _settled.get((workspace.results, folder))
    return done is not None and (not done or workspace.results.exists())


def _version(con: duckdb.DuckDBPyConnection) -> str | None:
    """The manifest of the reference results that the store holds."""
    found = con.execute("SELECT sha256 FROM imports WHERE run_id = ? AND file = ?", [REFERENCE, MANIFEST]).fetchone()
    return str(found[0]) if found else None


def _insert(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table, own: list[str]) -> None:
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    con.register("incoming", table)
    try:
        con.execute(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming"
            " WHERE NOT list_contains(?::VARCHAR[], run_id::VARCHAR)",
            [own],
        )
    finally:
        con.unregister("incoming")
