"""The overview where one stored run does not belong: it answers, says which, and takes it out and puts it back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.workspace import open_workspace
from store.results import importer
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support.page_text import accuracies, check_whole, words
from tests.support.synthetic_runs import ARMS, write_run


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """Four drawn runs, the labels of one in another order, from before an import looked at them."""
    workspace = open_workspace(tmp_path / "home")
    folders = {arm: write_run(workspace, arm) for arm in ARMS}
    path = folders["transport"] / "predictions.parquet"
    table = pd.read_parquet(path)
    table.assign(gold=((table["gold"] + 1) % 3).astype(np.int8)).to_parquet(path, index=False)
    with monkeypatch.context() as patched:
        patched.setattr(importer, "check_gold", lambda *_: None)
        sync(workspace)
    return workspace


@pytest.mark.slow
def test_overview_leaves_the_odd_run_out_and_a_button_removes_it(open_page, workspace):
    odd = str(list_runs(workspace).set_index("arm").loc["transport", "run_id"])
    page = open_page(workspace, "overview")
    check_whole(page)
    assert f"Left out: run {odd} (transport, seed 0) has other gold labels" in words(page)
    assert sorted(accuracies(page)) == sorted(set(ARMS) - {"transport"})

    page = open_page(workspace, "overview", tab="Runs and cost")
    page.selectbox(key="remove-run").select(odd).run()
    assert page.button(key="remove").disabled
    page.checkbox(key=f"sure-{odd}").check().run()
    page.button(key="remove").click().run()
    check_whole(page)
    assert "Left out" not in words(page)
    assert odd not in set(list_runs(workspace)["run_id"]) and (workspace.removed / odd / "run.json").is_file()
    assert sync(workspace) == []

    page.button(key="restore").click().run()
    assert "would fit" in words(page)
    assert (workspace.removed / odd / "run.json").is_file(), "what is refused stays where it was"


def test_two_that_contradict_each_other_leave_the_way_out_open(open_page, tmp_path, monkeypatch):
    workspace = open_workspace(tmp_path / "home")
    for arm in ("english-only", "transport"):
        folder = write_run(workspace, arm)
    table = pd.read_parquet(folder / "predictions.parquet")
    table.assign(gold=((table["gold"] + 1) % 3).astype(np.int8)).to_parquet(folder / "predictions.parquet", index=False)
    with monkeypatch.context() as patched:
        patched.setattr(importer, "check_gold", lambda *_: None)
        sync(workspace)
    page = open_page(workspace, "overview")
    check_whole(page)
    assert "disagree on gold labels" in words(page) and folder.name in words(page)
    assert page.selectbox(key="remove-run").options
