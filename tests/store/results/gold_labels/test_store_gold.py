"""Gold labels in another order, or item ids from 1: refused at import, named where they are stored already."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from store.results import importer
from store.results.gold_labels import checked as stored_gold
from store.results.gold_labels.checked import find_odd_runs, without_odd_runs
from store.results.importer import import_run, sync
from store.results.runs import list_runs
from tests.support.make_run import make_predictions, write_run

#: Real gold labels have no rhythm; in one that has, a shift of ids and an order of labels look alike.
GOLD = np.random.default_rng(5).integers(0, 3, 90)


def predictions(seed: int, order=(0, 1, 2), shift: int = 0, gold=GOLD) -> pd.DataFrame:
    """Predictions of a run that took the items' labels for `order` and counted its items from `shift`."""
    table = make_predictions(np.random.default_rng(seed), ("en", "sw"), len(gold))
    labels = np.asarray(order)[np.tile(gold, 2)].astype(np.int8)
    return table.assign(gold=labels, item_id=(table["item_id"] + shift).astype(np.int32))


def run(workspace, arm: str, seed: int = 0, *, robust: bool = False, order=(0, 1, 2), shift=0, gold=GOLD, **record):
    table = predictions(seed, order, shift, gold)
    tables = {"robust": table.assign(split="noise")} if robust else {"predictions": table}
    return write_run(workspace.runs, arm, seed, tables=tables, **record)


@pytest.fixture
def unchecked(monkeypatch):
    """The importer as it was: for a store that holds an odd run from before."""
    monkeypatch.setattr(importer, "check_gold", lambda *_: None)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"order": (1, 2, 0)}, "its labels 0, 1, 2 stood for contradiction, entailment, neutral"),
        ({"order": (2, 1, 0)}, "its labels 0, 1, 2 stood for contradiction, neutral, entailment"),
        ({"shift": 1}, "its item ids were 1 lower (they begin at 1)"),
        ({"gold": np.roll(GOLD, 40)}, "it was read on other data"),
    ],
)
@pytest.mark.parametrize("robust", [False, True])
def test_other_gold_labels_are_refused_and_what_would_fit_is_said(workspace, wrong, says, robust):
    first = run(workspace, "english-only", robust=robust)
    sync(workspace)
    bad = run(workspace, "transport", 1, robust=robust, **wrong)
    with pytest.raises(BadInput) as raised:
        import_run(workspace, bad)
    sentence = str(raised.value)
    file = "robust.parquet" if robust else "predictions.parquet"
    assert says in sentence and str(bad / file) in sentence and first.name in sentence
    assert list(list_runs(workspace)["run_id"]) == [first.name]


@pytest.mark.parametrize("wrong", [{"order": (1, 2, 0)}, {"shift": 1}])
def test_another_group_is_held_to_the_same_data_but_not_to_other_data(workspace, wrong):
    run(workspace, "english-only")
    sync(workspace)
    with pytest.raises(BadInput, match="would fit"):
        import_run(workspace, run(workspace, "transport", 1, group="another", **wrong))
    assert import_run(workspace, run(workspace, "transport", 2, group="another", gold=np.roll(GOLD, 40)))
    assert import_run(workspace, run(workspace, "transport", 3, group="one", data_kind="starter", **wrong))


def test_a_right_run_is_taken_into_a_store_that_holds_an_odd_one(workspace, monkeypatch):
    run(workspace, "english-only")
    odd = run(workspace, "transport", 1, order=(1, 2, 0))
    with monkeypatch.context() as patched:
        patched.setattr(importer, "check_gold", lambda *_: None)
        sync(workspace)
    assert import_run(workspace, run(workspace, "adversarial", 2))
    assert list(find_odd_runs(workspace, list_runs(workspace), "test")) == [odd.name]


def test_the_data_set_on_this_machine_decides(workspace):
    right = {item: int(label) for item, label in enumerate(GOLD)}

    def catalogue(kind, split):
        return right if (kind, split) == ("xnli", "test") else None

    bad = run(workspace, "transport", 0, order=(1, 2, 0))
    with pytest.raises(BadInput, match="not those of the data set on this machine on 180 of 180 items"):
        import_run(workspace, bad, catalogue)
    assert import_run(workspace, bad)  # nothing is stored and no data are here: nobody can tell
    assert import_run(workspace, run(workspace, "english-only", 1), catalogue)


def test_the_odd_run_is_left_out_and_named_with_what_would_fit(workspace, unchecked):
    for arm in ("english-only", "adversarial"):
        run(workspace, arm)
    odd = run(workspace, "transport", 0, shift=1)
    sync(workspace)
    runs = list_runs(workspace)
    kept, left_out = without_odd_runs(workspace, runs, "test")
    assert set(runs["run_id"]) - set(kept["run_id"]) == {odd.name}
    assert len(left_out) == 1 and f"run {odd.name} (transport, seed 0)" in left_out[0]
    assert "its item ids were 1 lower" in left_out[0] and f"python -m core runs remove {odd.name}" in left_out[0]
    assert without_odd_runs(workspace, kept, "test")[1] == []


def test_two_that_contradict_each_other_are_both_named(workspace, unchecked):
    folders = [run(workspace, "english-only"), run(workspace, "transport", order=(1, 2, 0))]
    sync(workspace)
    with pytest.raises(BadInput) as raised:
        without_odd_runs(workspace, list_runs(workspace), "test")
    assert all(folder.name in str(raised.value) for folder in folders)


def test_robust_predictions_count_too(workspace, unchecked):
    for arm in ("english-only", "adversarial"):
        run(workspace, arm, robust=True)
    odd = run(workspace, "transport", robust=True, order=(2, 1, 0))
    sync(workspace)
    assert list(find_odd_runs(workspace, list_runs(workspace), "test")) == [odd.name]


def test_a_store_that_agrees_is_asked_once(workspace, monkeypatch):
    for arm in ("english-only", "transport"):
        run(workspace, arm)
    sync(workspace)
    monkeypatch.setattr(stored_gold, "find_disagreement", lambda *_: pytest.fail("nothing is disputed"))
    assert find_odd_runs(workspace, list_runs(workspace)) == {}
    assert json.loads(list_runs(workspace)["config"].iloc[0])
