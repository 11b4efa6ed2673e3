"""Retrieval computes while a person waits: with the untrained encoder, a run's weights, any input."""

from __future__ import annotations

import pytest

from core.workspace import open_workspace
from store.results.importer import sync
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.synthetic_runs import write_run, write_weights


@pytest.fixture(scope="module")
def with_weights(tmp_path_factory, encoder):
    """Two runs, of which one has weights here."""
    workspace = open_workspace(tmp_path_factory.mktemp("weights") / "home")
    write_weights(write_run(workspace, "transport"), encoder)
    write_run(workspace, "adversarial")
    sync(workspace)
    return workspace


def test_retrieval_marks_the_right_answer(open_page, empty_workspace):
    page = open_page(empty_workspace, "retrieval", language="German (de)", direction="from English")
    check_whole(page)
    html = markup(page)
    assert html.count('<tr class="iso-right">') == 1
    assert "Rank of the right translation among" in words(page)
    assert 'lang="de"' in html


def test_a_typed_query_has_no_right_answer(open_page, empty_workspace):
    page = open_page(empty_workspace, "retrieval", typed="true", query="<b>bulb</b> ladder")
    check_whole(page)
    assert '<tr class="iso-right">' not in markup(page)
    assert "<b>bulb" not in markup(page)
    assert "A typed query has no right answer to mark" in words(page)


def test_an_empty_query_is_told_and_the_rest_of_the_page_stays(open_page, empty_workspace):
    page = open_page(empty_workspace, "retrieval", typed="true")
    check_whole(page)
    assert "The query is empty; type a sentence." in words(page)
    assert charts(page)


def test_retrieval_compares_two_lists(open_page, with_weights):
    page = open_page(with_weights, "retrieval", language="Thai (th)")
    check_whole(page)
    assert markup(page).count('<h4 class="iso-arm">') == 2
    assert "rank 1" in words(page)


def test_damaged_weights_are_told_beside_what_can_be_shown(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    folder = write_run(workspace, "transport", 7)
    (folder / "adapter.safetensors").write_bytes(b"not safetensors")
    (folder / "model.json").write_text("{}")
    sync(workspace)
    page = open_page(workspace, "alignment")
    check_whole(page)
    assert "holds no readable model" in words(page)
    assert charts(page)
