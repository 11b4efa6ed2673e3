"""Pages over stored runs: what they say is what the tables hold."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.languages import LOW_RESOURCE, XNLI_CODES
from core.workspace import open_workspace
from store.results.importer import sync
from store.results.predictions import accuracy
from store.results.runs import list_runs
from tests.support.page_text import accuracies, charts, check_whole, specialist_words, words
from tests.support.synthetic_runs import ARMS, write_run


@pytest.fixture
def stored(stored_workspace) -> pd.DataFrame:
    runs = list_runs(stored_workspace)
    return accuracy(stored_workspace, list(runs["run_id"]), "test")


def _low_resource_means(stored: pd.DataFrame) -> pd.Series:
    return stored[stored["language"].isin(LOW_RESOURCE)].groupby("arm")["accuracy"].mean()


def test_overview_answers_the_question_first_and_says_why_it_cannot_tell(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "overview")
    check_whole(page)
    means = _low_resource_means(stored)
    told = words(page)
    assert told.index("No recommendation yet.") < told.index(f"{means['transport']:.1f}")
    assert "Matching translations (transport)" in told and "one training run: not tested" in told
    assert told.index("Rests on:") < told.index("Cannot say:")
    check_whole(page := open_page(stored_workspace, "overview", tab="Why"))
    told = words(page)
    assert "transport and adversarial are described, not tested (one run against one run says nothing" in told
    expected = f"transport {means['transport']:.1f}, adversarial {means['adversarial']:.1f}, difference"
    alone = "English training alone in the five low-resource languages: against english-only "
    alone += f"({means['english-only']:.1f}), transport is one run, descriptive at"
    assert expected in told and told.index(alone) < told.index(expected)


def test_the_first_screen_has_no_word_of_a_specialist(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview")
    seen = [str(element.proto.body) for element in page.get("html") if "iso-list" not in str(element.proto.body)]
    first = " ".join(text for text in seen if "iso-answer" in text or "iso-next" in text or "<h1" in text)
    figure = json.loads(charts(page)[0])["layout"]
    drawn = f"{figure['title']} {figure['yaxis']['title']} {figure['xaxis']['ticktext']}"
    assert specialist_words(first) == specialist_words(drawn) == []


def _title(figure) -> str:
    """A figure's title, which may be broken in lines."""
    return figure["layout"]["title"]["text"].replace("</b><br><b>", " ")


def test_overview_never_shows_starter_numbers_as_xnli(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview")
    assert "Trained and tested on starter data : not XNLI's numbers" in words(page)
    assert "test split of the starter data" in _title(json.loads(charts(page)[1]))
    assert "Published" not in words(page)


def test_overview_table_holds_every_arm_and_language(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "overview")
    table = accuracies(page)
    assert list(table) == list(ARMS)
    means = _low_resource_means(stored)
    for arm, cells in table.items():
        assert len(cells) == 1 + 4 + 14
        own = stored[stored["arm"] == arm].set_index("language")["accuracy"]
        assert cells[1] == f"{means[arm]:.1f}" and cells[2] == f"{own['en']:.1f}"
        assert cells[3] == f"{own['en'] - means[arm]:.1f}".replace("-", "−")
        assert cells[5:] == [f"{own[code]:.1f}" for code in XNLI_CODES if code != "en"]


def test_overview_tells_whether_objectives_moved_and_what_it_cost(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview", tab="Why")
    improved = (
        "Objective improved on held-out bitext: its transport cost on 200 held-out pairs fell, from 0.412 to 0.301."
    )
    assert f"transport : {improved}" in words(page)
    objectives = next(d.value for d in page.dataframe if "own objective" in d.value)
    assert set(objectives["own objective"]) == {"improved", "did not improve", "no objective of its own"}
    assert {"transport cost, start", "transport cost, end", "language probe ×100, end"} <= set(objectives.columns)
    page = open_page(stored_workspace, "overview", tab="Runs and cost")
    cost = next(d.value for d in page.dataframe if "tokens backward" in d.value)
    assert list(cost["tokens backward"]) == [803_000] * 4


def test_overview_shows_the_control_beside_what_it_explains(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "overview", tab="Why")
    forest = json.loads(charts(page)[1])
    assert [trace["name"] for trace in forest["data"]] == ["transport", "mean-matching"]
    assert "Is it the transport, or just the bitext?" in json.dumps(forest["layout"]["annotations"])
    means = _low_resource_means(stored)
    assert forest["data"][1]["x"][0] == pytest.approx(means["mean-matching"] - means["english-only"])


@pytest.mark.slow
def test_a_run_imported_while_the_app_is_open_shows_on_the_next_run(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    write_run(workspace, "english-only")
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(accuracies(page)) == ["english-only"]
    assert "there is nothing to compare it with" in words(page)
    write_run(workspace, "transport")
    sync(workspace)
    page.run()
    assert list(accuracies(page)) == ["english-only", "transport"]


@pytest.mark.slow
def test_seeds_of_an_arm_are_averaged_and_counted(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    for seed in range(3):
        for arm in ("english-only", "transport", "adversarial"):
            write_run(workspace, arm, seed)
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(accuracies(page)) == ["english-only", "transport", "adversarial"]
    page = open_page(workspace, "overview", tab="Why")
    assert "(3 premises are too few for a test)" in words(page) and "; 3 seeds, 9 items a language)" in words(page)


def test_runs_of_another_group_are_not_mixed_in(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    write_run(workspace, "transport", 0)
    write_run(workspace, "adversarial", 1, group="two", preset="full", created="2026-11-22T10:00:00+00:00")
    write_run(workspace, "warm-start", 2, group="three", created="2026-11-23T10:00:00+00:00")
    sync(workspace)
    page = open_page(workspace, "overview")
    assert list(accuracies(page)) == ["adversarial"]
    shown = page.sidebar.selectbox(key="group")
    assert len(shown.options) == 2
    shown.select(shown.options[1]).run()
    assert list(accuracies(page)) == ["transport"]


def test_retrieval_shows_the_stored_scores_by_language(open_page, stored_workspace):
    page = open_page(stored_workspace, "retrieval", tab="Languages")
    check_whole(page)
    figure = json.loads(charts(page)[-1])
    assert {trace["name"] for trace in figure["data"]} == {"span", "english-only", "transport", "adversarial"}
    assert "found first, starter sentences" in _title(figure)
    page.toggle(key="controls").set_value(True).run()
    figure = json.loads(charts(page)[-1])
    assert {trace["name"] for trace in figure["data"]} == {"span", *ARMS}


def test_overview_draws_controls_when_they_are_asked_for(open_page, stored_workspace):
    page = open_page(stored_workspace, "overview")
    drawn = {trace["name"] for trace in json.loads(charts(page)[1])["data"]}
    assert "transport" in drawn and "mean-matching" not in drawn
    page.toggle(key="controls").set_value(True).run()
    assert "mean-matching" in {trace["name"] for trace in json.loads(charts(page)[1])["data"]}
