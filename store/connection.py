"""Opening the stores: briefly, in turn, with nothing downloaded and no file read but the store itself.

Two context managers are all there is: `reading` gives a read-only cursor, `writing` a transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from core.errors import IsoglossError
from core.files import atomic_draft
from store.backups import copy_store
from store.database import SETTINGS, Database
from store.failures import as_sentences, in_use, is_locked
from store.migrate import migrate, pending, schema_version
from store.sharing import StillBusy, turns_of, turnstile

#: Seconds to wait for a file that others use before giving up.
TIMEOUT = 60.0


class _Outdated(Exception):
    """The store lacks migrations, and a read-only connection cannot apply them."""


@contextmanager
def reading(database: Database, timeout: float = TIMEOUT) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only cursor on `database`, brought up to date first if it is older than the code.

    Where the file is absent the cursor is on an empty store in memory, and no file is made. Raises
    `IsoglossError` if the file stays locked for `timeout` seconds, is damaged, or is newer than the code.
    Not to be nested, nor kept while something else is computed.
    """
    deadline = time.monotonic() + timeout

    def opening() -> duckdb.DuckDBPyConnection:
        with turnstile(database.path, deadline):
            con = _connect(database, True, deadline, timeout)
        try:
            if pending(con, database):
                raise _Outdated
        except BaseException:
            con.close()
            raise
        return con

    for attempt in range(2):
        if not database.path.exists():
            with _empty(database) as con:
                yield con
            return
        entered = False
        try:
            with _in_turn(database, timeout), as_sentences(database):
                with turns_of(database.path).reading(opening, deadline) as cursor:
                    entered = True
                    yield cursor
            return
        except _Outdated:
            if entered or attempt:
                raise
        with writing(database, max(0.0, deadline - time.monotonic())):
            pass


@contextmanager
def writing(database: Database, timeout: float = TIMEOUT) -> Iterator[duckdb.DuckDBPyConnection]:
    """A transaction on `database`: committed at the end, rolled back by any exception.

    Makes the file if it is absent and applies the migrations it lacks. While it is open nobody else can read:
    prepare everything before, and only insert within. Raises `IsoglossError` as `reading` does.
    """
    deadline = time.monotonic() + timeout
    with _in_turn(database, timeout), as_sentences(database), turns_of(database.path).writing(deadline):
        with turnstile(database.path, deadline):
            if not database.path.exists():
                _create(database)
            con = _connect(database, False, deadline, timeout)
            if database.irreplaceable and schema_version(con) > 0 and pending(con, database):
                con.close()
                copy_store(database)
                con = _connect(database, False, deadline, timeout)
            try:
                migrate(con, database)
                con.execute("BEGIN")
                try:
                    yield con
                except BaseException:
                    with suppress(duckdb.Error):  # a lost connection has rolled back already
                        con.execute("ROLLBACK")
                    raise
                con.execute("COMMIT")
            finally:
                con.close()


@contextmanager
def _in_turn(database: Database, timeout: float) -> Iterator[None]:
    try:
        yield
    except StillBusy as error:
        raise in_use(database, timeout) from error


def _connect(database: Database, read_only: bool, deadline: float, timeout: float) -> duckdb.DuckDBPyConnection:
    """Connect, trying again with growing pauses while a program that knows no turnstile holds the file."""
    pause = 0.005
    while True:
        try:
            return duckdb.connect(database.path, read_only=read_only, config=SETTINGS)
        except duckdb.Error as error:
            if not is_locked(error):
                raise
            left = deadline - time.monotonic()
            if left <= 0:
                raise in_use(database, timeout, error) from error
        time.sleep(min(pause * random.uniform(0.5, 1.0), left))
        pause = min(pause * 1.5, 0.1)


def _create(database: Database) -> None:
    """Make the store under another name and rename it, so that no reader ever meets half of one."""
    try:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        for ending in (".new", ".new.wal"):  # what a process that was killed left behind before drafts were locked
            database.path.with_name(database.path.name + ending).unlink(missing_ok=True)
        with atomic_draft(database.path) as new:
            con = duckdb.connect(new, config=SETTINGS)
            try:
                migrate(con, database)
            finally:
                con.close()
    except OSError as error:
        raise IsoglossError(
            f"The {database.title} {database.path} cannot be made ({error.strerror}); use another --home."
        ) from error


@contextmanager
def _empty(database: Database) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(":memory:", config=SETTINGS)
    try:
        migrate(con, database)
        yield con
    finally:
        con.close()
