"""The page of representations: nothing is computed before it is asked for, and what collapsed is said."""

from __future__ import annotations

import json

import pytest

from core.reference.layout import RUNS
from core.shipped import SHIPPED
from core.workspace import open_workspace
from store.results.collapse import collapsed_layers, state_diagnostics
from store.results.runs import list_runs
from tests.support.page_text import charts, check_whole, numbers, words


def test_nothing_is_read_before_the_map_is_asked_for(open_page, empty_workspace, monkeypatch):
    import core.evaluation.sentence_layers as layers

    real, read = layers.sentence_layers, []
    monkeypatch.setattr(
        layers, "sentence_layers", lambda encoder, texts, *more: read.append(len(texts)) or real(encoder, texts, *more)
    )
    page = open_page(empty_workspace, "representations", languages="Swahili (sw)")
    check_whole(page)
    assert not read and not charts(page) and page.button(key="draw-map").label == (
        "Draw the map: read 48 sentences with 1 model"
    )  # fmt: skip
    page.button(key="draw-map").click().run()
    check_whole(page)
    (drawn,) = [json.loads(spec) for spec in charts(page)]
    assert read == [48] and len(numbers(drawn["data"][0]["x"])) == 48
    page.slider(key="layer").set_value(3).run()
    assert read == [48], "every layer is kept"
    assert "layer 3" in json.loads(charts(page)[0])["layout"]["title"]["subtitle"]["text"]


def test_typed_lines_are_bounded(open_page, empty_workspace):
    page = open_page(empty_workspace, "representations", sentences="typed here")
    check_whole(page)
    assert "A map takes at least three sentences" in words(page)
    page.text_area(key="lines").set_value("x" * 300 + "\na\nb").run()
    assert "has 300 characters; give at most 240" in words(page)


def test_typed_lines_are_kept_on_no_disk(open_page, empty_workspace):
    page = open_page(empty_workspace, "representations", sentences="typed here")
    page.text_area(key="lines").set_value("A hen.\nA house.\nA harbour.").run()
    before = list((empty_workspace.cache / "states").glob("*"))
    page.button(key="draw-map").click().run()
    check_whole(page)
    assert charts(page) and list((empty_workspace.cache / "states").glob("*")) == before


@pytest.mark.slow
def test_the_shipped_adversarial_runs_are_marked(monkeypatch, tmp_path):
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(SHIPPED))
    workspace = open_workspace(tmp_path / "home")
    runs = list_runs(workspace)
    records = {record["run_id"]: record["arm"] for record in json.loads((SHIPPED / RUNS).read_text())}
    found = collapsed_layers(workspace, list(runs["run_id"]))
    last = {records[run] for run, layers in found.items() if 12 in layers}
    assert last == {"adversarial", "adversarial-language", "transport-shuffled"}
    table = state_diagnostics(workspace, list(runs["run_id"]))
    assert {"sw", "ur", "hi", "th", "tr"} == set(table["language"]) and table["rank"].notna().all()
