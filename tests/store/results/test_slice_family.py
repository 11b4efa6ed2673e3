"""A person's slices in one family with the fixed ones: the same numbers, the same correction, duplicates once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.slicing.family import OWN
from core.evaluation.slicing.table import ITEMS
from core.statistics.significance import holm
from store.results.changes import slice_changes, slice_family
from store.results.importer import sync
from store.results.predictions import read
from store.results.runs import list_runs
from store.results.selection import Selection
from tests.support.make_run import make_tables

CODES = ("en", "tr", "sw")
ITEMS_EACH = 90
ARMS = ("transport", "adversarial")


@pytest.fixture
def selection(workspace, run_folder_factory):
    for arm in ARMS:
        for seed in range(3):
            tables = {"predictions": make_tables(arm, seed, CODES, ITEMS_EACH)["predictions"]}
            run_folder_factory(arm, seed, tables=tables)
    sync(workspace)
    return Selection(tuple(list_runs(workspace)["run_id"]), "test")


def keys(codes, items):
    return np.sort(np.array([CODES.index(code) * ITEMS + item for code in codes for item in items], np.int64))


def family(workspace, selection, own, arm="adversarial", against="transport"):
    return slice_family(workspace, selection, arm, against, CODES, own)


def test_a_slice_is_what_plain_pandas_says(workspace, selection):
    rng = np.random.default_rng(0)
    own = {f"drawn {n}": keys(CODES, rng.choice(ITEMS_EACH, 70, replace=False)) for n in range(5)}
    found = family(workspace, selection, own).table
    found = found[found["slice"] == OWN].set_index("value")
    runs = list_runs(workspace)
    table = read(workspace, list(selection.run_ids), "test").merge(runs[["run_id", "arm", "seed"]], on="run_id")
    table["right"] = (table["predicted"] == table["gold"]).astype(float)
    table["key"] = table["language"].map({code: n for n, code in enumerate(CODES)}) * ITEMS + table["item_id"]
    for name, wanted in own.items():
        inside = table[table["key"].isin(wanted)]
        rate = 100 * inside.groupby("arm")["right"].mean()
        assert found.loc[name, "difference"] == pytest.approx(rate["adversarial"] - rate["transport"])
        assert found.loc[name, "items"] == len(wanted) and found.loc[name, "seeds"] == 3
        assert found.loc[name, "premises"] == inside["item_id"].floordiv(3).nunique()
        assert found.loc[name, "low"] < found.loc[name, "difference"] < found.loc[name, "high"]
        assert 0 <= found.loc[name, "p_holm"] <= 1


def test_the_same_items_are_one_slice_and_are_told(workspace, selection):
    plain = slice_changes(workspace, selection, ["adversarial"], "transport")
    neutral = keys(CODES, range(1, ITEMS_EACH, 3))
    own = {
        "all neutral": neutral,
        "again": neutral,
        "Swahili": keys(["sw"], range(ITEMS_EACH)),
        "nowhere": keys(CODES, [999]),
    }
    found = family(workspace, selection, own)
    assert found.again[OWN, "all neutral"] == ("gold label", "neutral") == found.again[OWN, "again"]
    assert found.again[OWN, "Swahili"] == ("language", "sw") and found.without == ("nowhere",)
    pd.testing.assert_frame_equal(found.table, plain)


def test_one_correction_is_over_all_and_few_premises_are_described(workspace, selection):
    own = {"half": keys(CODES, range(0, 81)), "few": keys(CODES, range(0, 30))}
    found = family(workspace, selection, own).table
    tested = found[found["p_holm"].notna()]
    own_question = found["slice"] == "language"  # the answer sheet's, with its own p
    assert len(tested) == int(((found["premises"] >= 20) & ~own_question).sum()) == 13
    few = found[found["value"] == "few"].iloc[0]
    assert few["premises"] == 10 and few[["p", "p_holm", "q"]].isna().all() and not few["tested"]
    alone = family(workspace, selection, {"half": own["half"]}).table
    assert np.allclose(alone["p_holm"].dropna().sort_values(), tested["p_holm"].sort_values()), "few is no question"
    without = slice_changes(workspace, selection, ["adversarial"], "transport")
    assert len(tested) == without["p_holm"].notna().sum() + 1
    both = tested.merge(without, on=["slice", "value"], suffixes=("", "_alone"))
    assert (both["p_holm"] >= both["p_holm_alone"] - 1e-12).all(), "one more question, no smaller p"
    assert holm([0.01, 0.04]) == pytest.approx([0.02, 0.04])


def test_the_other_way_round_is_the_same_with_its_sign_turned(workspace, selection):
    own = {"half": keys(CODES, range(0, 81))}
    one = family(workspace, selection, own).table.set_index(["slice", "value"])
    other = family(workspace, selection, own, "transport", "adversarial").table.set_index(["slice", "value"])
    assert np.allclose(one["difference"], -other["difference"].reindex(one.index))
    assert np.allclose(one["p_holm"], other["p_holm"].reindex(one.index), equal_nan=True)
