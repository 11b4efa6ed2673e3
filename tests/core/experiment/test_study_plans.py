"""A study's runs: the shipped studies give the runs that they always gave, each with its identity."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import pytest

from core.errors import BadInput
from core.experiment.studies.read import find_study, parse_study
from core.shipped import SHIPPED
from tests.core.experiment.test_studies import SMALL
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.data.catalog import open_catalog
    from core.experiment.items_read import items_to_read
    from core.experiment.preregistered import fixed_protocols
    from core.experiment.studies.plan import plan_study


#: Of the quick study on the starter set, on no particular data and in float32.
IDS = ["ced19abb5f52", "64c14bc9701a", "ba14db5f1c64", "287470e04c1e"]
XNLI = SMALL.replace('files = "nli/{lang}.tsv"\nlabels = ["entailment", "not-entailment"]', 'source = "xnli"')


def test_quick_gives_the_runs_it_always_gave(starter):
    runs = plan_study(find_study("quick"), starter, "ab" * 32)
    assert [(run.arm, run.training.updates, run.training.batch_pairs) for run in runs] == [
        ("warm-start", 40, 24), ("english-only", 15, 24), ("transport", 15, 24), ("adversarial", 15, 24),
    ]  # fmt: skip
    plain = [
        replace(
            run, warm_start=None, training=replace(run.training, precision="float32"),
            data=replace(run.data, fingerprint="f"), evaluation=replace(run.evaluation, precision="float32"),
        )
        for run in runs
    ]  # fmt: skip
    assert [run.run_id for run in plain] == IDS


def test_settings_that_came_later_are_in_no_identity(starter):
    [transport] = [run for run in plan_study(find_study("quick"), starter, "ab" * 32) if run.arm == "transport"]
    assert "anchor_layers" not in transport.settings and "token_weight" in transport.settings


@pytest.mark.data
def test_the_first_study_gives_the_shipped_runs(data_dir):
    records = json.loads((SHIPPED / "runs.json").read_text("utf-8"))
    study = find_study("xnli-first")
    runs = plan_study(study, open_catalog(data_dir), records[0]["encoder_sha256"])
    assert {run.run_id for run in runs} == {record["run_id"] for record in records} and len(runs) == 18
    assert {run.protocol for run in runs if run.arm != "warm-start"} == fixed_protocols() == set(study.protocols)


def test_two_settings_of_one_arm_are_two_runs(starter):
    weak = '[[arm]]\nname = "weak"\narm = "transport"\nsettings = {token_weight = 1.0}\n\n[[question]]'
    runs = plan_study(parse_study(XNLI.replace("[[question]]", weak, 1)), starter, "ab" * 32)
    pairs = [run for run in runs if run.arm == "transport" and run.seed == 0]
    assert [run.settings["token_weight"] for run in pairs] == [3.0, 1.0] and len({run.run_id for run in pairs}) == 2


def test_an_arm_may_read_other_bitext_than_its_study(starter):
    other = (
        '[[arm]]\nname = "transport"\n\n[[arm]]\nname = "fewer"\narm = "transport"\n'
        'bitext = {pairs = 7, order = "by-language", sources = []}\n\n'
        "[[question]]"
    )
    text = XNLI.replace("[[question]]", other, 1)
    study = parse_study(text)
    runs = {run.name: run for run in plan_study(study, starter, "ab" * 32)}
    plain, fewer = runs["transport"].data, runs["fewer"].data
    assert (fewer.bitext_pairs, fewer.bitext_order, fewer.bitext_sources) == (7, "by-language", ())
    assert replace(fewer, bitext_pairs=plain.bitext_pairs, bitext_order=plain.bitext_order) == plain
    bare = parse_study(text.replace("bitext = {pairs", "settings = {} # {pairs"))
    same = {run.name: run for run in plan_study(bare, starter, "ab" * 32)}
    assert same["transport"].run_id == runs["transport"].run_id and same["fewer"].run_id != runs["fewer"].run_id
    for wrong, words in (
        ("pairs = -1", "not below 0"), ("order = 1", "may be"), ("languages = []", "is no key here"),
        ("pairs = true", "must be a whole number"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=words) as told:
            parse_study(text.replace("pairs = 7", wrong).replace(', order = "by-language"', ""))
        assert "line" in str(told.value)


def test_an_arm_or_setting_that_is_not_there_is_refused(starter):
    with pytest.raises(BadInput, match="nobody"):
        plan_study(find_study("quick"), starter, "ab" * 32, ["nobody"])
    with pytest.raises(BadInput, match="tokn_weight"):
        plan_study(parse_study(XNLI.replace("token_weight", "tokn_weight")), starter, "ab" * 32)


def test_benchmarks_are_part_of_a_run_unless_it_is_xnli_alone(starter):
    more = '[[benchmark]]\nname = "few"\nsource = "xnli"\nsplit = "validation"\nids = [6, 20]\nseeds = [0]\n\n[[arm]]'
    one, two = (plan_study(parse_study(text), starter, "ab" * 32) for text in (XNLI, XNLI.replace("[[arm]]", more, 1)))
    assert all("benchmarks" not in run.as_dict()["evaluation"] for run in one)
    [read] = [run.evaluation.benchmarks for run in two if run.arm == "transport" and run.seed == 1]
    assert [(b.name, b.stored_split, b.ids, b.seeds) for b in read] == [
        ("own", "test", (), ()), ("few", "validation", (6, 20), (0,)),
    ]  # fmt: skip
    assert len({run.group for run in two if run.warm_start}) == 1, "what other seeds read parts no group"
    assert not {run.run_id for run in one if run.warm_start} & {run.run_id for run in two}
    read_by = {run.seed: {(r.split, r.language): r.items for r in items_to_read(starter, run)} for run in two}
    assert ("validation", "sw") in read_by[0] and ("validation", "sw") not in read_by[1]
    assert [item.id for item in read_by[0]["validation", "sw"]] == list(range(6, 21))


def test_the_recipe_is_a_configurations_and_the_first_one_is_in_no_hash_anew(starter):
    run = plan_study(find_study("quick"), starter, "ab" * 32)[0]
    assert run.recipe == 3 and "recipe" not in run.as_dict()
    assert dataclasses.replace(run, recipe=4).run_id != run.run_id


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "xnli"', 'source = "snli"', "no known source"),
        ('source = "xnli"', 'source = "xnli"\nlabels = ["a", "b"]', "entailment, neutral, contradiction"),
        ('source = "xnli"', 'files = "nli/{lang}.tsv"', "name it by --data"),
        ('source = "xnli"', 'source = "xnli"\nlanguages = ["gn"]', "has no gn; it has en"),
        ('source = "xnli"', 'source = "xnli"\nids = [900, 1000]', "no item in en with an id from 900 to 1000"),
        ("updates = 2", 'updates = 2\n\n[bitext]\nfiles = "mine/{lang}.tsv"', "name it by --data"),
        ("updates = 2", 'updates = 2\n\n[bitext]\nlanguages = ["gn"]', "strong reads bitext, and none is here"),
        ('source = "xnli"', 'source = "xnli"\ncluster = 1', "three items a premise"),
        ("seeds = [0, 1]", "seeds = [0, 1]\nrecipe = 99", "recipe 3"),
        ('source = "xnli"', 'source = "xnli"\nids = [0, 8]\n\n[analysis]\nmethod = "first"', 'method = "crossed"'),
    ],
)
def test_what_runs_would_not_honour_is_refused(starter, old, new, words):
    with pytest.raises(BadInput, match=words):
        plan_study(parse_study(XNLI.replace(old, new, 1)), starter, "ab" * 32)
