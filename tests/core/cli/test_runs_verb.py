"""`runs`, `import` and `doctor` where a run should not be among the stored ones."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.cli import main
from core.workspace import open_workspace
from store.results import importer
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support.make_run import write_run
from tests.support.planted import planted

EFFECTS = {"english-only": 0.0, "transport": 8.0, "adversarial": 0.0}
ORDER = ["split", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]


@pytest.fixture
def workspace(tmp_path):
    return open_workspace(tmp_path / "home")


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def write(workspace, odd_arm: str = "", odd_seed: int = 0) -> dict[tuple[str, int], str]:
    """Nine drawn runs; the labels of one of them stand in another order. (arm, seed) -> identity."""
    table = planted(np.random.default_rng(0), EFFECTS, languages=("en", "tr", "sw"), premises=60, seed_sd=0.2)
    written = {}
    for (arm, seed), own in table.groupby(["arm", "seed"], sort=False):
        rows = own.assign(split="test").astype({"item_id": "int32", "gold": "int8"})[ORDER]
        if (arm, seed) == (odd_arm, odd_seed):
            rows = rows.assign(gold=((rows["gold"] + 1) % 3).astype("int8"))
        written[str(arm), int(seed)] = write_run(workspace.runs, str(arm), int(seed), tables={"predictions": rows}).name
    return written


def test_import_skips_and_names_what_it_cannot_read_and_imports_the_rest(capsys, workspace, tmp_path):
    for parent, arguments in ((workspace.runs, ()), (tmp_path / "copied", (str(tmp_path / "copied"),))):
        bad, good = write_run(parent, "transport", len(arguments)), write_run(parent, "adversarial", len(arguments))
        (bad / "run.json").write_text('{"a": "\\ud800"}')
        status, out, err = call(capsys, "import", *arguments, "--home", str(workspace.home), "--json")
        told = json.loads(out)
        assert status == 2 and told["imported"] == [good.name] and told["ok"] is False
        assert len(told["skipped"]) == 1 and str(bad) in told["skipped"][0] and told["skipped"][0] in err


def test_a_run_is_listed_removed_and_put_back(capsys, workspace):
    folder = write_run(workspace.runs, "transport")
    sync(workspace)
    home = ("--home", str(workspace.home))
    status, out, _ = call(capsys, "runs", "list", *home, "--json")
    rows = json.loads(out)["runs"]
    assert status == 0 and [(row["run_id"], row["arm"], row["folder"]) for row in rows] == [
        (folder.name, "transport", str(folder))
    ]
    status, _, err = call(capsys, "runs", "remove", folder.name, *home, "--json")
    assert status == 2 and "give --yes" in err and len(list_runs(workspace)) == 1
    status, out, _ = call(capsys, "runs", "remove", folder.name, "--yes", *home, "--json")
    assert status == 0 and json.loads(out)["folder"] == str(workspace.removed / folder.name)
    assert call(capsys, "import", *home)[1] == "0 new run(s) imported.\n" and list_runs(workspace).empty
    status, out, _ = call(capsys, "runs", "list", *home)
    assert status == 0 and f"removed: {folder.name}" in out
    status, out, _ = call(capsys, "runs", "restore", folder.name, *home, "--json")
    assert status == 0 and json.loads(out)["restored"] == folder.name and len(list_runs(workspace)) == 1
    status, _, err = call(capsys, "runs", "remove", "0" * 12, "--yes", *home)
    assert status == 2 and "There is no run 000000000000" in err


def test_removing_asks_first(capsys, workspace, monkeypatch):
    folder = write_run(workspace.runs, "transport")
    sync(workspace)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(SystemExit(1)))
    with pytest.raises(SystemExit):
        main(["runs", "remove", folder.name, "--home", str(workspace.home)])
    assert len(list_runs(workspace)) == 1


@pytest.mark.slow
def test_an_odd_run_from_before_is_named_and_keeps_no_answer_back(capsys, workspace, monkeypatch):
    written = write(workspace, "transport", 1)
    odd = written["transport", 1]
    with monkeypatch.context() as patched:
        patched.setattr(importer, "check_gold", lambda *_: None)
        sync(workspace)
    assert len(list_runs(workspace)) == 9
    home = ("--home", str(workspace.home))
    status, out, _ = call(capsys, "doctor", *home, "--json")
    told = json.loads(out)
    named = [sentence for sentence in told["problems"] if odd in sentence]
    assert status == 1 and told["ok"] is False and told["store"]["runs"] == 9 and not told["store"]["ok"]
    assert len(named) == 1 and f"runs remove {odd}" in named[0] and "stood for" in named[0]

    status, out, err = call(capsys, "verdict", *home, "--json")
    told = json.loads(out)
    assert status == 0 and odd in err and f"runs remove {odd}" in err
    assert odd not in told["runs"] and len(told["runs"]) == 8
    assert told["questions"][0]["outcome"] == "described" and told["questions"][0]["seeds"] == [0, 2], "two are left"
    assert told["questions"][0]["difference"] > 0 and "2 seeds, descriptive" in told["questions"][0]["sentence"]
    report = workspace.home / "report.html"
    assert call(capsys, "report", "--out", str(report), *home)[0] == 0
    assert odd in report.read_text(encoding="utf-8")

    assert call(capsys, "runs", "remove", odd, "--yes", *home)[0] == 0
    assert call(capsys, "doctor", *home)[0] == 0
    after = call(capsys, "verdict", *home, "--json")
    assert json.loads(after[1])["questions"] == told["questions"] and odd not in after[2]


def test_an_import_refuses_it_now(capsys, workspace):
    odd = write(workspace, "transport", 1)["transport", 1]
    status, out, err = call(capsys, "import", "--home", str(workspace.home), "--json")
    told = json.loads(out)
    assert status == 2 and len(told["imported"]) == 8 and odd in err and "would fit" in err
