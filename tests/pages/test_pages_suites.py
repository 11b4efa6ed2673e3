"""The view of suites: no model before it is asked for, then a map an arm, differences, items and the whole CSV."""

from __future__ import annotations

import json

import pytest

from core.suites.items import read_items
from core.workspace import open_workspace
from store.results.importer import sync
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.synthetic_runs import write_run, write_weights


@pytest.fixture
def tiny_workspace(tmp_path, tiny, monkeypatch):
    """Two runs with weights of the small encoder, and one without."""
    monkeypatch.setattr("pages.parts.models._encoder", lambda name, stamp: tiny)
    workspace = open_workspace(tmp_path / "home")
    folders = [write_run(workspace, arm) for arm in ("english-only", "transport", "adversarial")]
    for folder, noise in zip(folders[:2], (0.02, 0.5), strict=True):
        write_weights(folder, tiny, noise, first_layer=0)
    sync(workspace)
    return workspace


def test_nothing_is_read_before_it_is_asked_for(open_page, tiny_workspace, monkeypatch):
    import core.suites.run as run

    real, read = run.run_suite, []
    monkeypatch.setattr(run, "run_suite", lambda *given: read.append(1) or real(*given))
    page = open_page(tiny_workspace, "errors", view="Suites", **{"suite": "overlap", "suite-language": "Urdu (ur)"})
    check_whole(page)
    assert not read and not charts(page) and page.multiselect(key="suite-runs").options == ["english-only", "transport"]
    assert page.button(key="run-suites").label == "Run the suites: 1,020 items with 2 models"
    page.button(key="run-suites").click().run()
    check_whole(page)
    assert len(read) == 2 and len(list((tiny_workspace.cache / "suites").glob("*.npy"))) == 30
    drawn = [json.loads(spec) for spec in charts(page)]
    assert len(drawn) == 2 and all(len(figure["data"][-1]["customdata"]) == 60 for figure in drawn)
    assert "passes" in words(page) and "always would pass" in words(page)
    item = next(i for i in read_items("ur") if i.category == "overlap")
    assert f'lang="ur" dir="rtl">{item.premise}' in markup(page)
    assert markup(page).count('<td class="iso-mark">') == 2 * 12
    labels = [button.proto.label for button in page.get("download_button")]
    assert "CSV of every item and answer" in labels
    assert any("descriptive" in box.label for box in page.expander)
    page.selectbox(key="suite").select("numbers").run()
    check_whole(page)
    assert len(read) == 2, "answers are kept"
    assert markup(page).count('<td class="iso-mark">') == 2 * 20


def test_without_weights_it_says_so(open_page, stored_workspace):
    page = open_page(stored_workspace, "errors", view="Suites")
    check_whole(page)
    assert "No run here has its weights in this workspace, so there is no model to run the suites on." in words(page)
