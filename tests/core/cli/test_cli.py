"""The command line's contract: documents on standard output, one sentence on standard error, exit statuses."""

from __future__ import annotations

import ast
import json

import pytest

from core.cli import main, spread
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def starter_only(monkeypatch, tmp_path):
    """No data set and no cache of the Hub: what a fresh machine has."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub" / "hub"))


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_doctor_on_a_fresh_machine(capsys, tmp_path):
    status, out, _ = call(capsys, "doctor", "--home", str(tmp_path / "home"), "--json")
    told = json.loads(out)
    assert status == 0 and told["ok"] is True
    assert told["encoder"]["ok"] and len(told["encoder"]["sha256"]) == 64
    assert told["store"] == {"path": str(tmp_path / "home" / "results.duckdb"), "ok": True, "runs": 0, "rows": 0}
    assert told["user"] == {"path": str(tmp_path / "home" / "user.duckdb"), "ok": True, "rows": 0, "backups": 0}
    assert told["data"] and all(set(row) >= {"name", "path", "items", "ok"} for row in told["data"])


def test_data_lists_what_is_there_and_how_to_get_the_rest(capsys):
    status, out, _ = call(capsys, "data", "--json")
    told = json.loads(out)
    assert status == 0 and told["sources"] and told["missing"]
    assert all(set(row) >= {"name", "kind", "path", "languages", "items"} for row in told["sources"])
    assert all(row["how"] for row in told["missing"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["data", "--data", "nowhere"], "nowhere is not there"),
        (["run", "--preset", "grand"], "There is no preset 'grand'"),
        (["run", "--arms", "magic"], "There is no arm 'magic'"),
        (["predict", "--premise", " ", "--hypothesis", "x"], "The premise is empty"),
        (["predict", "--premise", "a", "--hypothesis", "x"], "There is no run of english-only"),
        (["import", "nowhere"], "is not a folder"),
        (["frobnicate"], "No such command"),
        (["predict"], "Missing option"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path))
    status, out, err = call(capsys, *arguments)
    assert status == 2 and out == "" and says in err
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in err


def test_several_arms_may_follow_one_option():
    given = ["run", "--arms", "a", "b", "--seeds", "2", "--arms", "c"]
    assert spread(given, "--arms") == ["run", "--arms", "a", "--arms", "b", "--seeds", "2", "--arms", "c"]


def test_an_unwritable_workspace_is_told(capsys, tmp_path):
    (tmp_path / "file").write_text("x")
    status, _, err = call(capsys, "import", "--home", str(tmp_path / "file" / "home"))
    assert status == 2 and "cannot be written" in err


def test_import_of_nothing_is_said_so(capsys, tmp_path):
    status, out, _ = call(capsys, "import", "--home", str(tmp_path), "--json")
    assert status == 0 and json.loads(out) == {"ok": True, "imported": []}


def test_core_knows_neither_streamlit_nor_duckdb_and_only_the_command_line_knows_the_store():
    for path in (ROOT / "core").rglob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
        assert not imported & {"streamlit", "duckdb"}, path
        if "cli" not in path.parts:
            assert "store" not in imported, path


def test_no_file_writes_sql_outside_the_store():
    for folder in ("core", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "SELECT " not in path.read_text(encoding="utf-8"), path
