"""The reading functions against pandas on the same tables, and on a workspace without results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.workspace import open_workspace
from store.database import results_stamp
from store.results import curves, groups, importer, plans, predictions, rankings, runs, scores
from tests.support.make_run import LABELS, LANGUAGES, make_run_id, make_tables

RUNS = [("english-only", 0), ("transport", 0), ("transport", 1)]
IDS = [make_run_id(*run) for run in RUNS]
ORDER = ["en", "tr", "sw", "xx"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    from tests.support.make_run import write_run

    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    for arm, seed in RUNS:
        importer.import_run(workspace, write_run(workspace.runs, arm, seed))
    return workspace


@pytest.fixture(scope="module")
def oracle():
    """Every prediction in one pandas table."""
    parts = []
    for arm, seed in RUNS:
        table = make_tables(arm, seed)["predictions"]
        parts.append(table.assign(run_id=make_run_id(arm, seed), arm=arm, seed=seed))
    table = pd.concat(parts, ignore_index=True)
    table["predicted"] = table[list(LABELS)].to_numpy().argmax(axis=1)
    return table.assign(correct=table["predicted"] == table["gold"])


def by_figure(table, *first):
    """Sort rows as the figures order languages."""
    rank = {code: i for i, code in enumerate(ORDER)}
    return (
        table.assign(_r=table["language"].map(rank)).sort_values([*first, "_r"], ignore_index=True).drop(columns="_r")
    )


def equal(a, b):
    pd.testing.assert_frame_equal(a, b, check_dtype=False)


def test_accuracy(filled, oracle):
    asked = [IDS[2], IDS[0]]
    got = predictions.accuracy(filled, asked, "test")
    wanted = oracle[oracle["run_id"].isin(asked)]
    wanted = wanted.groupby(["run_id", "arm", "seed", "language"], as_index=False).agg(
        items=("correct", "size"), correct=("correct", "sum")
    )
    wanted["accuracy"] = 100 * wanted["correct"] / wanted["items"]
    wanted["at"] = wanted["run_id"].map(asked.index)
    equal(got, by_figure(wanted, "at").drop(columns="at"))
    assert got["accuracy"].between(33, 90).all() and 0 < got["correct"].sum() < got["items"].sum()
    few = predictions.accuracy(filled, asked, "test", languages=["sw"])
    assert list(few["language"]) == ["sw", "sw"]


def test_item_in_every_language_and_run(filled, oracle):
    got = predictions.item(filled, [IDS[1], IDS[0]], "test", np.int32(5))
    assert got["language"].tolist() == [code for code in ORDER for _ in range(2)]
    assert got["run_id"].tolist() == [IDS[1], IDS[0]] * 4
    wanted = oracle[oracle["item_id"] == 5].set_index(["run_id", "language"])
    for row in got.itertuples():
        assert row.entailment == wanted.loc[(row.run_id, row.language), "entailment"]
        assert row.correct == wanted.loc[(row.run_id, row.language), "correct"]


def test_read_gives_every_prediction(filled, oracle):
    got = predictions.read(filled, [IDS[2], IDS[1]], "test", languages=["xx", "en"])
    wanted = oracle[oracle["run_id"].isin(IDS[1:]) & oracle["language"].isin(["xx", "en"])]
    wanted = wanted.assign(at=wanted["run_id"].map([IDS[2], IDS[1]].index))
    wanted = wanted.sort_values(["at", "language", "item_id"], ignore_index=True)
    equal(got, wanted[["run_id", "language", "item_id", "gold", "predicted", *LABELS]])
    cover = predictions.coverage(filled, IDS)
    assert len(cover) == 12 and (cover["items"] == 30).all() and list(cover["run_id"][::4]) == IDS


def test_scores(filled):
    got = scores.read_scores(filled, [IDS[1]])
    assert list(got[got["name"] == "accuracy"]["language"]) == ORDER
    probe = got[got["name"] == "language_probe"]
    assert probe["layer"].tolist() == [0, 1, 2] and (probe["language"] == "").all() and probe["low"].isna().all()
    written = make_tables("transport", 0)["scores"]
    assert np.allclose(np.sort(got["value"]), np.sort(written["value"]), atol=0)
    assert set(scores.read_scores(filled, IDS, names="accuracy")["name"]) == {"accuracy"}
    assert set(scores.read_scores(filled, IDS, names=["accuracy"], split="held_out")["name"]) == set()
    assert set(scores.read_scores(filled, IDS, split="held_out")["name"]) == {"language_probe"}
    assert list(scores.read_scores(filled, IDS[::-1])["run_id"].drop_duplicates()) == IDS[::-1]


def test_curves(filled):
    got = curves.read_curves(filled, [IDS[0]])
    written = make_tables(*RUNS[0])["curves"].sort_values(["name", "step"], ignore_index=True)
    equal(got[["step", "name", "value"]], written)
    assert set(curves.read_curves(filled, IDS, names=["task_loss"])["name"]) == {"task_loss"}


def test_plans(filled):
    listed = plans.list_plans(filled, IDS[0])
    assert listed["plan_id"].tolist() == ["plan-0", "plan-1", "plan-2"]
    cells = make_tables(*RUNS[0])["plan_cells"]
    for row in listed.itertuples():
        plan = plans.read_plan(filled, IDS[0], row.plan_id)
        mine = cells[cells["plan_id"] == row.plan_id]
        assert len(plan.cells) == row.cells == len(mine) > 0
        matrix = plan.matrix()
        assert matrix.shape == (plan.tokens_source, plan.tokens_target) == (row.tokens_source, row.tokens_target)
        assert (matrix[mine["i"], mine["j"]] == mine["mass"]).all() and (matrix > 0).sum() == len(mine)
        assert matrix.sum() == pytest.approx(plan.kept_mass, abs=1e-6)
        assert plan.origin.startswith("starter/") and isinstance(plan.epsilon, float)
    with pytest.raises(BadInput, match="no plan 'plan-7'"):
        plans.read_plan(filled, IDS[0], "plan-7")


def test_rankings(filled):
    got = rankings.read(filled, IDS[1:], "starter", "sw", 2)
    assert got["run_id"].tolist() == [IDS[1]] * 10 + [IDS[2]] * 10
    assert got["rank"].tolist() == list(range(1, 11)) * 2
    assert got["candidate_id"].tolist()[:10] == [(14 + rank) % 50 for rank in range(1, 11)]
    offered = rankings.collections(filled, [IDS[0]])
    assert offered["query_language"].tolist() == ["tr", "sw", "xx"] and (offered["queries"] == 3).all()
    assert rankings.query_ids(filled, IDS, "starter", "sw") == [0, 1, 2]
    assert rankings.query_ids(filled, IDS, "starter", "en") == []


def test_runs_are_listed_and_the_newest_group_found(workspace, run_folder_factory):
    def add(arm, seed, group, created, **more):
        folder = run_folder_factory(arm, seed, group=group, created=created, tables={}, **more)
        importer.import_run(workspace, folder)
        return folder.name

    old = [add("transport", seed, "A", f"2026-11-0{seed + 1}T00:00:00Z") for seed in range(2)]
    new = [add("transport", 0, "B", "2026-11-05T01:00:00+02:00"), add("english-only", 0, "B", "2026-10-01T00:00:00")]
    kind = add("transport", 0, "C", "2026-11-04T00:00:00Z", data_kind="starter")
    listed = runs.list_runs(workspace)
    assert listed["run_id"].tolist() == [new[1], *old, kind, new[0]]
    assert listed.groupby("group_id")["comparable"].agg(set).tolist().count({"B"}) == 1
    by_age = [group["run_id"].tolist() for group in groups.list_groups(listed)]
    assert by_age == [[new[1], new[0]], [kind], old]
    assert groups.find_group(workspace)["run_id"].tolist() == [new[1], new[0]]
    group = listed.set_index("run_id").loc[old[0], "group_id"]
    assert groups.find_group(workspace, group)["run_id"].tolist() == old
    with pytest.raises(BadInput, match="No group of runs has the identifier 'nothing'"):
        groups.find_group(workspace, "nothing")


QUERIES = {
    "list_runs": lambda w: runs.list_runs(w),
    "list_imports": lambda w: runs.list_imports(w),
    "read_scores": lambda w: scores.read_scores(w, IDS, ["accuracy"], "test"),
    "read_curves": lambda w: curves.read_curves(w, IDS),
    "accuracy": lambda w: predictions.accuracy(w, IDS, "test"),
    "coverage": lambda w: predictions.coverage(w, IDS),
    "read": lambda w: predictions.read(w, IDS, "test"),
    "item": lambda w: predictions.item(w, IDS, "test", 3),
    "list_plans": lambda w: plans.list_plans(w, IDS[0]),
    "rankings.read": lambda w: rankings.read(w, IDS, "starter", "sw", 1),
    "collections": lambda w: rankings.collections(w, IDS),
}


@pytest.mark.parametrize("name", QUERIES)
def test_without_results_tables_are_empty_with_the_same_columns(name, filled, workspace):
    full, empty = QUERIES[name](filled), QUERIES[name](workspace)
    assert len(full) > 0 and len(empty) == 0
    assert list(full.columns) == list(empty.columns)
    kinds = [(a.kind, b.kind) for a, b in zip(full.dtypes, empty.dtypes, strict=True)]
    assert all(a == b for a, b in kinds), dict(zip(full.columns, kinds, strict=True))
    assert [p.name for p in workspace.home.iterdir() if "duckdb" in p.name] == [], "reading makes no file"


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - {"list_runs", "list_imports"}))
@pytest.mark.parametrize("unknown", [["0" * 12, "'; DROP TABLE runs; --"], ["", ""]])
def test_unknown_runs_give_nothing(name, unknown, filled, monkeypatch):
    monkeypatch.setattr(f"{__name__}.IDS", unknown)
    assert QUERIES[name](filled).empty


def test_empty_lists_of_runs(filled, workspace):
    assert predictions.accuracy(filled, [], "test").empty
    assert scores.read_scores(filled, []).empty and curves.read_curves(filled, []).empty
    assert predictions.item(filled, [], "test", 0).empty


def test_what_is_not_there_is_said(filled, workspace):
    for home in (filled, workspace):
        with pytest.raises(BadInput, match="There is no run 'abc'"):
            runs.get_run(home, "abc")
        with pytest.raises(BadInput, match="has no plan"):
            plans.read_plan(home, "abc", "x")
    assert rankings.query_ids(workspace, ["abc"], "starter", "sw") == []


def test_the_stamp_changes_with_the_results(workspace, run_folder_factory):
    stamps = [results_stamp(workspace)]
    for seed in range(2):
        importer.import_run(workspace, run_folder_factory("transport", seed))
        stamps.append(results_stamp(workspace))
    runs.list_runs(workspace)
    importer.sync(workspace)
    assert stamps[0] == "" and len(set(stamps)) == 3 and results_stamp(workspace) == stamps[-1]


def test_languages_of_the_tests_are_in_the_order_of_the_figures():
    from core.languages import sort_codes

    assert sort_codes(list(LANGUAGES)) == ORDER
