"""The store's queries over 676,350 predictions beside pandas doing the same, as ratios of time.

Nine runs of fifteen languages and 5,010 items, the size of a comparison on XNLI's test set. pandas starts twice:
from the run folders' Parquet, which is where it would be without a store, and from a table already in memory,
which a page would have to keep. Nothing here fails on time:

    python -m pytest tests/benchmarks/test_store_queries.py -m benchmark -s
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pandas as pd
import pytest

from core.languages import XNLI_CODES
from core.workspace import open_workspace
from store.results import importer, predictions, selected
from store.results.flips import flips as flips_of
from store.results.selection import Selection
from store.results.slices import premise_differences
from tests.support.make_run import LABELS, make_run_id, make_tables, write_run

ITEMS = 5010
RUNS = [(arm, seed) for arm in ("english-only", "transport", "adversarial") for seed in range(3)]
IDS = [make_run_id(*run) for run in RUNS]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    for arm, seed in RUNS:
        tables = {"predictions": make_tables(arm, seed, XNLI_CODES, ITEMS)["predictions"]}
        write_run(workspace.runs, arm, seed, tables=tables)
    begun = time.perf_counter()
    importer.sync(workspace)
    print(f"\nimport of {len(RUNS)} runs: {time.perf_counter() - begun:.2f} s; "
          f"store {workspace.results.stat().st_size / 1e6:.1f} MB")  # fmt: skip
    return workspace


def load(workspace, ids=IDS):
    parts = [pd.read_parquet(workspace.run(run) / "predictions.parquet").assign(run_id=run) for run in ids]
    table = pd.concat(parts, ignore_index=True)
    table["predicted"] = table[list(LABELS)].to_numpy().argmax(axis=1)
    return table


def accuracy(table):
    table = table[table["split"] == "test"]
    right = (table["predicted"] == table["gold"]).groupby([table["run_id"], table["language"]])
    return 100 * right.mean()


def filtered(table):
    """Swahili, Urdu and Thai, gold neutral, predicted another label than in English, where the runs differ."""
    table = table[table["split"] == "test"]
    english = table[table["language"] == "en"].set_index(["run_id", "item_id"])["predicted"].rename("english")
    table = table.join(english, on=["run_id", "item_id"])
    same = table.groupby(["language", "item_id"])["predicted"].nunique().rename("labels") == 1
    table = table.join(same, on=["language", "item_id"])
    confidence = table[list(LABELS)].max(axis=1)
    keep = (table["gold"] == 1) & (table["predicted"] != table["english"]) & ~table["labels"] & (confidence >= 0.5)
    return table[keep & (table["predicted"] != table["gold"])]


def page(table):
    found = filtered(table)
    found = found.sort_values(["item_id", "language", "run_id"])
    return found.iloc[100:150]


def confusion(table):
    return filtered(table).groupby(["run_id", "gold", "predicted"]).size()


def change(table):
    table = table[table["split"] == "test"]
    right = (table["predicted"] == table["gold"]).groupby([table["run_id"], table["language"], table["item_id"]]).sum()
    wide = right.unstack("run_id")
    difference = wide[IDS[3:6]].mean(axis=1) - wide[IDS[:3]].mean(axis=1)
    return difference.groupby([wide.index.get_level_values(0), wide.index.get_level_values(1) // 3]).sum()


def flips(table):
    a, b = (table[(table["run_id"] == run) & (table["split"] == "test")] for run in (IDS[0], IDS[4]))
    both = a.merge(b, on=["language", "item_id"])
    return both.groupby([both["predicted_x"] == both["gold_x"], both["predicted_y"] == both["gold_y"]]).size()


def item(table):
    return table[(table["split"] == "test") & (table["item_id"] == 2500)]


EVERY = Selection(tuple(IDS), "test")
HARD = Selection(
    tuple(IDS), "test", gold=(1,), correct=False, like_english=False, runs_agree=False, confidence=(50.0, 101.0)
)
QUERIES: dict[str, tuple[Callable, Callable, list[str]]] = {
    "accuracy": (lambda w: selected.accuracy(w, EVERY), accuracy, IDS),
    "count": (lambda w: selected.count(w, HARD), filtered, IDS),
    "page": (lambda w: selected.page(w, HARD, 50, 100), page, IDS),
    "confusion": (lambda w: selected.confusion(w, HARD), confusion, IDS),
    "loosened": (lambda w: selected.loosened(w, HARD), filtered, IDS),
    "calibration": (lambda w: selected.calibration(w, EVERY), accuracy, IDS),
    "flips": (lambda w: flips_of(w, EVERY, IDS[0], IDS[4]), flips, [IDS[0], IDS[4]]),
    "change": (lambda w: premise_differences(w, EVERY, ["transport"], "english-only"), change, IDS[:6]),
    "item": (lambda w: predictions.item(w, IDS, "test", 2500), item, IDS),
    "read": (lambda w: predictions.read(w, IDS, "test"), lambda table: table, IDS),
}


def median_ms(run: Callable[[], object], times: int = 7, clock: Callable[[], float] = time.perf_counter) -> float:
    run()
    taken = []
    for _ in range(times):
        begun = clock()
        run()
        taken.append(1000 * (clock() - begun))
    return statistics.median(taken)


@pytest.mark.benchmark
@pytest.mark.parametrize("name", QUERIES)
def test_query_beside_pandas(name, filled, capsys):
    ask, peer, needed = QUERIES[name]
    table = load(filled)
    assert len(table) == 676_350
    store = median_ms(lambda: ask(filled))
    processor = median_ms(lambda: ask(filled), clock=time.process_time)
    memory = median_ms(lambda: peer(table))
    parquet = median_ms(lambda: peer(load(filled, needed)), times=3)
    if name == "accuracy":
        got = ask(filled).set_index(["run_id", "language"])["accuracy"].sort_index()
        pd.testing.assert_series_equal(got, peer(table).sort_index(), check_names=False)
    if name == "count":
        assert ask(filled).predictions == len(peer(table)) > 150
    with capsys.disabled():
        print(
            f"\n{name:11s} store {store:7.1f} ms ({processor:6.1f} of the processor)"
            f"   of pandas from Parquet {store / parquet:6.2f}   of pandas in memory {store / memory:6.2f}"
        )
