"""Collapse of stored runs: measured from their weights, stored beside them, and read with the runs they speak of."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from core.arms.names import BASELINE
from core.errors import BadInput, MissingData
from core.reference.manifest import check_sums
from core.reference.unpack import read_reference
from tests.support.late import COLLECTING
from tests.support.paths import ROOT
from tests.support.tiny import MODEL

if not COLLECTING:
    import torch

    from core.model.weights import new_model, save_model
    from core.reference.collapse import (
        FILE,
        SCHEMA,
        judge_runs,
        measure_runs,
        read_collapse,
        summarise,
        write_collapse,
    )


SHIPPED = ROOT / "store" / "reference"
COLLAPSED = {("adversarial", 0), ("adversarial", 1), ("adversarial", 2), ("adversarial-language", 0),
             ("transport-shuffled", 0)}  # fmt: skip


def record(run, arm, seed=0, start="start"):
    reading = {"held_out_pairs": 20}
    data = {"bitext_languages": ["sw", "th"], "bitext_max_tokens": 64}
    return {"run_id": run, "arm": arm, "seed": seed, "warm_start": start, "updates": 10,
            "config": {"data": data, "evaluation": reading}}  # fmt: skip


@pytest.fixture(scope="module")
def stored(tmp_path_factory, tiny):
    """Three runs of a tiny encoder: the baseline and another whose last map throws sentences to two ends, and one whose
    last map is left alone, so that its states lie together beside those."""
    home = tmp_path_factory.mktemp("runs")
    for run, thrown in (("base", True), ("same", True), ("point", False)):
        model = new_model(tiny, MODEL, 0)
        with torch.no_grad():
            for name, parameter in model.backbone.named_parameters():
                # LoRA on the last map: whatever comes in, what goes out lies along one direction, either way.
                if thrown and "layer.1.output.dense.lora_A" in name:
                    parameter.fill_(1.0)
                if thrown and "layer.1.output.dense.lora_B" in name:
                    parameter.copy_((100.0 * torch.arange(parameter.shape[0]))[:, None].expand_as(parameter))
        (home / run).mkdir()
        save_model(home / run, model, tiny)
    return home


def weights(home):
    return lambda run: home / run if (home / run).is_dir() else None


def no_curves(run):
    return [(step, "discriminator_accuracy", 40.0 + step) for step in range(10)] if run == "point" else []


def measured(stored, tiny, starter, records, **more):
    return measure_runs(records, weights(stored), starter, tiny, no_curves, probe_layers=[2], **more)


def test_runs_are_compared_with_english_training_of_their_seed(stored, tiny, starter):
    records = [record("base", BASELINE), record("same", "transport"), record("point", "adversarial")]
    table = measured(stored, tiny, starter, records)
    assert list(table.columns) == SCHEMA.names and set(table["reference"]) == {"base"}
    assert set(table["language"]) == {"", "en", "sw", "th"} and set(table["layer"]) == {1, 2}
    same = table[(table["run"] == "same") & (table["language"] != "")]
    np.testing.assert_allclose(same["deviation"], same["deviation_reference"])
    summary = summarise(table).set_index("run")
    assert summary.loc["same", "distance_kept"] == pytest.approx(1.0)
    assert summary.loc["point", "distance_kept"] < 1 / 3
    assert summary.loc["point", "discriminator"] == 49.0 and np.isnan(summary.loc["same", "discriminator"])
    answers = judge_runs(table)
    assert summary.loc["point", "deviation_kept"] < 1.0
    assert answers["point"].collapsed == bool(summary.loc["point", "deviation_kept"] < 1 / 2)
    assert not answers["same"].collapsed and not answers["base"].collapsed
    probes = table[table["language"] == ""]
    # Two languages and English, each as often, or nearly.
    assert (probes["probe_chance"].between(33, 45)).all()
    assert ((probes["probe_low"] <= probes["probe"]) & (probes["probe"] <= probes["probe_high"])).all()


def test_the_warm_start_is_the_reference_where_its_weights_are(stored, tiny, starter):
    table = measured(stored, tiny, starter, [record("same", "transport", start="base")])
    assert set(table["reference"]) == {"base"}


def test_a_reference_may_be_among_the_other_runs_and_is_missed_by_name(stored, tiny, starter):
    table = measured(stored, tiny, starter, [record("same", "transport")], known=[record("base", BASELINE)])
    assert set(table["run"]) == {"same"}
    with pytest.raises(MissingData, match="same .transport, seed 1. has neither its warm start nor english-only"):
        measured(stored, tiny, starter, [record("same", "transport", seed=1)], known=[record("base", BASELINE)])
    with pytest.raises(MissingData, match="No run has weights"):
        measured(stored, tiny, starter, [record("gone", "transport")])


def test_runs_of_other_sentences_are_measured_apart(stored, tiny, starter):
    other = record("same", "transport")
    other["config"]["data"] = other["config"]["data"] | {"bitext_languages": ["sw"]}
    with pytest.raises(BadInput, match="measure them apart"):
        measured(stored, tiny, starter, [record("base", BASELINE), other])


def test_the_table_is_stored_beside_its_runs_and_read_with_them_alone(stored, tiny, starter, tmp_path):
    for name in ("runs.json", "manifest.json"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    reference = read_reference(tmp_path)
    with pytest.raises(MissingData, match="diagnose --shipped --write"):
        read_collapse(reference)
    table = measured(stored, tiny, starter, [record("base", BASELINE), record("point", "adversarial")])
    write_collapse(tmp_path, table)
    again = read_collapse(reference)
    np.testing.assert_allclose(again["deviation"], table["deviation"], rtol=1e-5)
    assert judge_runs(again) == judge_runs(table)
    (tmp_path / "runs.json").write_text(json.dumps([]))
    with pytest.raises(BadInput, match="speaks of other runs"):
        read_collapse(reference)
    (tmp_path / FILE).write_bytes(b"no table")
    with pytest.raises(BadInput, match="not a readable Parquet file"):
        read_collapse(reference)


def test_exactly_five_shipped_runs_are_collapsed():
    reference = read_reference(SHIPPED)
    table = read_collapse(reference)
    answers = judge_runs(table)
    named = {r["run_id"]: (r["arm"], r["seed"]) for r in reference.records}
    assert len(answers) == 15
    assert {named[run] for run, answer in answers.items() if answer.collapsed} == COLLAPSED
    assert {named[run] for run, answer in answers.items() if answer.driven_apart} == COLLAPSED
    assert set(table["language"]) == {"", "en", "sw", "ur", "hi", "th", "tr"}


def test_the_stored_table_is_no_text_and_leaves_the_manifest_as_it_was():
    table = read_collapse(read_reference(SHIPPED))
    assert set(table.select_dtypes(["object", "string"]).columns) == {"run", "arm", "reference", "language"}
    assert check_sums(SHIPPED) == []


@pytest.mark.data
@pytest.mark.slow
def test_two_runs_measured_again_give_the_stored_numbers(data_dir, encoder):
    from core.data.catalog import open_catalog

    reference = read_reference(SHIPPED)
    stored_table = read_collapse(reference)
    chosen = [r for r in reference.records if r["seed"] == 0 and r["arm"] in (BASELINE, "adversarial-language")]
    table = measure_runs(chosen, reference.weights, open_catalog(data_dir), encoder, lambda run: [], probe_layers=[12])
    rows = stored_table[stored_table["run"].isin(table["run"]) & (stored_table["language"] != "")]
    again = table[table["language"] != ""]
    for name in ("deviation", "distance", "rank"):
        np.testing.assert_allclose(again[name], rows[name], rtol=0.01)
    assert np.nanmax(np.abs(again["retrieval"].to_numpy() - rows["retrieval"].to_numpy())) <= 1.0
