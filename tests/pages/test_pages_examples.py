"""The overview's five links: each leads to the state it names, where what it says is to be seen."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from core.data.catalog import starter_catalog
from core.data.starter_gold import starter_gold
from core.reference.layout import ADAPTERS, RUNS
from core.shipped import SHIPPED
from store.results.runs import list_runs
from tests.support.late import COLLECTING
from tests.support.page_text import check_whole, markup, words
from tests.support.synthetic_runs import write_weights

if not COLLECTING:
    from core.alignment.defaults import chosen_settings
    from core.alignment.linking import link_pairs
    from core.evaluation.predict import predict_pairs
    from core.model.weights import adapted_encoder, load_arm


def links(page):
    """Of the section of examples; the first screen has two of its own."""
    found = [
        part.split('"')[0].replace("&amp;", "&") for part in markup(page).split("iso-list")[-1].split('<a href="')[1:]
    ]
    return [link for link in found if link.startswith(("alignment?", "errors?"))]


def follow(open_page, workspace, link):
    place = urlsplit(link)
    page = open_page(workspace, place.path, **dict(parse_qsl(place.query)))
    check_whole(page)
    return page


def test_without_runs_three_are_linked_and_lead_to_what_they_name(open_page, empty_workspace):
    page = open_page(empty_workspace, "overview")
    check_whole(page)
    assert "2 more compare english-only with transport" in words(page)
    idiom, crossing, friend = [follow(open_page, empty_workspace, link) for link in links(page)]
    sentences = [source for source, _ in starter_catalog().retrieval("de").pairs]
    assert idiom.selectbox(key="language").value == "de"
    assert sentences[idiom.selectbox(key="line").value].startswith("Don't buy a pig in a poke")
    assert crossing.selectbox(key="language").value == "tr"
    assert sentences[crossing.selectbox(key="line").value].startswith("Hold the ladder")
    assert friend.text_area(key="target").value == "Der Koch wurde der Chef."


@pytest.mark.slow
def test_with_arms_all_five_are_linked(open_page, own_workspace, encoder):
    runs = list_runs(own_workspace)
    for run_id in runs["run_id"]:
        write_weights(own_workspace.run(run_id), encoder, 0.02)
    page = open_page(own_workspace, "overview", tab="Why")
    check_whole(page)
    found = links(page)
    assert len([link for link in found if "whatif-from" in link or "sentences" in link]) == 5
    moved = follow(open_page, own_workspace, next(link for link in found if "gold-line" in link))
    assert moved.slider(key="layer").value == 12 and moved.selectbox(key="gold-language").value == "sw"
    assert moved.selectbox(key="word").format_func(moved.selectbox(key="word").value) == "first 17: charge"
    fixed = follow(open_page, own_workspace, next(link for link in found if "whatif-from" in link))
    boxes = {area.label: area.value for area in fixed.text_area}
    at = fixed.selectbox(key="starter-item").value
    item = starter_catalog().xnli("test", "th").items[at]
    assert boxes["Premise"] == item.premise and boxes["Hypothesis"] == item.hypothesis


def linked(encoder, source, target):
    found = link_pairs(encoder, [(source, target)], chosen_settings(None))[0]
    words_of = lambda link: (found.source_words[link[0]].strip(".,:"), found.target_words[link[1]].strip(".,:"))  # noqa: E731
    return found, {words_of(link) for link in found.links}


def test_what_the_untrained_encoder_is_said_to_do(encoder):
    pairs = dict(starter_catalog().retrieval("de").pairs)
    idiom = next((s, t) for s, t in pairs.items() if s.startswith("Don't buy a pig"))
    assert ("pig", "Katze") in linked(encoder, *idiom)[1]
    assert {("chef", "Koch"), ("boss", "Chef")} <= linked(
        encoder, "The chef became the boss.", "Der Koch wurde der Chef."
    )[1]
    ladder = next(p for p in starter_catalog().retrieval("tr").pairs if p[0].startswith("Hold the ladder"))
    found, _ = linked(encoder, *ladder)
    ((verb, place),) = [link for link in found.links if found.source_words[link[0]] == "Hold"]
    others = [(i, j) for i, j in found.links if i != verb and found.source_words[i] != "."]
    assert verb == 0 and len(others) >= 3 and all(j < place for _, j in others)


def arm(encoder, name):
    """The arm's shipped run of seed 0."""
    records = json.loads((SHIPPED / RUNS).read_text(encoding="utf-8"))
    run_id = next(record["run_id"] for record in records if (record["arm"], record["seed"]) == (name, 0))
    return load_arm(SHIPPED / ADAPTERS / run_id, encoder)


def test_what_the_trained_arms_are_said_to_do(encoder):
    models = {name: arm(encoder, name) for name in ("english-only", "transport")}
    pair = next(p for p in starter_gold("sw") if p.source[:3] == ("Anyone", "who", "does"))
    taken = {}
    for name, model in models.items():
        adapted = adapted_encoder(model, encoder)
        settings = dataclasses.replace(chosen_settings(None), layer=12)
        plan = link_pairs(adapted, [(pair.source, pair.target)], settings, with_plans=True)[0].plan.plan
        taken[name] = pair.target[int(np.argmax(plan[pair.source.index("charge")]))]
    assert taken == {"english-only": "mkalimani", "transport": "malipo"}
    items = starter_catalog().xnli("test", "en").items
    at = next(k for k, item in enumerate(items) if item.hypothesis.startswith("The farmer will mend the roof only"))
    item = starter_catalog().xnli("test", "th").items[at]
    said = {
        name: int(predict_pairs(model, encoder, [(item.premise, item.hypothesis)])[0].argmax())
        for name, model in models.items()
    }
    assert item.label == 0 and said == {"english-only": 2, "transport": 0}
