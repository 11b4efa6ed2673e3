"""What was preregistered: the guard on XNLI test, controls, arms that train nothing, harder inputs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.arms.names import MAIN_ARMS
from core.config import EvaluationConfig
from core.data.catalog import starter_catalog
from core.data.gold_alignment import GoldSet, LinkFile
from core.data.links import SentenceLinks
from core.data.starter_gold import starter_gold
from core.errors import BadInput
from core.experiment.preregistered import check_fixed, fixed_protocols, reference
from core.languages import LOW_RESOURCE
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.alignment.alignment_sets import measure_sets
    from core.alignment.defaults import FIRST_CHOSEN
    from core.arms.without_training import APPLIED
    from core.experiment.run import execute
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_preset
    from core.model.weights import adapted_encoder, load_arm
    from core.training.english import training_pairs

pytestmark = pytest.mark.slow  # they train and read


def planned(starter, seeds=(0, 1, 2)):
    return plan_study(find_preset("reference", "real"), starter, "ab" * 32, seeds=seeds)


def test_main_arms_have_every_seed_and_controls_one(starter):
    runs = planned(starter)
    seeds = {arm: [run.seed for run in runs if run.arm == arm] for arm in dict.fromkeys(run.arm for run in runs)}
    assert all(seeds[arm] == [0, 1, 2] for arm in ("english-only", "transport", "adversarial"))
    assert seeds["warm-start"] == [0] and len({run.warm_start for run in runs if run.arm in MAIN_ARMS}) == 1
    controls = [arm.name for arm in reference().arms if arm.role == "control"]
    assert len(controls) == 8 and all(seeds[arm] == [0] for arm in controls)
    arms = [run for run in runs if run.arm != "warm-start"]
    assert len({run.group for run in arms}) == 1 and len({run.run_id for run in runs}) == len(runs)
    first = {run.arm: run.run_id for run in arms if run.seed == 0}
    for run in arms:
        if run.arm in APPLIED:
            assert run.warm_start == first["english-only"]


def test_every_seed_has_its_own_warm_start_unless_one_is_shared(starter):
    study = dataclasses.replace(find_preset("reference", "real"), warm_start="own")
    runs = plan_study(study, starter, "ab" * 32, MAIN_ARMS)
    starts = {run.seed: run.run_id for run in runs if run.arm == "warm-start"}
    assert len(set(starts.values())) == 3
    assert all(run.warm_start == starts[run.seed] for run in runs if run.arm != "warm-start")


def test_only_what_was_fixed_may_read_xnli_test(starter, monkeypatch):
    run = next(run for run in planned(starter) if run.arm == "transport")
    monkeypatch.setattr("core.experiment.preregistered.fixed_protocols", lambda: frozenset())
    with pytest.raises(BadInput, match="preregistered settings.*transport seed 0"):
        check_fixed(run, "real")
    check_fixed(run, "starter")
    validation = dataclasses.replace(run, evaluation=dataclasses.replace(run.evaluation, split="validation"))
    check_fixed(validation, "real")
    monkeypatch.setattr("core.experiment.preregistered.fixed_protocols", lambda: frozenset({run.protocol}))
    check_fixed(run, "real")
    other = dataclasses.replace(run, settings=run.settings | {"token_weight": 9.0})
    with pytest.raises(BadInput):
        check_fixed(other, "real")
    moved = dataclasses.replace(run, data=dataclasses.replace(run.data, fingerprint="elsewhere"), warm_start="0" * 12)
    assert moved.protocol == run.protocol and moved.run_id != run.run_id
    assert all(len(text) == 12 for text in fixed_protocols())


def test_execute_asks_the_guard(tmp_path, tiny, starter, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "core.experiment.run.check_fixed", lambda config, kind, allowed: asked.append((config.arm, kind))
    )
    execute(configuration("warm-start", updates=1), open_workspace(tmp_path), starter, tiny)
    assert asked == [("warm-start", "starter")]


def test_the_reference_preset_needs_real_data():
    with pytest.raises(BadInput, match="needs XNLI"):
        find_preset("reference", "starter")


def test_a_set_counts_as_often_as_the_mix_says(starter):
    (only,) = starter.nli_training()
    once = training_pairs(starter, len(only.items), 0)
    assert sorted(once, key=repr) == sorted(only.items, key=repr)
    twice = training_pairs(starter, 2 * len(only.items), 0, repeats={only.name: 2})
    assert sorted(twice, key=repr) == sorted(only.items * 2, key=repr)
    both = training_pairs(starter, 2 * len(only.items), 0)
    assert both[: len(only.items)] == once and both[len(only.items) :] != once
    skipped = training_pairs(starter, 10, 0, skip=len(only.items) - 5)
    assert skipped == both[len(only.items) - 5 : len(only.items) + 5]
    with pytest.raises(BadInput, match="No NLI training set is called 'nothing'"):
        training_pairs(starter, 5, 0, repeats={"nothing": 1})


def test_centring_is_applied_to_the_baseline_and_changes_its_languages_alone(tmp_path, tiny, starter):
    workspace = open_workspace(tmp_path)
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    base = execute(configuration("english-only", warm_start=start), workspace, starter, tiny)
    done = execute(configuration("centring", warm_start=base.folder.name), workspace, starter, tiny)
    told = done.describe()
    assert told["source_run"] == base.folder.name and told["updates"] == told["tokens_backward"] == 0
    assert told["took"] is None and told["bitext_pairs"] > 0 and told["nli_pairs"] == base.describe()["nli_pairs"]
    assert not (done.folder / "adapter.safetensors").exists()
    columns = ["entailment", "neutral", "contradiction"]
    before, after = (pd.read_parquet(f.folder / "predictions.parquet") for f in (base, done))
    same = np.isclose(before[columns], after[columns], atol=1e-7).all(axis=1)
    assert set(before["language"][~same]) == {"sw", "th"} and same[before["language"] == "en"].all()


def hand_linked(catalog, split):
    """The starter set's own links as gold sets, two of one language."""
    found = []
    for name, code in (("starter", "sw"), ("again", "sw"), ("starter", "zh")):
        gold = starter_gold(code)
        file = LinkFile(
            Path("own"), 0, tuple(SentenceLinks(one.sure, one.possible) for one in gold),
            tuple((list(one.source), list(one.target)) for one in gold), (),
        )  # fmt: skip
        found.append(GoldSet(name, "en", code, split, file))
    return found


