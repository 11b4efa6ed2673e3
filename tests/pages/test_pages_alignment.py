"""The alignment page: pairs of every origin, controls, two arms, gold links, odd input, kept plans, patching."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from core.shipped import SHIPPED
from core.workspace import open_workspace
from store.results.importer import sync
from store.user.kept_plans import list_kept, read_kept
from tests.support.invented_xnli import write_xnli
from tests.support.page_text import charts, check_whole, markup, numbers, words
from tests.support.synthetic_runs import write_run, write_weights

TYPED = {"sentences": "Type a pair"}
GOLD = {"sentences": "With gold links"}
HEAT = {"view": "Heat map"}
LIST = {"view": "List"}


@pytest.fixture(scope="module")
def with_weights(tmp_path_factory, encoder):
    """Two runs, of which one has weights here; its configuration says what was frozen."""
    workspace = open_workspace(tmp_path_factory.mktemp("weights") / "home")
    config = {"arm": "transport", "model": {"first_layer": 4}}
    write_weights(write_run(workspace, "transport", config=config), encoder, noise=0.1)
    write_run(workspace, "adversarial")
    sync(workspace)
    return workspace


def pictures(page) -> list[dict[str, str]]:
    """What the page gives to the ribbons: two layouts as SVG, and names."""
    found = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return [one for one in found if "columns" in one]


def svg(picture, layout="columns"):
    return ElementTree.fromstring(picture[layout])


def test_the_pair_is_drawn_as_ribbons_in_its_own_direction(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", language="Arabic (ar)")
    check_whole(page)
    (picture,) = pictures(page)
    lines = svg(picture, "lines")
    turned = [element for element in lines.iter() if element.get("direction") == "rtl"]
    assert turned and all(element.get("lang") == "ar" for element in turned)
    assert "Cost 0." in words(page) and "distance the mass travels" in words(page)
    assert 'lang="ar" dir="rtl"' in markup(page)


def test_the_heat_map_and_the_list_show_the_same_plan(open_page, empty_workspace):
    heat = open_page(empty_workspace, "alignment", language="Arabic (ar)", **HEAT)
    check_whole(heat)
    figure = json.loads(charts(heat)[0])
    across, down = figure["layout"]["xaxis"], figure["layout"]["yaxis"]
    assert across["range"][0] > across["range"][1], "Arabic reads from the right"
    assert len(figure["data"][1]["customdata"]) == len(across["ticktext"]) * len(down["ticktext"])
    listed = open_page(empty_workspace, "alignment", language="Arabic (ar)", **LIST)
    check_whole(listed)
    table = listed.dataframe[0].value
    assert set(table["source word"]) <= set(down["ticktext"]) and set(table["target word"]) <= set(across["ticktext"])
    assert 95 < table["mass"].sum() <= 100.1 and (table["link"] == "link").any()


@pytest.mark.parametrize(
    "change", [{"layer": "11"}, {"epsilon": "0.5"}, {"transport": "unbalanced"}, {"cost": "euclidean"}]
)
def test_every_control_in_the_link_changes_the_plan(open_page, empty_workspace, change):
    plain, changed = (open_page(empty_workspace, "alignment", **link) for link in ({}, change))
    check_whole(changed)
    assert pictures(plain)[0]["columns"] != pictures(changed)[0]["columns"]


def test_strength_is_asked_for_only_where_it_counts(open_page, empty_workspace):
    plain = open_page(empty_workspace, "alignment")
    assert "Strength" not in [box.label for box in plain.select_slider]
    soft = open_page(empty_workspace, "alignment", transport="unbalanced", strength="0.2")
    check_whole(soft)
    assert soft.select_slider(key="strength").value == 0.2
    assert "mass moved, %" in words(soft)


def test_two_arms_stand_beside_each_other_with_what_moved_between(open_page, with_weights):
    page = open_page(with_weights, "alignment", layer="9")
    check_whole(page)
    first, between, second = pictures(page)
    assert "#4F7F7C" in first["columns"] and "#0072B2" in second["columns"]
    assert "#4F7F7C" in between["columns"] and "#0072B2" in between["columns"]
    assert not first["lines"], "pictures beside each other have one layout"
    assert "Layer 9: mass travels" in words(page) and "of the mass lie elsewhere" in words(page)
    assert page.selectbox(key="right").options == ["untrained encoder", "transport", "none"]
    strip = json.loads(charts(page)[0])
    assert "layers 0 to 4, frozen in training" in strip["layout"]["title"]["subtitle"]["text"]


def test_where_layers_are_frozen_nothing_moves(open_page, with_weights):
    page = open_page(with_weights, "alignment", layer="3")
    assert "0.0 % of the mass lie elsewhere" in words(page)
    assert "<path" not in pictures(page)[1]["columns"]


def test_gold_links_are_judged_at_every_layer(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", **GOLD, **{"gold-language": "Chinese (zh)"}, layer="8")
    check_whole(page)
    strip = json.loads(charts(page)[0])
    assert len(strip["data"]) == 3 and all(0 <= rate <= 100 for rate in np.atleast_1d(numbers(strip["data"][2]["y"])))
    told = words(page)
    rate = float(re.search(r"AER ×100, against the gold links ([\d.]+)", told)[1])
    assert rate == pytest.approx(numbers(strip["data"][2]["y"])[8], abs=0.06)
    assert "#009E73" in pictures(page)[0]["columns"]


def test_a_word_is_told_under_both_arms(open_page, with_weights):
    page = open_page(with_weights, "alignment", layer="9", tab="One word", **{"word-numbers": "true"})
    page.selectbox(key="word").set_value("t1").run()
    check_whole(page)
    told = words(page)
    assert told.count("lies nearest to") == 2 and "with transport “" in told
    table = next(frame.value for frame in page.dataframe if "layer" in frame.value.columns)
    assert list(table["layer"]) == list(range(13)) and len(table.columns) == 9
    assert table["transport: nearest"].iloc[2] == table["untrained encoder: nearest"].iloc[2], "layer 2 is frozen"


def test_a_clicked_word_is_explained_and_marked(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", tab="One word")
    page.session_state["word"] = "t2"
    page.run()
    check_whole(page)
    bold = [t for t in svg(pictures(page)[0]).iter() if t.get("font-weight")]
    assert len(bold) == 1 and page.selectbox(key="word").value == "t2"
    label = f"second 3: {''.join(bold[0].itertext())}"
    assert label in page.selectbox(key="word").options
    linked = open_page(empty_workspace, "alignment", word=label)
    assert linked.selectbox(key="word").value == "t2", "a link that names a word opens its tab"
    assert pictures(linked)[0]["columns"] == pictures(page)[0]["columns"], "a fresh link marks it too"


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("", "", "Type two sentences that mean the same"),
        ("one side", "  ", "The second sentence is empty; type a sentence."),
        ("word " * 10_000, "b", "it has 50,000 characters, and 2,400 are read"),
        ("\u200b", "hello", "A text has nothing to read"),
        ("\u4e2d" * 600, "\u6587" * 600, "subwords, more than a plan can show; give shorter sentences."),
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
        ("\U0001f600\U0001f44d\U0001f3fd", "\U0001f44d\U0001f3fd"),
        ("שלום עולם", "مرحبا hello ไทย 中文"),
        ("null\x00byte \x07", "\u202eevil\u202c text"),
        ("x" * 240, "中" * 200),
        ("a", "b"),
    ],
)
def test_hostile_pairs_are_aligned_and_shown_as_text(open_page, empty_workspace, source, target):
    page = open_page(empty_workspace, "alignment", **TYPED, source=source, target=target)
    check_whole(page)
    (picture,) = pictures(page)
    for layout in ("lines", "columns"):
        if picture[layout]:
            tags = {element.tag.split("}")[1] for element in svg(picture, layout).iter()}
            assert tags <= {"svg", "title", "g", "path", "rect", "text"}
    assert "<script" not in markup(page) and "<img" not in markup(page)
    assert all("<script" not in spec and "<img" not in spec for spec in charts(page))


def test_more_words_than_a_picture_shows_are_told(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", **TYPED, source="one two " * 35, target="three four")
    check_whole(page)
    assert "Only the first 60 words of each sentence are drawn" in words(page)
    assert len([g for g in svg(pictures(page)[0]).iter() if g.get("data-word", "").startswith("s")]) > 60


def test_real_pairs_are_offered_only_where_the_data_is(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment")
    assert [o.content for o in page.segmented_control(key="sentences").proto.options] == [
        "Pick a starter pair",
        "With gold links",
        "Type a pair",
    ]


@pytest.mark.slow
def test_a_plan_is_kept_comes_back_by_its_link_and_is_deleted(open_page, with_weights):
    page = open_page(with_weights, "alignment", layer="9", language="Urdu (ur)", tab="Kept plans")
    shown = [picture["columns"] for picture in pictures(page)]
    page.text_input(key="keep-name").set_value("<b>two</b> arms")
    next(b for b in page.button if b.label == "Keep what is shown").click().run()
    check_whole(page)
    kept = list_kept(with_weights)
    assert list(kept["name"]) == ["<b>two</b> arms"] and list(kept["plans"]) == [2]
    view_id = str(kept["view_id"].iloc[0])
    assert f"alignment?kept={view_id}" in words(page)
    assert read_kept(with_weights, view_id).settings["state"]["layer"] == 9

    back = open_page(with_weights, "alignment", kept=view_id)
    check_whole(back)
    assert "Kept on" in words(back) and "<b>two" not in markup(back)
    again = [picture["columns"] for picture in pictures(back)]
    assert [_bands(one) for one in again] == [_bands(one) for one in shown]

    next(b for b in back.button if b.label == "Set the controls as they were").click().run()
    check_whole(back)
    assert back.slider(key="layer").value == 9 and back.selectbox(key="language").value == "ur"
    back.session_state["tab"] = "Kept plans"
    back.run()
    next(b for b in back.button if b.label == "Delete").click().run()
    check_whole(back)
    assert list_kept(with_weights).empty
    gone = open_page(with_weights, "alignment", kept=view_id)
    check_whole(gone)
    assert "it may have been deleted" in words(gone)


def _bands(text: str) -> int:
    return text.count('class="band"')


def test_a_plan_without_a_name_is_not_kept(open_page, empty_workspace):
    page = open_page(empty_workspace, "alignment", tab="Kept plans")
    next(b for b in page.button if b.label == "Keep what is shown").click().run()
    check_whole(page)
    assert "Give the plan a name to keep it under." in words(page)


def test_patching_without_a_trained_run_says_why(open_page, empty_workspace):
    assert "Patching asks a trained classifier" in words(open_page(empty_workspace, "alignment", tab="Patching"))


@pytest.mark.slow
def test_an_item_is_patched_and_the_control_stands_beside_it(open_page, with_weights):
    link = {"patching": "true", "patch-items": "any item", "patch-language": "Swahili (sw)", "patch-layer": "8"}
    page = open_page(with_weights, "alignment", **link)
    check_whole(page)
    told = words(page)
    assert "Patched at layer 8, the answer of transport in Swahili" in told
    assert re.search(r"with random plans [+−][\d.]+ on average, right in \d+ of 20 draws", told)
    figures = [json.loads(spec) for spec in charts(page)]
    titles = [figure["layout"]["title"]["text"] for figure in figures]
    assert any("every token patched at layer 8" in title for title in titles)
    gains = next(f for f in figures if "Each token alone" in f["layout"]["title"]["text"])
    assert len(gains["layout"]["yaxis"]["ticktext"]) == len(numbers(gains["data"][0]["x"]))


@pytest.mark.slow
def test_a_shipped_run_is_patched_on_a_fresh_install(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(SHIPPED))
    monkeypatch.setenv("ISOGLOSS_DATA", str(write_xnli(tmp_path / "data")))
    workspace = open_workspace(tmp_path / "home")
    link = {"patching": "true", "patch-language": "Swahili (sw)", "patch-layer": "8"}
    page = open_page(workspace, "alignment", **link)
    check_whole(page)
    assert len(page.selectbox(key="patch-item").options) > 100, "items that the run flips, from the shipped predictions"
    assert re.search(r"Patched at layer 8, the answer of english-only, seed 0 in Swahili", words(page))
    page.selectbox(key="patch-run").select(next(r for r in page.selectbox(key="patch-run").options if "transport" in r))
    check_whole(page.run())
    assert "the answer of transport" in words(page)


@pytest.mark.data
def test_a_shipped_run_is_patched_on_xnli_itself(open_page, monkeypatch, tmp_path, data_dir):
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(SHIPPED))
    monkeypatch.setenv("ISOGLOSS_DATA", str(data_dir))
    page = open_page(open_workspace(tmp_path / "home"), "alignment", patching="true", **{"patch-language": "Urdu (ur)"})
    check_whole(page)
    told = words(page)
    assert re.search(r"the answer of english-only, seed 0 in Urdu (recovers|stays wrong)", told)
    assert "The stored answer to this item was another" not in told
