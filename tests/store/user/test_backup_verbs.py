"""`backup` and `restore`: what people made is copied, listed and put back; `doctor` reads both stores in full."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.errors import IsoglossError
from store.user.database import prepare

RUN = CliRunner()


def _asked(*words: str) -> tuple[int, dict]:
    found = RUN.invoke(app, [*words, "--json"])
    return found.exit_code, json.loads(found.stdout.splitlines()[-1])


@pytest.fixture
def home(workspace):
    prepare(workspace)
    return str(workspace.home)


def test_a_backup_is_made_listed_and_restored(home, workspace):
    code, made = _asked("backup", "--home", home)
    assert code == 0 and made["backups"][0]["path"] == made["written"]
    workspace.user.unlink()
    code, told = _asked("restore", "--yes", "--home", home)
    assert code == 0 and told["restored"] == made["written"] and told["before"] is None and workspace.user.is_file()
    code, told = _asked("restore", made["backups"][0]["name"], "--yes", "--home", home)
    assert code == 0 and told["before"]
    _, listed = _asked("backup", "--list", "--home", home)
    assert len(listed["backups"]) == 2 and listed["written"] is None


def test_what_cannot_be_is_one_sentence(home, tmp_path):
    for words in (["restore", "none.duckdb", "--yes"], ["restore", "--yes"], ["restore", "x"]):
        found = RUN.invoke(app, [*words, "--home", home, "--json"])
        assert isinstance(found.exception, IsoglossError) and str(found.exception).endswith(".")
    found = RUN.invoke(app, ["backup", "--home", str(tmp_path / "empty")])
    assert isinstance(found.exception, IsoglossError) and "nothing to back up" in str(found.exception)


def test_the_doctor_sets_a_damaged_results_store_aside_and_makes_it_again(workspace, run_folder_factory, monkeypatch):
    from store.results import importer
    from store.results.runs import list_runs

    run_folder_factory()
    importer.sync(workspace)
    before = list_runs(workspace)
    content = workspace.results.read_bytes()
    workspace.results.write_bytes(content[:12_288] + bytes(b ^ 0x55 for b in content[12_288:]))
    _, told = _asked("doctor", "--home", str(workspace.home))
    assert any("is damaged" in problem for problem in told["problems"])
    _, told = _asked("doctor", "--fix", "--home", str(workspace.home))
    assert told["store"]["runs"] == 1 and told["store"]["rows"] > 0 and "damaged" in told["store"]["set_aside"]
    assert list(list_runs(workspace)["run_id"]) == list(before["run_id"])
