"""Labelled items of other languages: drawn by the seed, balanced, never tested on."""

from __future__ import annotations

import dataclasses

import pytest

from core.config import BenchmarkReading, EvaluationConfig
from core.data.catalog import starter_catalog
from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    import torch

    from core.arms.few_shot import FewShot
    from core.experiment.run import execute
    from core.training.english import EnglishBatches
    from core.training.labelled import LabelledBatches, check_unread, labelled_items
    from core.workspace import open_workspace


def wanted(**settings):
    return FewShot.labelled_items(FewShot.parse_settings(settings))


def test_as_many_of_every_language_and_the_same_for_a_seed():
    catalog, codes = starter_catalog(), ("sw", "th", "hi")
    items = labelled_items(catalog, wanted(items=20), codes, 1)
    parts = [set(catalog.xnli("validation", code).items) for code in codes]
    assert [sum(item in part for item in items) for part in parts] == [7, 7, 6]
    assert items == labelled_items(catalog, wanted(items=20), codes, 1)
    assert items != labelled_items(catalog, wanted(items=20), codes, 2)


def test_only_ids_in_the_range_are_drawn():
    items = labelled_items(starter_catalog(), wanted(items=12, first_id=6, last_id=17), ("sw", "th"), 0)
    assert {item.id for item in items} <= set(range(6, 18))


@pytest.mark.parametrize("settings", [{"items": 0}, {"an_update": 0}, {"first_id": 9, "last_id": 3}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(BadInput, match="few-shot"):
        wanted(**settings)


def test_more_than_there_are_is_refused_with_their_number():
    with pytest.raises(BadInput, match="50 labelled items of sw.*has 10"):
        labelled_items(starter_catalog(), wanted(items=50, last_id=9), ("sw",), 0)
    with pytest.raises(BadInput, match="there are none"):
        labelled_items(starter_catalog(), wanted(items=5), (), 0)


@pytest.mark.parametrize(("split", "kind", "other", "wrong"), [
    ("validation", "real", None, True), ("validation", "real", 100, True), ("test", "starter", None, True),
    ("test", "real", None, False), ("validation", "real", 0, False), ("test", "starter", 0, False),
])  # fmt: skip
def test_a_run_is_not_tested_on_what_it_trains_on(split, kind, other, wrong):
    evaluation = EvaluationConfig(split=split, other_items=other)
    if wrong:
        with pytest.raises(BadInput, match="also read in other languages"):
            check_unread(wanted(), evaluation, kind)
    else:
        check_unread(wanted(), evaluation, kind)


@pytest.mark.parametrize(("ids", "languages", "wrong"), [
    ((1494, 2489), ("en", "sw"), False), ((1493, 2489), ("en", "sw"), True), ((), ("en", "sw"), True),
    ((), ("en",), False),
])  # fmt: skip
def test_a_benchmark_of_other_items_may_be_read_beside_them(ids, languages, wrong):
    read = BenchmarkReading("few", "xnli", "validation", languages=languages, ids=ids)
    evaluation = EvaluationConfig(split="test", benchmarks=(BenchmarkReading("xnli", "xnli", "test"), read))
    if wrong:
        with pytest.raises(BadInput, match="other ids than 0 to 1493"):
            check_unread(wanted(), evaluation, "real")
    else:
        check_unread(wanted(), evaluation, "real")


def test_they_stand_beside_the_english_pairs_of_every_arm(tiny):
    catalog, training = starter_catalog(), configuration("english-only").training
    english = EnglishBatches(tiny, catalog, training, 0)
    more = LabelledBatches(tiny, catalog, wanted(items=10, an_update=4), ("sw", "th"), training, 0)
    plain, both = english.pairs(1), english.pairs(1, more(1))
    assert len(both.label) == len(plain.label) + 4
    width = plain.ids.shape[1]
    assert torch.equal(both.ids[: len(plain.label), :width], plain.ids)
    assert both.label[-4:].tolist() == [pair.label for pair in more(1)]


@pytest.mark.slow
def test_a_run_is_trained_with_them(tmp_path, tiny, starter):
    workspace = open_workspace(tmp_path)
    start = execute(configuration("warm-start"), workspace, starter, tiny)
    plain = configuration("english-only", warm_start=start.folder.name)
    reading = dataclasses.replace(plain.evaluation, other_items=0)
    records = {}
    for arm, settings in (("english-only", {}), ("few-shot", {"items": 12, "an_update": 4})):
        config = configuration(arm, warm_start=start.folder.name, **settings)
        config = dataclasses.replace(config, evaluation=reading)
        records[arm] = execute(config, workspace, starter, tiny).describe()
    assert records["few-shot"]["tokens_forward"] > records["english-only"]["tokens_forward"]
    assert records["few-shot"]["nli_pairs"] == records["english-only"]["nli_pairs"]
