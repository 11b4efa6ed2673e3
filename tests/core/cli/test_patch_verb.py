"""`patch`: the store's predictions and the run's weights, in a document, a CSV and a TSV; one sentence for the rest."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest

from core.cli import main
from core.cli.patch import LANGUAGES
from core.patching.recorded import measured_controls
from core.workspace import open_workspace
from store.results.importer import import_run
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.run import execute
    from core.model.weights import load_arm
    from core.patching.controls import measure_run_controls, summarise_controls
    from core.patching.effect import COLUMNS, SUMMARY, measure_run, summarise
    from core.transport.plans import PlanSettings

pytestmark = pytest.mark.slow  # they train and read


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny, starter):
    """A workspace with a tiny run of which the store alone has the predictions, these predictions, and its model."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    config = configuration("english-only", warm_start=start)
    config = dataclasses.replace(config, evaluation=dataclasses.replace(config.evaluation, other_items=None))
    folder = execute(config, workspace, starter, tiny).folder
    import_run(workspace, folder)
    predictions = pd.read_parquet(folder / "predictions.parquet")
    (folder / "predictions.parquet").unlink()
    return workspace, config.run_id, predictions, load_arm(folder, tiny)


@pytest.fixture(autouse=True)
def tiny_is_loaded(monkeypatch, request):
    if "data" not in request.keywords:
        tiny = request.getfixturevalue("tiny")
        monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
        monkeypatch.setattr("core.encoder.load.load_encoder", lambda name="embedded", device="cpu": tiny)


def call(made, *more: str) -> int:
    return main(["patch", "--home", str(made[0].home), *more])


def test_patching_a_stored_run_is_what_the_library_measures(made, tiny, starter, tmp_path, capsys):
    _, run_id, predictions, model = made
    files = tmp_path / "items.csv", tmp_path / "summary.tsv"
    status = call(
        made, "--languages", "sw", "th,ur", "--layers", "0", "1", "--limit", "3", "--draws", "2", "--kind", "kept",
        "--epsilon", "0.1", "--out", str(files[0]), "--summary", str(files[1]), "--json",
    )  # fmt: skip
    document = json.loads(capsys.readouterr().out)
    assert status == 0 and [document[key] for key in ("run_id", "arm", "split", "kind")] == [
        run_id, "english-only", "validation", "kept"
    ]  # fmt: skip
    expected = measure_run(
        model, tiny, predictions, starter, ["sw", "th", "ur"], [0, 1], split="validation", kind="kept", limit=3,
        draws=2, settings=PlanSettings(epsilon=0.1),
    )  # fmt: skip
    assert len(expected) > 6, "else the rest shows nothing"
    pd.testing.assert_frame_equal(pd.read_csv(files[0]), expected, check_dtype=False)
    rows = pd.DataFrame(document["rows"])
    assert list(rows) == SUMMARY and list(dict.fromkeys(rows["language"]))[0] == "all"
    pd.testing.assert_frame_equal(rows, summarise(expected), check_dtype=False)
    beside = pd.DataFrame(document["controls"])
    own = measure_run_controls(
        model, tiny, predictions, starter, ["sw", "th", "ur"], [0, 1], split="validation", limit=3, draws=2,
        settings=PlanSettings(epsilon=0.1),
    )  # fmt: skip
    pd.testing.assert_frame_equal(beside, summarise_controls(own), check_dtype=False)
    assert set(document["claims"]) == {"0", "1"} and not any(document["claims"].values()), "too few premises"
    stored = pd.read_csv(files[1], sep="\t")
    pd.testing.assert_frame_equal(stored, summarise(expected).round(2), check_dtype=False)


def test_people_get_a_table_and_files_without_items_keep_their_columns(made, tmp_path, capsys):
    assert call(made, "--languages", "sw", "--layers", "1", "--limit", "2", "--kind", "kept", "--draws", "1") == 0
    head, *rows = capsys.readouterr().out.split("\n\n")[0].splitlines()
    assert head.split() == SUMMARY and [row.split()[0] for row in rows] == ["sw"]
    predictions = pd.DataFrame(columns=COLUMNS)
    assert list(summarise(predictions)) == SUMMARY and summarise(predictions).empty


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--run", "nowhere"], "There is no run nowhere in the store"),
        (["--arm", "transport"], "There is no run of transport in the store"),
        (["--split", "test"], "was not read on 'test' in English; it was on validation."),
        (["--languages", "sw", "xx"], "has no answers in 'xx' on validation to patch from English; it has"),
        (["--languages", "en"], "has no answers in 'en' on validation"),
        (["--epsilon", "0"], "The regularisation 0 is outside"),
        (["--layers", "0", "40", "--limit", "1", "--kind", "kept"], "layers 0 to 2; layer 40 is not one of them"),
        (["--out", "nowhere/items.csv"], "is not there; make it, or write elsewhere"),
        (["--layers", "x"], "'--layers': Input should be a valid integer"),
        (["--kind", "any"], "'any' is not one of 'flipped', 'kept'"),
    ],
)
def test_what_cannot_be_patched_is_one_sentence_and_status_2(made, capsys, more, says):
    assert call(made, *more) == 2
    printed = capsys.readouterr()
    lines = [line for line in printed.err.strip().splitlines() if not line.startswith(("\ritems", "\rcontrols"))]
    assert printed.out == "" and says in lines[-1] and "Traceback" not in printed.err


@pytest.mark.data
def test_a_shipped_run_is_patched_on_a_fresh_install(data_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ISOGLOSS_REFERENCE", raising=False)
    status = main([
        "patch", "--home", str(tmp_path), "--data", str(data_dir), "--languages", "sw", "--layers", "4",
        "--limit", "4", "--draws", "2", "--json",
    ])  # fmt: skip
    document = json.loads(capsys.readouterr().out)
    assert status == 0 and document["split"] == "test" and document["rows"][0]["items"] == 4


def test_the_languages_are_those_of_the_committed_table_in_its_order():
    assert list(dict.fromkeys(measured_controls()["language"])) == ["all", *LANGUAGES]
