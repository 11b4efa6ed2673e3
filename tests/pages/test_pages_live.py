"""Alignment and retrieval compute while a person waits: with the untrained encoder, a run's weights, any input."""

from __future__ import annotations

import json

import pytest
from page_text import charts, check_whole, markup, words
from synthetic_runs import write_run, write_weights

from core.workspace import open_workspace
from store.importer import sync

TYPED = {"sentences": "Type a pair"}


@pytest.fixture(scope="module")
def with_weights(tmp_path_factory, encoder):
    """Two runs, of which one has weights here."""
    workspace = open_workspace(tmp_path_factory.mktemp("weights") / "home")
    write_weights(write_run(workspace, "transport"), encoder)
    write_run(workspace, "adversarial")
    sync(workspace)
    return workspace


def test_alignment_draws_the_plan_of_the_chosen_pair(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", language="Arabic (ar)")
    check_whole(page)
    figure = json.loads(charts(page)[0])
    across, down = figure["layout"]["xaxis"], figure["layout"]["yaxis"]
    assert across["range"][0] > across["range"][1], "Arabic reads from the right"
    cells = figure["data"][1]["customdata"]
    assert len(cells) == len(across["ticktext"]) * len(down["ticktext"])
    links = page.dataframe[0].value
    assert set(links["source word"]) <= set(down["ticktext"])
    assert set(links["target word"]) <= set(across["ticktext"])
    assert "Cost 0." in words(page)
    assert 'lang="ar" dir="rtl"' in markup(page)


def test_alignment_changes_with_layer_and_epsilon(open_page, empty_workspace):
    told = [
        words(open_page(empty_workspace, "alignment", **link)) for link in ({}, {"layer": "11"}, {"epsilon": "0.5"})
    ]
    captions = {text[text.index("Cost ") : text.index("% of its maximum")] for text in told}
    assert len(captions) == 3
    assert "at ε 0.5;" in told[2]


def test_two_arms_stand_beside_each_other(open_page, with_weights):
    page = open_page(with_weights, "alignment")
    check_whole(page)
    assert len(charts(page)) == 2
    assert "At layer 6, mass travels" in words(page)
    assert "#4F7F7C" in charts(page)[0] and "#0072B2" in charts(page)[1]
    assert page.selectbox(key="right").options == ["transport", "untrained encoder", "none"]


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("", "", "Type two sentences that mean the same"),
        ("one side", "  ", "The second sentence is empty; type a sentence."),
        ("a" * 300, "b", "The first sentence has 300 characters; give at most 240."),
        ("\u200b", "hello", "A text has nothing to read"),
    ],
)
def test_a_pair_that_cannot_be_aligned_is_told_in_a_sentence(open_page, empty_workspace, source, target, sentence):
    page = open_page(empty_workspace, "alignment", **TYPED, source=source, target=target)
    check_whole(page)
    assert sentence in words(page)
    assert not charts(page)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("<script>alert(1)</script> & <b>x</b>", "</p><img src=x onerror=alert(1)>"),
        ("!!! ???", "…"),
        ("\U0001f600 ok", "ok \U0001f44d\U0001f3fd"),
        ("שלום עולם", "مرحبا hello ไทย 中文"),
        ("x" * 240, "中" * 240),
        ("a", "b"),
    ],
)
def test_hostile_pairs_are_aligned_and_shown_as_text(open_page, empty_workspace, source, target):
    page = open_page(empty_workspace, "alignment", **TYPED, source=source, target=target)
    check_whole(page)
    assert charts(page)
    assert "<script" not in markup(page) and "<img" not in markup(page)
    assert "<script" not in charts(page)[0] and "<img" not in charts(page)[0]


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
    assert len(charts(page)) == 1
