"""Numbered migrations: the SQL files that bring a store, step by step, to what this code expects."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.errors import IsoglossError
from store.database import Database

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True)
class Migration:
    """One step: `version` counts from 1; `sql` may hold several statements."""

    version: int
    name: str
    sql: str


def load_migrations(folder: Path) -> list[Migration]:
    """The migrations of `folder`, in order. Raises `ValueError` unless they are numbered 0001, 0002, ..."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if not match or int(match[1]) != len(migrations) + 1:
            raise ValueError(f"{path} should be named {len(migrations) + 1:04d}_<name>.sql.")
        migrations.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    return migrations


def schema_version(con: duckdb.DuckDBPyConnection) -> int:
    """The last migration applied to the store behind `con`; 0 if it is empty, -1 if it is not ours."""
    try:
        versions = con.execute("SELECT coalesce(max(version), 0) FROM schema_migrations").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return -1 if con.execute("SELECT 1 FROM duckdb_tables()").fetchall() else 0
    return int(versions[0][0])


def pending(con: duckdb.DuckDBPyConnection, database: Database) -> list[Migration]:
    """The migrations that the store behind `con` lacks.

    Raises `IsoglossError` if it is newer than this code, or is a DuckDB file of something else.
    """
    known = load_migrations(database.migrations)
    version = schema_version(con)
    if version < 0:
        raise IsoglossError(
            f"{database.path} is a DuckDB file, but not Isogloss's {database.title}; "
            "move it away or name another folder with --home."
        )
    if version > len(known):
        raise IsoglossError(
            f"The {database.title} {database.path} was made by a newer Isogloss (schema {version}, "
            f"this one knows {len(known)}); update Isogloss or name another folder with --home."
        )
    return known[version:]


def migrate(con: duckdb.DuckDBPyConnection, database: Database) -> int:
    """Apply what the store lacks, each migration in a transaction of its own; return how many that were.

    A migration that fails leaves the store as the one before it did. Raises as `pending` does.
    """
    steps = pending(con, database)
    for step in steps:
        con.execute("BEGIN")
        try:
            con.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied TIMESTAMP NOT NULL)"
            )
            con.execute(step.sql)
            con.execute(
                "INSERT INTO schema_migrations VALUES (?, ?, now() AT TIME ZONE 'UTC')",
                [step.version, step.name],
            )
            con.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # a lost connection has rolled back already
                con.execute("ROLLBACK")
            raise
    return len(steps)
