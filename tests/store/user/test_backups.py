"""What people made can be copied while it is used, and put back whole; a migration leaves a copy of what was before."""

from __future__ import annotations

import dataclasses
import shutil
import threading

import pytest

from core.errors import BadInput, IsoglossError, MissingData
from store import backups
from store.connection import reading, writing
from store.user.database import prepare, user_database


@pytest.fixture
def database(workspace):
    prepare(workspace)
    database = user_database(workspace)
    _say(database, "first")
    return database


def _say(database, text: str) -> None:
    with writing(database) as con:
        con.execute("CREATE TABLE IF NOT EXISTS said (text VARCHAR)")
        con.execute("INSERT INTO said VALUES (?)", [text])


def _said(database) -> list[str]:
    with reading(database) as con:
        return [text for (text,) in con.execute("SELECT text FROM said ORDER BY rowid").fetchall()]


def test_a_backup_is_put_back_and_what_was_there_is_kept(database, tmp_path):
    made = backups.back_up(database)
    _say(database, "second")
    before = backups.restore(database, made)
    assert _said(database) == ["first"] and before is not None
    assert {one.path for one in backups.list_backups(database)} == {made, before}
    backups.restore(database, before)
    assert _said(database) == ["first", "second"]
    elsewhere = backups.back_up(database, tmp_path / "copy.duckdb")
    assert elsewhere == tmp_path / "copy.duckdb" and len(backups.list_backups(database)) == 3
    with pytest.raises(BadInput, match="exists; name another file"):
        backups.back_up(database, elsewhere)


def test_a_backup_is_whole_while_others_write(database):
    stop, wrong = threading.Event(), []

    def write() -> None:
        number = 0
        while not stop.wait(0.01):
            with writing(database) as con:  # always two of a kind
                con.execute("INSERT INTO said VALUES (?), (?)", [str(number), str(number)])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            made = dataclasses.replace(database, path=backups.back_up(database))
            texts = _said(made)[1:]
            wrong += [] if texts[::2] == texts[1::2] else [texts]
    finally:
        stop.set()
        writer.join()
    assert not wrong and len(backups.list_backups(database)) == 5


def test_a_damaged_store_is_set_aside_for_its_backup(database):
    made = backups.back_up(database)
    damaged = b"damaged" * 2000
    database.path.write_bytes(damaged)
    with pytest.raises(IsoglossError, match="put the newest backup in its place with `python -m core restore`"):
        _said(database)
    aside = backups.restore(database, made)
    assert _said(database) == ["first"] and aside.read_bytes() == damaged and "damaged" in aside.name


def test_what_is_no_backup_changes_nothing(database, workspace, tmp_path):
    other = tmp_path / "other.duckdb"
    other.write_bytes(b"text" * 4000)
    with pytest.raises(MissingData, match="no backup"):
        backups.restore(database, tmp_path / "none.duckdb")
    with pytest.raises(IsoglossError, match="damaged"):
        backups.restore(database, other)
    with writing(database) as con:
        con.execute("INSERT INTO schema_migrations VALUES (999, 'later', now() AT TIME ZONE 'UTC')")
    newer = tmp_path / "newer.duckdb"
    shutil.copyfile(database.path, newer)
    database.path.unlink()
    prepare(workspace)
    before = database.path.read_bytes()
    with pytest.raises(BadInput, match="newer Isogloss"):
        backups.restore(database, newer)
    assert database.path.read_bytes() == before and not list(database.path.parent.glob(".*draft"))


def test_nothing_to_back_up_is_told(workspace):
    with pytest.raises(MissingData, match="nothing to back up"):
        backups.back_up(user_database(workspace))


def test_a_migration_leaves_a_copy_of_what_was_before(database, tmp_path):
    migrations = tmp_path / "migrations"
    shutil.copytree(database.migrations, migrations)
    number = len(list(migrations.glob("*.sql"))) + 1
    (migrations / f"{number:04d}_forget.sql").write_text("DELETE FROM said;", encoding="utf-8")
    assert backups.list_backups(database) == []
    newer = dataclasses.replace(database, migrations=migrations)
    assert _said(newer) == []
    (kept,) = backups.list_backups(database)
    assert kept.version == number - 1 and _said(dataclasses.replace(database, path=kept.path)) == ["first"]


def test_the_oldest_copies_make_room(database, monkeypatch):
    monkeypatch.setattr(backups, "KEPT", 3)
    made = [backups.back_up(database) for _ in range(5)]
    assert [one.path for one in backups.list_backups(database)] == made[:1:-1]
