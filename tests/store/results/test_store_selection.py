"""Selections against pandas: every count of 30 random combinations of filters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import MissingData
from core.evaluation.calibration import reliability
from core.workspace import open_workspace
from store.results import flips, importer, selected
from store.results.errors.answer_shares import answer_shares
from store.results.errors.doubtful import doubted_items
from store.results.selection import Selection, conditions
from store.results.slices import PLAIN, SLICES, premise_differences
from tests.support.make_run import LABELS, make_run_id, make_tables, write_run

RUNS = [(arm, seed) for arm in ("english-only", "transport", "adversarial") for seed in (0, 1)]
IDS = [make_run_id(*run) for run in RUNS]
CODES = ("en", "tr", "sw", "xx")
ITEMS = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    for arm, seed in RUNS:
        tables = {"predictions": make_tables(arm, seed, CODES, ITEMS)["predictions"]}
        importer.import_run(workspace, write_run(workspace.runs, arm, seed, tables=tables))
    return workspace


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Measures of the items' text: drawn, with no overlap known in one language."""
    rng = np.random.default_rng(5)
    rows = [
        (code, item, rng.integers(4, 90), rng.uniform(1, 3), np.nan if code == "xx" else rng.uniform(0, 100))
        for code in CODES
        for item in range(ITEMS)
    ]
    table = pd.DataFrame(rows, columns=["language", "item_id", "length", "fertility", "overlap"])
    path = tmp_path_factory.mktemp("texts") / "texts.parquet"
    table.astype({"item_id": "int32", "length": "int32"}).to_parquet(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def oracle(texts):
    """Every prediction in one pandas table, with all that the filters ask of it."""
    parts = []
    for arm, seed in RUNS:
        own = make_tables(arm, seed, CODES, ITEMS)["predictions"]
        parts.append(own.assign(run_id=make_run_id(arm, seed), arm=arm, seed=seed))
    table = pd.concat(parts, ignore_index=True).merge(pd.read_parquet(texts), on=["language", "item_id"])
    probabilities = table[list(LABELS)].to_numpy().astype(np.float64)
    table["predicted"] = probabilities.argmax(axis=1)
    table["confidence"] = 100 * probabilities.max(axis=1)
    table["correct"] = table["predicted"] == table["gold"]
    english = table[table["language"] == "en"].set_index(["run_id", "item_id"])["predicted"]
    table["like_english"] = (
        table["predicted"].to_numpy()
        == english.reindex(pd.MultiIndex.from_frame(table[["run_id", "item_id"]])).to_numpy()
    )
    return table


def passes(table, s):
    keep = table["run_id"].isin(s.run_ids) & (table["split"] == s.split)
    for column, wanted in (("language", s.languages), ("gold", s.gold), ("predicted", s.predicted)):
        if wanted is not None:
            keep &= table[column].isin(wanted)
    for column in ("correct", "like_english"):
        if getattr(s, column) is not None:
            keep &= table[column] == getattr(s, column)
    if s.runs_agree is not None:
        asked = table[table["run_id"].isin(s.compared or s.run_ids)]
        labels = asked.groupby(["language", "item_id"])["predicted"].nunique()
        same = labels.reindex(pd.MultiIndex.from_frame(table[["language", "item_id"]])).to_numpy() == 1
        keep &= same == s.runs_agree
    for column in ("confidence", "length", "fertility", "overlap"):
        limits = getattr(s, column)
        if limits is not None:
            keep &= table[column].between(*limits)
    for code, item in s.without:
        keep &= ~((table["item_id"] == item) & ((table["language"] == code) | (code == "")))
    return table[keep]


def draw(rng, texts):
    """A combination of filters, each asked for half of the time."""

    def maybe(make):
        return make() if rng.random() < 0.5 else None

    def some(values, least=1):
        return tuple(rng.choice(values, rng.integers(least, len(values) + 1), replace=False).tolist())

    def between(low, high):
        return tuple(sorted(rng.uniform(low, high, 2).tolist()))

    return Selection(
        run_ids=some(IDS, 2),
        split="test",
        languages=maybe(lambda: some(CODES, 2)),
        gold=maybe(lambda: some([0, 1, 2])),
        predicted=maybe(lambda: some([0, 1, 2])),
        correct=maybe(lambda: bool(rng.random() < 0.5)),
        confidence=maybe(lambda: (float(rng.uniform(33, 50)), float(rng.uniform(60, 101)))),
        like_english=maybe(lambda: bool(rng.random() < 0.5)),
        runs_agree=maybe(lambda: bool(rng.random() < 0.3)),
        compared=some(IDS, 2) if rng.random() < 0.5 else (),
        length=maybe(lambda: between(4, 90)),
        fertility=maybe(lambda: (1.0, float(rng.uniform(1.5, 3)))),
        overlap=maybe(lambda: (float(rng.uniform(0, 30)), 100.0)),
        texts=texts,
        without=tuple((str(rng.choice(["", *CODES])), int(rng.integers(0, ITEMS))) for _ in range(rng.integers(0, 9))),
    )


COMBINATIONS = 30


@pytest.mark.slow
@pytest.mark.parametrize("number", range(COMBINATIONS))
def test_every_count_equals_pandas(number, filled, oracle, texts):
    s = draw(np.random.default_rng(number), texts)
    wanted = passes(oracle, s)
    counted = selected.count(filled, s)
    assert counted == (len(wanted), wanted["item_id"].nunique(), len(s.run_ids) * len(CODES) * ITEMS)

    rows = selected.page(filled, s, limit=10_000)
    keys = ["run_id", "language", "item_id"]
    assert set(rows[keys].itertuples(index=False, name=None)) == set(wanted[keys].itertuples(index=False, name=None))
    assert len(rows) == len(wanted) and rows["item_id"].is_monotonic_increasing

    got = selected.accuracy(filled, s).set_index(["run_id", "language"])[["items", "correct"]]
    grouped = wanted.groupby(["run_id", "language"])["correct"].agg(["size", "sum"])
    assert {k: tuple(v) for k, v in got.T.items()} == {k: tuple(v) for k, v in grouped.T.items()}

    cells = wanted.groupby(["run_id", "gold", "predicted"]).size().to_dict()
    for row in selected.confusion(filled, s).itertuples(index=False):
        assert row.items == cells.pop((row.run_id, row.gold, row.predicted), 0)
    assert not cells

    for run, own in selected.calibration(filled, s).groupby("run_id"):
        mine = wanted[wanted["run_id"] == run]
        expected = reliability(mine[list(LABELS)].to_numpy(), mine["gold"].to_numpy())
        pd.testing.assert_frame_equal(
            own[["low", "high", "items", "confidence", "accuracy"]].reset_index(drop=True), expected, check_dtype=False
        )

    first, second = s.run_ids[:2]
    items = passes(oracle, s.of_items((first, second)))
    a, b = (items[items["run_id"] == run].set_index(["language", "item_id"])["correct"] for run in (first, second))
    both = pd.DataFrame({"a": a, "b": b}).dropna()
    table = flips.flips(filled, s, first, second)
    assert table["items"].sum() == len(both)
    for (right_a, right_b), cell in table.groupby(["correct_a", "correct_b"]):
        own = both[(both["a"] == right_a) & (both["b"] == right_b)]
        by_premise = pd.Series(own.index.get_level_values("item_id") // 3).value_counts().to_dict()
        assert dict(zip(cell["premise"], cell["items"], strict=True)) == by_premise
        found, total = flips.flipped(filled, s, first, second, right_a, right_b, limit=1000)
        assert total == len(own) and set(zip(found["language"], found["item_id"], strict=True)) == set(own.index)

    for name, number_without in selected.loosened(filled, s).items():
        assert number_without == len(passes(oracle, replace(s, **LOOSER[name]))), name
    assert set(selected.loosened(filled, s)) == set(conditions(s))


LOOSER = {
    "language": {"languages": None},
    "gold label": {"gold": None},
    "predicted label": {"predicted": None},
    "outcome": {"correct": None},
    "agreement with English": {"like_english": None},
    "agreement between runs": {"runs_agree": None},
    "confidence": {"confidence": None},
    "length": {"length": None},
    "subwords per word": {"fertility": None},
    "overlap with the training bitext": {"overlap": None},
    "items marked doubtful": {"without": ()},
}


def test_the_combinations_ask_for_every_filter_and_often_let_something_through(oracle, texts):
    drawn = [draw(np.random.default_rng(number), texts) for number in range(COMBINATIONS)]
    asked = {name for s in drawn for name in conditions(s)}
    assert asked == set(LOOSER)
    assert sum(len(passes(oracle, s)) > 0 for s in drawn) > COMBINATIONS // 2


@pytest.mark.parametrize("with_texts", [False, True])
def test_premise_differences_are_sums_at_each_seed(with_texts, filled, oracle, texts):
    s = Selection(tuple(IDS), "test", gold=(0, 2), texts=texts if with_texts else "")
    got = premise_differences(filled, s, ["transport", "adversarial"], "english-only", list(SLICES))
    assert set(got["slice"]) == set(SLICES if with_texts else PLAIN)
    assert (got["seeds"] == 2).all()
    items = passes(oracle, s)
    keys = ["seed", "language", "item_id", "gold"]
    right = items.pivot_table(index=keys, columns="arm", values="correct", aggfunc="mean").astype(float)
    for arm in ("transport", "adversarial"):
        difference = (right[arm] - right["english-only"]).rename("d").reset_index()
        premise = difference["item_id"] // 3
        wanted = difference.groupby(["language", premise, "seed"])["d"].agg(["sum", "size"])
        own = got[(got["arm"] == arm) & (got["slice"] == "language")].set_index(["value", "premise", "place"])
        assert np.allclose(own["difference"], wanted["sum"].reindex(own.index)) and len(own) == len(wanted)
        assert (own["items"] == wanted["size"].reindex(own.index)).all()
        for name in set(got["slice"]) - {"overlap with the training bitext"}:
            part = got[(got["arm"] == arm) & (got["slice"] == name)]
            assert part["items"].sum() == len(difference)
            assert part["difference"].sum() == pytest.approx(difference["d"].sum())
    if with_texts:
        known = got[(got["arm"] == "transport") & (got["slice"] == "overlap with the training bitext")]
        assert known["items"].sum() == (difference["language"] != "xx").sum(), "unknown overlap is in no quarter"
        quarters = got[(got["arm"] == "transport") & (got["slice"] == "length")].groupby("value")["items"].sum()
        assert len(quarters) == 4 and quarters.max() - quarters.min() <= len(CODES)


def test_a_seed_that_one_arm_lacks_is_left_out(filled, oracle):
    kept = tuple(i for i, (arm, seed) in zip(IDS, RUNS, strict=True) if (arm, seed) != ("transport", 1))
    got = premise_differences(filled, Selection(kept, "test"), ["transport"], "english-only")
    right = oracle[oracle["seed"] == 0].pivot_table(index=["language", "item_id"], columns="arm", values="correct")
    assert (got["seeds"] == 1).all()
    assert got["difference"].sum() == pytest.approx(float((right["transport"] - right["english-only"]).sum()))


def test_filters_of_text_without_measures_are_said(filled, tmp_path):
    with pytest.raises(MissingData, match="not measured"):
        selected.count(filled, Selection(tuple(IDS), "test", length=(1, 9)))
    with pytest.raises(MissingData, match="cannot be read"):
        selected.count(filled, Selection(tuple(IDS), "test", length=(1, 9), texts=str(tmp_path / "gone.parquet")))


def test_without_results_tables_are_empty_with_the_same_columns(filled, workspace):
    s = Selection(tuple(IDS), "test", like_english=True, runs_agree=True, without=(("", 1),))
    asked = {
        "page": lambda w: selected.page(w, s),
        "accuracy": lambda w: selected.accuracy(w, s),
        "confusion": lambda w: selected.confusion(w, s),
        "calibration": lambda w: selected.calibration(w, s),
        "flips": lambda w: flips.flips(w, s, *IDS[:2]),
        "flipped": lambda w: flips.flipped(w, s, *IDS[:2], True, True)[0],
        "differences": lambda w: premise_differences(w, s, ["transport"], "english-only"),
    }
    for name, ask in asked.items():
        full, empty = ask(filled), ask(workspace)
        assert len(full) and not len(empty) and list(full.columns) == list(empty.columns), name
    assert selected.count(workspace, s) == (0, 0, 0)
    nothing = replace(s, run_ids=("'; DROP TABLE runs; --",), compared=())
    assert selected.page(filled, nothing).empty and selected.count(filled, nothing).of == 0


def test_shares_of_answers_are_those_of_pandas(filled, oracle):
    found = answer_shares(filled, Selection(run_ids=tuple(IDS), split="test"))
    assert len(found) == len(IDS) * len(CODES)
    for row in found.to_dict("records"):
        own = oracle[(oracle["run_id"] == row["run_id"]) & (oracle["language"] == row["language"])]
        assert row["items"] == len(own)
        assert row["accuracy"] == pytest.approx(100 * own["correct"].mean())
        assert row["over_confidence"] == pytest.approx(own["confidence"].mean() - row["accuracy"], abs=1e-4)
        for label in range(3):
            assert row[f"answered_{label}"] == pytest.approx(100 * (own["predicted"] == label).mean())
            assert row[f"gold_{label}"] == pytest.approx(100 * (own["gold"] == label).mean())


def test_the_most_doubted_items_are_those_of_pandas(filled, oracle):
    found = doubted_items(filled, Selection(run_ids=tuple(IDS), split="test", languages=("tr", "sw")), 20)
    own = oracle[oracle["language"].isin(["tr", "sw"])]
    means = own.groupby(["item_id", "gold"], as_index=False)[list(LABELS)].mean()
    values = means[list(LABELS)].to_numpy(np.float64)
    means["of_gold"] = 100 * values[np.arange(len(means)), means["gold"]]
    means["suggested"] = values.argmax(1)
    wanted = means[means["gold"] != means["suggested"]].sort_values(["of_gold", "item_id"]).head(20)
    assert 0 < len(found) == len(wanted) and found["item_id"].tolist() == wanted["item_id"].tolist()
    assert found["suggested"].tolist() == wanted["suggested"].tolist()
    np.testing.assert_allclose(found["of_gold"], wanted["of_gold"], atol=1e-4)
    assert set(found["predictions"]) == {2 * len(IDS)}


def test_answers_to_some_items_are_whole_whatever_is_filtered(filled, oracle):
    s = Selection(run_ids=tuple(IDS), split="test", languages=("sw",), correct=True)
    found = selected.of_items(filled, s, [3, 5])
    wanted = oracle[oracle["item_id"].isin([3, 5])]
    assert len(found) == len(wanted) == 2 * len(IDS) * len(CODES)
    key = ["run_id", "language", "item_id"]
    assert found.set_index(key)["predicted"].to_dict() == wanted.set_index(key)["predicted"].to_dict()
