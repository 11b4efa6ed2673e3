"""Copies of a store that nothing can rebuild: made while the app runs and before every migration, put back whole.

A copy is taken while the turnstile is held, when nobody writes; it is opened, read in full and folded into one file
before it gets its name, `<store>-<UTC time>-v<schema>.duckdb` in `backups/` beside the store.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from core.errors import BadInput, IsoglossError, MissingData
from core.files import atomic_draft, put_in_place
from store.database import SETTINGS, Database
from store.failures import as_sentences, in_use
from store.migrate import load_migrations, schema_version
from store.sharing import StillBusy, turns_of, turnstile

T = TypeVar("T")
FOLDER = "backups"
#: Copies kept of a store; the oldest beyond these are removed when one is made.
KEPT = 20
_TIME = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"[a-z]+-(\d{8}T\d{12}Z)-v(\d+)\.duckdb")


@dataclass(frozen=True)
class Backup:
    """A copy: its file, when it was made (UTC), the schema it has, and its bytes."""

    path: Path
    made: datetime
    version: int
    size: int


def list_backups(database: Database) -> list[Backup]:
    """The copies of `database`, newest first."""
    found = []
    with suppress(OSError):
        for path in (database.path.parent / FOLDER).iterdir():
            name = _NAME.fullmatch(path.name)
            if name and path.name.startswith(f"{database.path.stem}-"):
                made = datetime.strptime(name[1], _TIME).replace(tzinfo=UTC)
                found.append(Backup(path, made, int(name[2]), path.stat().st_size))
    return sorted(found, key=lambda one: one.made, reverse=True)


def back_up(database: Database, out: Path | None = None, timeout: float = 60.0) -> Path:
    """Copy the store to a new file of `backups/`, or to `out`; people go on working meanwhile.

    Raises `MissingData` where there is no store yet, `BadInput` where `out` exists, `IsoglossError` for a store that is
    damaged or stays in use.
    """
    if not database.path.is_file():
        raise MissingData(f"There is no {database.title} at {database.path} yet, so there is nothing to back up.")
    if out is not None and out.exists():
        raise BadInput(f"{out} exists; name another file.")
    return _in_turn(database, timeout, lambda: copy_store(database, out))


def copy_store(database: Database, out: Path | None = None) -> Path:
    """As `back_up`, by one who holds the turnstile and has no connection open for writing."""
    made = datetime.now(UTC).strftime(_TIME)
    folder = database.path.parent / FOLDER
    target = out or folder / f"{database.path.stem}-{made}.duckdb"
    try:
        if out is None:
            folder.mkdir(exist_ok=True)
        with atomic_draft(target) as draft:
            version = _copied(database, database.path, draft)
        if out is None:
            named = folder / f"{database.path.stem}-{made}-v{version}.duckdb"
            put_in_place(target, named)
            target = named
            for old in list_backups(database)[KEPT:]:
                old.path.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise IsoglossError(f"The backup {target} cannot be written ({reason}); make room and try again.") from error
    return target


def restore(database: Database, source: Path, timeout: float = 60.0) -> Path | None:
    """Put the copy `source` in the store's place, whole or not at all; gives where what was there lies now, if
    anything did.

    A store that can be read is backed up first; a damaged one is set aside under another name. Raises `BadInput` for a
    file that is no copy of this store or of a newer Isogloss, `IsoglossError` where the store stays in use.
    """
    if not source.is_file():
        raise MissingData(f"There is no backup {source}; `python -m core backup --list` shows those there are.")
    return _in_turn(database, timeout, lambda: _replaced(database, source))


def read_in_full(con: duckdb.DuckDBPyConnection) -> int:
    """Read every value of every table behind `con`, so that damage shows; gives the number of rows."""
    rows = 0
    for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1").fetchall():
        name = str(table).replace('"', '""')
        counted = con.execute(f'SELECT count(*), bit_xor(hash(t)) FROM "{name}" AS t').fetchone()
        rows += int(counted[0]) if counted else 0
    return rows


def set_aside(path: Path) -> Path:
    """Give a damaged store another name beside it, with what was not yet folded into it."""
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC).strftime(_TIME)}{path.suffix}")
    put_in_place(path, aside)
    with suppress(FileNotFoundError):
        put_in_place(path.with_name(f"{path.name}.wal"), aside.with_name(f"{aside.name}.wal"))
    return aside


def _replaced(database: Database, source: Path) -> Path | None:
    with atomic_draft(database.path) as draft:
        _copied(database, source, draft)
        before = None
        if database.path.exists():
            try:
                before = copy_store(database)
            except IsoglossError:
                before = set_aside(database.path)
        with suppress(FileNotFoundError):
            database.path.with_name(f"{database.path.name}.wal").unlink()
    return before


def _copied(database: Database, source: Path, target: Path) -> int:
    """Copy a store with what is not yet folded into it, read it in full, and give its schema's number."""
    shutil.copyfile(source, target)
    with suppress(FileNotFoundError):
        shutil.copyfile(source.with_name(f"{source.name}.wal"), target.with_name(f"{target.name}.wal"))
    of_copy = Database(source, database.migrations, database.title, database.remedy)
    with as_sentences(of_copy), closing(duckdb.connect(target, config=SETTINGS)) as con:
        version = schema_version(con)
        if version <= 0:
            raise BadInput(f"{source} is no copy of the {database.title}.")
        if version > len(load_migrations(database.migrations)):
            raise BadInput(f"{source} was made by a newer Isogloss; update Isogloss to use it.")
        read_in_full(con)
        con.execute("CHECKPOINT")
    return version


def _in_turn(database: Database, timeout: float, work: Callable[[], T]) -> T:
    deadline = time.monotonic() + timeout
    try:
        with turns_of(database.path).writing(deadline), turnstile(database.path, deadline):
            return work()
    except StillBusy as error:
        raise in_use(database, timeout) from error
