"""The real data sets, where they are: counts as published, and nothing tested on in training."""

from __future__ import annotations

import time

import pytest

from core.data.catalog import Catalog, open_catalog
from core.data.overlap import key
from core.languages import LOW_RESOURCE, XNLI_CODES

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def catalog(data_dir) -> Catalog:
    return open_catalog(data_dir)


@pytest.mark.parametrize("split,items", [("validation", 2490), ("test", 5010)])
def test_xnli_is_whole_balanced_and_parallel(catalog, split, items):
    assert sorted(catalog.xnli_languages(split)) == sorted(XNLI_CODES)
    english = catalog.xnli(split, "en").items
    for code in XNLI_CODES:
        found = catalog.xnli(split, code).items
        assert [item.id for item in found] == list(range(items))
        assert [item.label for item in found] == [item.label for item in english]
        for k in range(0, items, 3):
            assert sorted(item.label for item in found[k : k + 3]) == [0, 1, 2]


def test_nli_training_sets(catalog):
    sizes = {training.name: len(training.items) for training in catalog.nli_training()}
    assert sizes["SNLI subsets"] == 33069
    assert sizes["CAD"] == 8330
    assert all(sizes[f"NewProtocols {name}"] == 8500 for name in ("base", "edit_premise", "edit_other", "contrast"))
    removed = {one.source: one.reasons["overlap"] for one in catalog.removed}
    assert sizes["TaxiNLI"] == 10071 - removed["TaxiNLI"]
    assert removed["TaxiNLI"] >= 2
    premises = {key(i.premise) for split in ("validation", "test") for i in catalog.xnli(split, "en").items}
    for training in catalog.nli_training():
        assert not premises & {key(item.premise) for item in training.items}
    contrast = next(s for s in catalog.nli_training() if s.name == "NewProtocols contrast")
    assert {item.label for item in contrast.items} == {0, 2}


def test_retrieval_sets(catalog):
    sizes = {code: len(catalog.retrieval(code).pairs) for code in catalog.retrieval_languages()}
    assert sizes.pop("sw") == 390
    assert sizes.pop("th") == 548
    assert len(sizes) == 12 and set(sizes.values()) == {1000}
    assert len(catalog.retrieval("sw", "FLORES-200 devtest").pairs) == 1012


def test_no_overlap_remains_and_the_five_languages_are_quick(data_dir):
    catalog = open_catalog(data_dir)
    start = time.process_time()
    bitexts = [(catalog.training_bitext(code), catalog.held_out_bitext(code)) for code in LOW_RESOURCE]
    assert time.process_time() - start < 20
    tested = {
        key(text)
        for split in ("validation", "test")
        for code in XNLI_CODES
        for item in catalog.xnli(split, code).items
        for text in (item.premise, item.hypothesis)
    }
    for code in catalog.retrieval_languages():
        for name in ("Tatoeba (LASER)", "FLORES-200 devtest"):
            tested |= {key(text) for pair in catalog.retrieval(code, name).pairs for text in pair}
    held_out = {key(source) for _, held in bitexts for source, _ in held.pairs}
    for training, held in bitexts:
        assert len(training.pairs) > 2000
        assert 0.08 < len(held.pairs) / (len(held.pairs) + len(training.pairs)) < 0.12
        assert not tested & {key(text) for pair in training.pairs + held.pairs for text in pair}
        assert not held_out & {key(source) for source, _ in training.pairs}


def test_listing(catalog):
    sources = {source.name: source for source in catalog.sources}
    assert not [source.problem for source in sources.values() if source.problem]
    assert sources["XNLI"].items == 15 * 7500
    assert sources["LAFAND-MT"].items > 30000
    assert sources["NTREX-128"].items_by_language["sw"] == 1997
    assert sources["XQuAD-R"].items_by_language == dict.fromkeys(sources["XQuAD-R"].languages, 1190)
    assert sources["myXNLI translate-test"].items_by_language == {"sw": 5010, "ur": 5010}
    assert sources["awesome-align gold"].items == 447 + 248 + 450 + 582
    assert catalog.missing == ()
