"""DuckDB's errors, told in one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from core.errors import IsoglossError
from store.database import Database

_LOCKED = (
    "Could not set lock on file",
    "being used by another process",
    "different configuration than existing connections",
)
_BROKEN = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)
#: What the system says of a file that it does not let grow, and what to do about it.
_NOT_WRITTEN = {
    "No space left": "the disk is full; free some space",
    "Disk quota exceeded": "this user's share of the disk is used up; free some space",
    "File too large": "it would be larger than a file may be here; raise the limit (ulimit -f), or remove runs",
    "Input/output error": "the disk does not answer; see to the disk",
}
_NO_TABLE = re.compile(r"Table with name (\w+) does not exist")
#: DuckDB would read a file of SQLite by an extension, which the stores' settings forbid.
_NOT_DUCKDB = "Loading external extensions is disabled"
_NOT_COMMITTED = "Failed to commit"
_OTHER_VERSION = ("with version number", "storage version", "newer version of DuckDB")


def is_locked(error: duckdb.Error) -> bool:
    """Whether the file is held by somebody else at this moment, so that trying again may help."""
    return any(words in str(error) for words in _LOCKED)


def in_use(database: Database, seconds: float, error: duckdb.Error | None = None) -> IsoglossError:
    """The sentence for a file that stayed locked for `seconds`, with the holder's process if known."""
    holder = re.search(r"PID (\d+)", str(error or ""))
    who = f"process {holder[1]}" if holder else "another program"
    return IsoglossError(
        f"The {database.title} {database.path} was still in use by {who} after {seconds:.0f} seconds; "
        "close what holds it and try again."
    )


def sentence(database: Database, error: duckdb.Error) -> IsoglossError | None:
    """The sentence for an error of the file, the disk or the memory; None for a mistake in the query."""
    text = str(error)
    where = f"The {database.title} {database.path}"
    for words, reason in _NOT_WRITTEN.items():
        if words in text:
            return IsoglossError(f"{where} cannot be written: {reason} and try again.")
    if "Permission denied" in text or "Read-only file system" in text:
        return IsoglossError(f"{where} may not be opened by this user; change its owner or use another --home.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return IsoglossError(f"{where} could not answer: memory ran out; close other programs and try again.")
    if any(words in text for words in _OTHER_VERSION):
        return IsoglossError(f"{where} was written by another version of DuckDB; {database.remedy}.")
    if lacking := _NO_TABLE.search(text):
        return IsoglossError(f"{where} lacks the table {lacking[1]}; {database.remedy}.")
    if _NOT_DUCKDB in text:
        return IsoglossError(f"{where} is another program's file; {database.remedy}.")
    if _NOT_COMMITTED in text:
        reason = text.partition(_NOT_COMMITTED)[2].split("\n")[0].strip(" :.")
        return IsoglossError(f"{where} cannot be written ({reason[:200]}); nothing of this was stored: try again.")
    if isinstance(error, _BROKEN) or "corrupt" in text.lower() or "checksum" in text:
        return IsoglossError(f"{where} is damaged and cannot be read; {database.remedy}.")
    return None


@contextmanager
def as_sentences(database: Database) -> Iterator[None]:
    """Turn the errors of `database`'s file into `IsoglossError`; a mistake in a query passes unchanged."""
    try:
        yield
    except duckdb.Error as error:
        known = sentence(database, error)
        if known is None:
            raise
        raise known from error
