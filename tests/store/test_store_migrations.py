from __future__ import annotations

import os
import shutil
import stat
from dataclasses import replace

import duckdb
import pytest

from core.errors import IsoglossError
from store import connection
from store.connection import reading, writing
from store.database import MIGRATIONS, results_database
from store.migrate import load_migrations, migrate
from store.results import importer, runs
from store.user import database as user


@pytest.fixture
def toy(workspace, tmp_path):
    """A database with one migration, and a way to add more."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("CREATE TABLE a (x INTEGER); CREATE TABLE b (y INTEGER);")
    return replace(results_database(workspace), migrations=folder)


def applied(database):
    with duckdb.connect(database.path, read_only=True) as con:
        return con.execute("SELECT version, name FROM schema_migrations ORDER BY version").fetchall()


@pytest.mark.parametrize("kind", ["results", "user"])
def test_the_projects_migrations_apply_in_order(kind):
    steps = load_migrations(MIGRATIONS / kind)
    assert [step.version for step in steps] == list(range(1, len(steps) + 1)) and steps


def test_a_new_store_has_every_migration_and_an_old_one_gets_the_rest(toy):
    with writing(toy) as con:
        con.execute("INSERT INTO a VALUES (7)")
    assert applied(toy) == [(1, "first")]
    (toy.migrations / "0002_second.sql").write_text("ALTER TABLE a ADD COLUMN z INTEGER DEFAULT 3;")
    (toy.migrations / "0003_third.sql").write_text("UPDATE a SET z = z + x;")
    with writing(toy) as con:
        assert con.execute("SELECT * FROM a").fetchall() == [(7, 10)]
    assert applied(toy) == [(1, "first"), (2, "second"), (3, "third")]
    with duckdb.connect(toy.path) as con:
        assert migrate(con, toy) == 0, "nothing is applied twice"


def test_a_reader_brings_an_older_store_up_to_date(toy):
    with writing(toy) as con:
        con.execute("INSERT INTO a VALUES (7)")
    (toy.migrations / "0002_second.sql").write_text("CREATE TABLE c AS SELECT x * 2 AS x FROM a;")
    with reading(toy) as con:
        assert con.execute("SELECT x FROM c").fetchall() == [(14,)]


def test_a_migration_that_fails_leaves_the_store_as_it_was(toy):
    with writing(toy) as con:
        con.execute("INSERT INTO a VALUES (7)")
    (toy.migrations / "0002_good.sql").write_text("CREATE TABLE c (x INTEGER);")
    (toy.migrations / "0003_bad.sql").write_text("CREATE TABLE d (x INTEGER); DROP TABLE a; SELECT no_such_thing;")
    with pytest.raises(duckdb.BinderException), writing(toy):
        pass
    assert applied(toy) == [(1, "first"), (2, "good")]
    with duckdb.connect(toy.path, read_only=True) as con:
        assert con.execute("SELECT x FROM a").fetchall() == [(7,)]
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'd'").fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["0003_gap.sql", "0001_again.sql", "2_short.sql", "0002-dash.sql"])
def test_wrongly_numbered_migrations_are_a_mistake_of_the_code(toy, name):
    (toy.migrations / name).write_text("SELECT 1;")
    with pytest.raises(ValueError, match="should be named"):
        load_migrations(toy.migrations)


def test_a_store_newer_than_the_code(workspace, run_folder_factory):
    folder = run_folder_factory()
    importer.import_run(workspace, folder)
    with duckdb.connect(workspace.results) as con:
        con.execute("INSERT INTO schema_migrations VALUES (99, 'later', now() AT TIME ZONE 'UTC')")
    before = workspace.results.read_bytes()
    for ask in (lambda: runs.list_runs(workspace), lambda: importer.sync(workspace)):
        with pytest.raises(IsoglossError, match="newer Isogloss .schema 99") as raised:
            ask()
        assert "update Isogloss" in str(raised.value) and "\n" not in str(raised.value)
    assert workspace.results.read_bytes() == before


def test_a_duckdb_file_of_something_else_is_left_alone(workspace, run_folder_factory):
    with duckdb.connect(workspace.results) as con:
        con.execute("CREATE TABLE runs (mine VARCHAR)")
    for ask in (lambda: runs.list_runs(workspace), lambda: importer.import_run(workspace, run_folder_factory())):
        with pytest.raises(IsoglossError, match="but not Isogloss's results store"):
            ask()
    with duckdb.connect(workspace.results) as con:
        assert con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("runs",)]


def test_a_store_half_made_by_a_killed_process_is_made_anew(workspace, run_folder_factory):
    workspace.results.with_name("results.duckdb.new").write_bytes(b"half")
    workspace.results.with_name("results.duckdb.new.wal").write_bytes(b"half")
    draft = workspace.home / ".results.duckdb.0123abcd.draft"
    draft.mkdir()
    (draft / "results.duckdb").write_bytes(b"half")
    assert importer.import_run(workspace, run_folder_factory()) is True
    assert not list(workspace.home.glob("*.new*")) and not list(workspace.home.glob("*.draft"))
    assert stat.S_IMODE(workspace.results.stat().st_mode) == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_user_store(workspace):
    user.prepare(workspace)
    user.prepare(workspace)
    with reading(user.user_database(workspace)) as con:
        assert con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'audit'"
        ).fetchall() == [
            ("at", "TIMESTAMP"),
            ("what", "VARCHAR"),
            ("detail", "VARCHAR"),
        ]
        assert con.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    workspace.user.write_bytes(b"garbage" * 999)
    with pytest.raises(IsoglossError, match="user store .* is damaged .* put the newest backup in its place"):
        user.prepare(workspace)
    assert workspace.user.read_bytes() == b"garbage" * 999


def test_the_folder_of_a_store_may_be_absent(workspace):
    elsewhere = replace(results_database(workspace), path=workspace.home / "a" / "b" / "results.duckdb")
    with reading(elsewhere) as con:
        assert con.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    assert not elsewhere.path.parent.exists()
    with connection.writing(elsewhere):
        pass
    assert elsewhere.path.exists()
    shutil.rmtree(workspace.home / "a")
