"""What is stored is untrusted: it is shown as text, and what is damaged is told in one sentence."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.workspace import open_workspace
from store.results.importer import sync
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.synthetic_runs import write_run

PAGES = ("overview", "errors", "alignment", "retrieval")
SCRIPT = "<img src=x onerror=alert(1)>**bold** [x](javascript:alert(1)) $x$"


@pytest.fixture
def workspace(tmp_path):
    return open_workspace(tmp_path / "home")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_names_from_a_run_are_text(open_page, workspace, name):
    write_run(workspace, SCRIPT, run_id="ab" * 6, preset=SCRIPT, took=True, took_sentence=SCRIPT, encoder=SCRIPT)
    write_run(workspace, "transport")
    sync(workspace)
    page = open_page(workspace, name)
    check_whole(page)
    assert "<img" not in markup(page)
    assert not any("<img" in spec for spec in charts(page))
    assert not any("alert" in str(element.value) for element in (*page.markdown, *page.caption))


def test_a_long_arm_name_and_strange_languages_are_drawn(open_page, workspace):
    write_run(workspace, "x" * 400, languages=("en", "sw", "yue-Hant", "qaa"))
    sync(workspace)
    page = open_page(workspace, "overview")
    check_whole(page)
    names = json.loads(charts(page)[1])["layout"]["yaxis"]["ticktext"]
    assert names == ["English (en)", "<b>Swahili (sw)</b>", "qaa (qaa)", "yue-Hant (yue-Hant)"]


def test_a_run_without_low_resource_languages_has_no_mean(open_page, workspace):
    write_run(workspace, "transport", languages=("en", "de"))
    sync(workspace)
    page = open_page(workspace, "overview")
    check_whole(page)
    assert "no stored arm has results in every low-resource language yet" in words(page)


@pytest.mark.slow
def test_a_run_without_tables_says_so_and_still_shows_a_chart(open_page, workspace):
    write_run(workspace, "transport", tables=())
    sync(workspace)
    for name in PAGES:
        page = open_page(workspace, name)
        check_whole(page)
        assert charts(page)
    assert "The stored runs hold no predictions" in words(open_page(workspace, "overview"))


@pytest.mark.parametrize("name", PAGES)
def test_a_damaged_store_is_one_sentence(open_page, workspace, name):
    workspace.results.write_bytes(b"not a database" * 1000)
    page = open_page(workspace, name)
    check_whole(page)
    assert "results.duckdb" in words(page)
    assert "Traceback" not in words(page)


@pytest.mark.slow
def test_a_data_folder_that_is_not_there_is_told(open_page, stored_workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("ISOGLOSS_DATA", str(tmp_path / "nowhere"))
    for name in PAGES:
        page = open_page(stored_workspace, name)
        check_whole(page)
        assert "nowhere is not there; name another with --data or ISOGLOSS_DATA." in words(page)
        assert charts(page)


def test_gold_labels_that_differ_from_the_data_hide_the_text(open_page, workspace):
    folder = write_run(workspace, "transport")
    predictions = pd.read_parquet(folder / "predictions.parquet")
    predictions["gold"] = ((predictions["gold"] + 1) % 3).astype("int8")
    predictions.to_parquet(folder / "predictions.parquet", index=False)
    sync(workspace)
    page = open_page(workspace, "errors")
    check_whole(page)
    assert "another label" in words(page)
    shown = next(frame.value for frame in page.dataframe if "outcome" in frame.value.columns)
    assert "premise" not in shown.columns


def test_an_unexpected_failure_is_one_sentence_and_goes_to_the_log(open_page, stored_workspace, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("pages.parts.overview.first_screen.recommend", broken)
    page = open_page(stored_workspace, "overview")
    assert not page.exception
    told = words(page)
    assert "did not expect" in told and "secret detail" not in told
    assert any("secret detail" in (record.exc_text or "") for record in caplog.records)


@pytest.mark.parametrize(
    "link",
    [
        {"item": "-5"}, {"item": "9999999999999999999"}, {"item": "x"}, {"languages": "Klingon"},
        {"page": "900"}, {"gold": "<script>"}, {"run": "nobody"}, {"split": "train"}, {"outcome": ""},
    ],
)  # fmt: skip
def test_a_link_with_nonsense_opens_the_page(open_page, stored_workspace, link):
    page = open_page(stored_workspace, "errors", **link)
    check_whole(page)
    assert charts(page)
