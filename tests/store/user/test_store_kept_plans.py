"""Plans kept under a name: what comes back, what is refused, what is deleted."""

from __future__ import annotations

import dataclasses

import duckdb
import numpy as np
import pytest

from core.errors import BadInput
from store.connection import reading
from store.user.database import user_database
from store.user.kept_plans import THRESHOLD, KeptPlan, delete_kept, keep, list_kept, read_kept

PLAN = KeptPlan(
    "transport, seed 0", "transport", "ab" * 6, 8, ["The", "cat"], ["القط", "\x00<b>", "نائم"],
    np.array([0.5, 0.5]), np.array([0.3, 0.3, 0.4]), np.array([[0.3, 0.2, 0.0], [0.0, 0.1, 0.4]]),
    [(0, 0), (1, 2)], 0.41, 0.66,
)  # fmt: skip
SETTINGS = {"state": {"layer": 8, "source": "The cat", "epsilon": 0.05}, "source_code": "en"}


def test_a_plan_comes_back_as_it_was_kept(workspace):
    other = dataclasses.replace(PLAN, label="english-only", arm="english-only", plan=PLAN.plan[:, ::-1])
    view = read_kept(workspace, keep(workspace, "  Cat \n asleep ", SETTINGS, [PLAN, other]))
    assert view.name == "Cat asleep" and view.settings == SETTINGS
    assert [plan.arm for plan in view.plans] == ["transport", "english-only"]
    for kept, given in zip(view.plans, (PLAN, other), strict=True):
        np.testing.assert_allclose(kept.plan, given.plan, atol=THRESHOLD)
        assert kept.links == given.links and list(kept.target_words) == list(given.target_words)
        np.testing.assert_allclose(kept.target_mass, given.target_mass)
        assert (kept.cost, kept.entropy, kept.layer, kept.run_id) == (0.41, 0.66, 8, "ab" * 6)


def test_kept_plans_are_listed_newest_first_and_deleted_for_good(workspace):
    assert list_kept(workspace).empty and not workspace.user.exists()
    first, second = (keep(workspace, name, {}, [PLAN]) for name in ("one", "two"))
    assert list(list_kept(workspace)["name"]) == ["two", "one"]
    assert list(list_kept(workspace)["plans"]) == [1, 1]
    delete_kept(workspace, first)
    delete_kept(workspace, first)
    assert list(list_kept(workspace)["view_id"]) == [second]
    with pytest.raises(BadInput, match="may have been deleted"):
        read_kept(workspace, first)
    with reading(user_database(workspace)) as con:
        assert con.execute("SELECT count(*) FROM kept_plan_cells WHERE view_id = ?", [first]).fetchone() == (0,)
        told = con.execute('SELECT what FROM audit ORDER BY "at", what DESC').fetchall()
    assert told == [("plan kept",), ("plan kept",), ("plan deleted",)]
    keep(workspace, "one", {}, [PLAN])


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "Give the plan a name"), (" \x00\n ", "Give the plan a name"), ("x" * 81, "at most 80")]
)
def test_a_name_must_be_one(workspace, name, sentence):
    with pytest.raises(BadInput, match=sentence):
        keep(workspace, name, {}, [PLAN])


def test_a_name_is_given_once_and_a_refusal_keeps_nothing(workspace):
    keep(workspace, "cat", {}, [PLAN])
    with pytest.raises(BadInput, match="already kept under “cat”"):
        keep(workspace, "cat", {}, [PLAN])
    with reading(user_database(workspace)) as con:
        assert con.execute("SELECT count(*) FROM kept_plans").fetchone() == (1,)


def test_a_name_is_text_and_not_sql(workspace):
    name = "x'); DROP TABLE kept_views; --"
    assert read_kept(workspace, keep(workspace, name, {}, [PLAN])).name == name


def test_a_plan_too_large_to_draw_is_refused(workspace):
    large = dataclasses.replace(PLAN, source_words=["x"] * 513)
    with pytest.raises(BadInput, match="more than 512 words"):
        keep(workspace, "large", {}, [large])


def test_an_older_user_store_gets_the_tables(workspace):
    with duckdb.connect(workspace.user) as con:
        con.execute("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR, applied TIMESTAMP)")
        con.execute('CREATE TABLE audit ("at" TIMESTAMP, what VARCHAR, detail VARCHAR)')
        con.execute("INSERT INTO schema_migrations VALUES (1, 'audit', now()::TIMESTAMP)")
        con.execute("INSERT INTO audit VALUES (now()::TIMESTAMP, 'old', 'kept')")
    keep(workspace, "cat", {}, [PLAN])
    with reading(user_database(workspace)) as con:
        assert con.execute("SELECT count(*) FROM audit WHERE what = 'old'").fetchone() == (1,)
