"""Pages over stored runs: what they say is what the tables hold."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from page_text import charts, check_whole, words
from synthetic_runs import ARMS, write_run

from core.languages import LOW_RESOURCE, XNLI_CODES
from core.workspace import open_workspace
from store.importer import sync
from store.predictions import accuracy
from store.runs import list_runs


@pytest.fixture
def stored(stored_workspace) -> pd.DataFrame:
    runs = list_runs(stored_workspace)
    return accuracy(stored_workspace, list(runs["run_id"]), "test")


def _low_resource_means(stored: pd.DataFrame) -> pd.Series:
    return stored[stored["language"].isin(LOW_RESOURCE)].groupby("arm")["accuracy"].mean()


def test_overview_names_the_arm_that_is_ahead_and_the_caution(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "overview")
    check_whole(page)
    means = _low_resource_means(stored).drop("mean-matching").sort_values(ascending=False)
    told = words(page)
    assert f"{means.index[0]} has the highest low-resource mean, {means.iloc[0]:.1f}" in told
    assert "5 low-resource languages, 9 items each" in told
    assert "not a test of significance" in told


def test_overview_never_shows_starter_numbers_as_xnli(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview")
    assert "Trained and tested on starter data : not XNLI's numbers" in words(page)
    assert "test split of the starter data" in json.loads(charts(page)[0])["layout"]["title"]["text"]


def test_overview_table_holds_every_arm_and_language(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "overview")
    table = page.dataframe[0].value.set_index("Arm")
    assert list(table.index) == list(ARMS)
    assert len(table.columns) == 3 + len(XNLI_CODES)
    cell = stored[(stored["arm"] == "transport") & (stored["language"] == "sw")]["accuracy"].iloc[0]
    assert table.loc["transport", "Swahili (sw)"] == pytest.approx(cell)
    means = _low_resource_means(stored)
    assert table["Low-resource mean"].to_dict() == pytest.approx(means.to_dict())
    assert (table["Gap"] == table["English (en)"] - table["Low-resource mean"]).all()


def test_overview_tells_whether_objectives_moved_and_what_it_cost(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview")
    assert "transport : Took: its transport cost on 200 held-out pairs fell, from 0.412 to 0.301." in words(page)
    objectives, cost = page.dataframe[1].value, page.dataframe[2].value
    assert set(objectives["own objective"]) == {"took", "did not take", "no objective of its own"}
    assert {"transport cost, start", "transport cost, end", "language probe ×100, end"} <= set(objectives.columns)
    assert list(cost["tokens backward"]) == [803_000] * 4


def test_a_run_imported_while_the_app_is_open_shows_on_the_next_run(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    write_run(workspace, "english-only")
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(page.dataframe[0].value["Arm"]) == ["english-only"]
    assert "there is nothing to compare it with" in words(page)
    write_run(workspace, "transport")
    sync(workspace)
    page.run()
    assert list(page.dataframe[0].value["Arm"]) == ["english-only", "transport"]


def test_seeds_of_an_arm_are_averaged_and_counted(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    for seed in range(3):
        for arm in ("english-only", "transport"):
            write_run(workspace, arm, seed)
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(page.dataframe[0].value["Seeds"]) == [3, 3]
    assert "means of 3 seeds" in words(page)


def test_runs_of_another_group_are_not_mixed_in(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    write_run(workspace, "transport", 0)
    write_run(workspace, "adversarial", 1, group="two", preset="full", created="2026-11-22T10:00:00+00:00")
    write_run(workspace, "warm-start", 2, group="three", created="2026-11-23T10:00:00+00:00")
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(page.dataframe[0].value["Arm"]) == ["adversarial"]
    shown = page.sidebar.selectbox(key="group")
    assert len(shown.options) == 2
    shown.select(shown.options[1]).run()
    assert list(page.dataframe[0].value["Arm"]) == ["transport"]


def test_retrieval_shows_the_stored_scores_by_language(open_page, stored_workspace):
    page = open_page(stored_workspace, "retrieval")
    check_whole(page)
    figure = json.loads(charts(page)[-1])
    assert {trace["name"] for trace in figure["data"]} == {"span", *ARMS}
    assert "found first, starter sentences" in figure["layout"]["title"]["text"]
