"""The answer sheet is kept by the content of what it was made from, and worded by the version that reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from core.errors import MissingData
from core.experiment.studies.read import find_study
from core.experiment.studies.sheet import asks
from core.verdict.sentences import tell
from core.workspace import open_workspace
from store.results import sheets
from store.results.groups import find_comparison
from store.results.importer import sync
from store.results.runs import list_imports
from tests.support.synthetic_runs import ARMS, write_run


def key(workspace):
    compared = find_comparison(workspace)
    return sheets.key_of(workspace, list_imports(workspace), compared.runs, compared.split)


def stored(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    folders = [write_run(workspace, arm, items=36) for arm in ARMS]
    sync(workspace)
    return workspace, folders


def changed(workspace, folder, name):
    """Every value of a run's table halved, and the store rebuilt from the folders."""
    table = pd.read_parquet(folder / f"{name}.parquet")
    numbers = [column for column in ("value", "low", "high") if column in table]
    table[numbers] /= 2
    table.to_parquet(folder / f"{name}.parquet", index=False)
    workspace.results.unlink()
    sync(workspace)


@pytest.mark.slow
def test_other_scores_are_another_sheet_and_other_curves_are_not(tmp_path):
    workspace, folders = stored(tmp_path)
    keys = [key(workspace)]
    for name in ("scores", "curves"):
        changed(workspace, folders[0], name)
        keys.append(key(workspace))
    assert keys[0] != keys[1] == keys[2]


def test_a_kept_sheet_has_this_versions_sentences(tmp_path):
    workspace, _ = stored(tmp_path)
    compared = find_comparison(workspace)
    made = sheets.answer_sheet(workspace, compared.runs, compared.split)
    (path,) = (workspace.cache / "pages").glob("sheet-*.json")
    kept = json.loads(path.read_text())
    kept["questions"][0] |= {"sentence": "as it was worded once", "first_value": 12.34}
    path.write_text(json.dumps(kept))
    again = sheets.answer_sheet(workspace, compared.runs, compared.split)["questions"]
    assert again[0]["sentence"] == tell(again[0]) and "transport 12.3, adversarial" in again[0]["sentence"]
    assert again[1:] == made["questions"][1:]


def test_a_sheet_made_without_the_data_that_it_needs_is_not_kept(tmp_path, monkeypatch):
    workspace, _ = stored(tmp_path)
    study = find_study("xnli-second")
    own = replace(study, benchmarks=(replace(study.benchmark(), cluster="premise"), *study.benchmarks[1:]))
    assert asks(own)
    monkeypatch.setattr(sheets, "runs_study", lambda workspace, runs: own)

    def missing():
        raise MissingData("There is no data here.")

    monkeypatch.setattr(sheets, "open_catalog", missing)
    compared = find_comparison(workspace)
    assert sheets.answer_sheet(workspace, compared.runs, compared.split)["unanswerable"]
    assert not list(workspace.cache.glob("pages/sheet-*.json")), "the data may be there by the next time"
