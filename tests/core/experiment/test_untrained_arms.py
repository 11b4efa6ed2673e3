"""Arms that train nothing, from their plan to their tables; and the arm that reads more English than others."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.evaluation.prior import balance
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.arms.without_training import APPLIED
    from core.experiment.run import execute
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_preset

pytestmark = pytest.mark.slow  # they train and read


LABELS = ["entailment", "neutral", "contradiction"]


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny, starter):
    """A workspace with a warm start and the baseline made from it, and every applied arm by name."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    base = execute(configuration("english-only", warm_start=start), workspace, starter, tiny).folder.name
    runs = {"warm-start": start, "english-only": base}
    for name in ("balanced-prior", "erase-language", "centring", "warm-start-only"):
        config = configuration(name, warm_start=runs[APPLIED[name].starts_from])
        runs[name] = execute(config, workspace, starter, tiny).folder.name
    return workspace, runs


def predictions(home, name):
    workspace, runs = home
    return pd.read_parquet(workspace.run(runs[name]) / "predictions.parquet").set_index(["language", "item_id"])


def test_balanced_answers_are_the_baselines_under_one_bias_a_language(home):
    base, balanced = predictions(home, "english-only"), predictions(home, "balanced-prior")
    for language, rows in balanced.groupby("language"):
        np.testing.assert_allclose(rows[LABELS].mean(), 1 / 3, atol=1e-4)
        expected = balance(base.loc[language][LABELS].to_numpy()).probabilities
        np.testing.assert_allclose(rows[LABELS], expected, atol=1e-5)
    workspace, runs = home
    scores = pd.read_parquet(workspace.run(runs["balanced-prior"]) / "scores.parquet")
    assert (scores["name"] == "accuracy_other_items").any()


def test_erasing_the_language_changes_answers_and_reads_the_bitext(home):
    workspace, runs = home
    base, erased = predictions(home, "english-only"), predictions(home, "erase-language")
    assert np.abs(base[LABELS] - erased.loc[base.index][LABELS]).to_numpy().max() > 1e-4
    record = pd.read_json(workspace.run(runs["erase-language"]) / "run.json", typ="series")
    assert record["bitext_pairs"] > 0 and record["updates"] == 0


def test_little_bitext_of_one_language_a_batch_is_read_in_every_language(home, tiny, starter):
    workspace, runs = home
    few = configuration("centring", warm_start=runs["english-only"])
    few = dataclasses.replace(
        few, data=dataclasses.replace(few.data, bitext_pairs=2, bitext_batch=24, bitext_order="by-language")
    )
    record = pd.read_json(execute(few, workspace, starter, tiny).folder / "run.json", typ="series")
    assert record["bitext_pairs"] == 2 * len(few.data.bitext_languages) > 2


def test_the_warm_start_alone_is_the_warm_start(home, tiny, starter):
    workspace, runs = home
    alone = predictions(home, "warm-start-only")
    start = predictions(home, "warm-start")
    np.testing.assert_allclose(alone.loc[start.index][LABELS], start[LABELS], atol=1e-6)


def test_each_is_planned_after_the_run_that_it_starts_from(starter):
    arms = list(APPLIED)
    planned = plan_study(find_preset("quick", "starter"), starter, "ab" * 32, arms, [0])
    ids = {run.arm: run.run_id for run in planned}
    for run in planned:
        if run.arm in APPLIED:
            assert run.warm_start == ids[APPLIED[run.arm].starts_from]
    assert [run.arm for run in planned].count("warm-start") == 1


def test_more_english_is_read_and_counted(tmp_path, tiny, starter):
    workspace = open_workspace(tmp_path)
    start = execute(configuration("warm-start"), workspace, starter, tiny)
    records = {}
    for arm, settings in (("english-only", {}), ("english-compute", {"times": 3})):
        records[arm] = execute(configuration(arm, warm_start=start.folder.name, **settings), workspace, starter, tiny)
    plain, more = (records[arm].describe() for arm in ("english-only", "english-compute"))
    before = start.describe()["nli_pairs"]
    assert more["nli_pairs"] - before == 3 * (plain["nli_pairs"] - before)
    assert more["tokens_forward"] > 2 * plain["tokens_forward"] and more["updates"] == plain["updates"]
    wrong = configuration("english-compute", warm_start=start.folder.name, times=0)
    with pytest.raises(BadInput, match="at least once as many pairs"):
        execute(wrong, workspace, starter, tiny)


def test_a_run_says_whether_it_collapsed(home, tiny, starter):
    workspace, runs = home
    config = configuration("adversarial-language", warm_start=runs["warm-start"], joint=False)
    config = dataclasses.replace(config, settings={"language_weight": 0.1})
    folder = execute(config, workspace, starter, tiny).folder
    scores = pd.read_parquet(folder / "scores.parquet")
    by_name = scores.groupby("name")
    assert set(by_name.get_group("collapsed")["value"]) <= {0.0, 100.0}
    for name in ("state_deviation", "unrelated_distance", "effective_rank", "held_out_retrieval"):
        assert set(by_name.get_group(name)["language"]) == {"sw", "th"}
    change = by_name.get_group("held_out_retrieval_change")
    assert ((change["low"] <= change["value"] + 1e-9) & (change["value"] <= change["high"] + 1e-9)).all()
    assert 0 <= by_name.get_group("own_discriminator")["value"].iloc[0] <= 100
    baseline = pd.read_parquet(workspace.run(runs["english-only"]) / "scores.parquet")
    assert "own_discriminator" not in set(baseline["name"]) and "collapsed" in set(baseline["name"])
