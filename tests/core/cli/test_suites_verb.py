"""`suites`: what there is, the items, and stored models' answers; one sentence for what cannot be run."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from core.workspace import open_workspace
from store.results.importer import sync
from tests.support.synthetic_runs import write_run, write_weights


@pytest.fixture
def runs(tmp_path, tiny, small_encoder):
    """A workspace with two runs that have weights and one that has none, by arm."""
    workspace = open_workspace(tmp_path / "home")
    folders = {arm: write_run(workspace, arm) for arm in ("english-only", "transport", "adversarial")}
    write_weights(folders["english-only"], tiny, 0.02, first_layer=0)
    write_weights(folders["transport"], tiny, 0.5, first_layer=0)
    sync(workspace)
    return workspace, {arm: folder.name for arm, folder in folders.items()}


def told(capsys, *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_categories_are_listed_with_what_one_label_passes(capsys):
    document = told(capsys, "suites", "list")
    assert [row["category"] for row in document["categories"]] == ["roles", "negation", "numbers", "overlap"]
    assert document["categories"][2]["always"]["contradiction"] == 50.0 and len(document["languages"]) == 15
    assert main(["suites", "list"]) == 0
    assert "Always said: entailment 25.0, neutral 25.0, contradiction 50.0." in capsys.readouterr().out


def test_items_are_shown_in_the_languages_asked_for(capsys):
    document = told(capsys, "suites", "show", "numbers", "--lang", "sw", "--lang", "ar")
    assert [item["language"] for item in document["items"]] == ["ar"] * 20 + ["sw"] * 20
    assert document["items"][20]["premise"].startswith("Kuna matofaa matatu")
    assert main(["suites", "show", "roles"]) == 0
    assert "en  roles-01a    swapped: neutral or contradiction" in capsys.readouterr().out


def test_two_runs_answer_and_are_compared(runs, capsys):
    workspace, ids = runs
    asked = ["suites", "run", "--home", str(workspace.home), "--run", ids["english-only"], "--run", ids["transport"]]
    document = told(capsys, *asked, "--lang", "sw", "--lang", "en", "--items")
    assert [run["arm"] for run in document["runs"]] == ["english-only", "transport"]
    for run in document["runs"]:
        assert len(run["items"]) == 136 and run["precision"] == "float32" and run["backend"] == "torch"
        row = next(r for r in run["languages"] if (r["category"], r["language"]) == ("overlap", "sw"))
        own = [i for i in run["items"] if (i["category"], i["language"]) == ("overlap", "sw")]
        assert row["passed"] == sum(i["passed"] for i in own) and row["items"] == len(own) == 12
    (difference,) = document["differences"]
    assert (difference["run"], difference["minus"]) == (ids["transport"], ids["english-only"])
    assert len(list((workspace.cache / "suites").glob("*.npy"))) == 4
    assert main([*asked, "--category", "roles"]) == 0
    text = capsys.readouterr().out
    assert "roles: transport minus english-only" in text and "numbers" not in text and "descriptive" in text


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([], "Name at least one run that has weights with --run"),
        (["--run", "adversarial"], "are not in this workspace; copy its folder there"),
        (["--run", "english-only", "--category", "spelling"], "no category 'spelling'"),
        (["--run", "english-only", "--lang", "pt"], "no items in pt"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(runs, capsys, more, reason):
    workspace, ids = runs
    assert main(["suites", "run", "--home", str(workspace.home), *(ids.get(word, word) for word in more)]) == 2
    err = capsys.readouterr().err.strip()
    assert reason in err and len(err.splitlines()) == 1