def test_harder_inputs_and_calibration_are_read_for_the_seeds_that_ask_for_them(tmp_path, tiny, starter, monkeypatch):
    monkeypatch.setattr("core.experiment.measures.alignment_scores.gold_sets", hand_linked)
    workspace = open_workspace(tmp_path)
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    evaluation = EvaluationConfig(
        split="test", other_items=6, held_out_pairs=30, plan_pairs=1, everywhere=("english-only",),
        languages=("en", *LOW_RESOURCE), robust_seeds=(0,), generalised_items=3, robust_items=3, calibrate=True,
    )  # fmt: skip
    config = dataclasses.replace(configuration("english-only", warm_start=start), evaluation=evaluation)
    folder = execute(config, workspace, starter, tiny).folder
    whole, single = pd.read_parquet(folder / "scores.parquet"), pd.read_parquet(folder / "robust.parquet")
    right = single[["entailment", "neutral", "contradiction"]].to_numpy().argmax(1) == single["gold"]
    again = 100 * right.groupby([single["split"], single["language"]]).mean()
    for split in ("generalised", "noise", "code_switch"):
        stored = whole[whole["name"] == f"accuracy_{split}"].set_index("language")["value"]
        np.testing.assert_allclose(again[split].sort_index(), stored.sort_index())
    pairs = whole[whole["name"] == "accuracy_generalised"]
    assert len(pairs) == 15 * 15 and "sw-hi" in set(pairs["language"]) and (pairs["items"] == 3).all()
    for name in ("accuracy_clean", "accuracy_noise", "accuracy_code_switch"):
        assert set(whole[whole["name"] == name]["language"]) == {"en", *LOW_RESOURCE}
    plans = pd.read_parquet(folder / "plans.parquet")
    premises = plans[plans["origin"].str.startswith("xnli/test/")]
    assert set(premises["target_language"]) == set(LOW_RESOURCE) and premises["origin"].nunique() == 16
    assert list(whole[whole["name"] == "language_probe_layer"]["layer"]) == [0, 1, 2]
    aligned = whole[whole["name"] == "alignment_error"]
    assert list(aligned["language"]) == [code for code in ("sw", "zh") for _ in range(3)]
    assert list(aligned["layer"]) == 2 * [0, 1, 2] and list(aligned["items"]) == [10] * 3 + [5] * 3
    adapted = adapted_encoder(load_arm(folder, tiny), tiny)
    settings = dataclasses.replace(FIRST_CHOSEN, layer=1)
    (alone,) = measure_sets(adapted, hand_linked(None, "test")[:1], [settings])
    assert aligned["value"].iloc[1] == pytest.approx(alone.score.aer, abs=2.0)
    assert len(whole[whole["name"] == "ece_scaled"]) == 15 and (whole["name"] == "temperature").sum() == 1
    part = dataclasses.replace(configuration("transport-token", warm_start=start), evaluation=evaluation)
    few = pd.read_parquet(execute(part, workspace, starter, tiny).folder / "scores.parquet")
    assert set(few[few["name"] == "accuracy"]["language"]) == {"en", *LOW_RESOURCE}
    assert not few["name"].isin(["accuracy_generalised", "alignment_error"]).any()


@pytest.mark.data
def test_the_translated_test_set_is_xnlis_item_by_item(data_dir):
    from core.data.catalog import open_catalog

    catalog = open_catalog(data_dir)
    assert catalog.translate_test_languages() == ["ur", "sw"]
    for code in ("sw", "ur"):
        translated, original = catalog.translate_test(code), catalog.xnli("test", code)
        assert [(i.id, i.label) for i in translated.items] == [(i.id, i.label) for i in original.items]
        assert all(item.premise.isascii() or len(item.premise) > 5 for item in translated.items)
    with pytest.raises(BadInput, match="has no th"):
        catalog.translate_test("th")


def test_starter_data_has_no_translated_test_set():
    assert starter_catalog().translate_test_languages() == []
