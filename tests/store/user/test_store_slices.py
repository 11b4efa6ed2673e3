"""Slices and columns of one's own in the user store: kept, listed, renamed, removed, and every change in the audit."""

from __future__ import annotations

import pandas as pd
import pytest

from core.errors import BadInput
from store.connection import reading
from store.user import item_columns, kept_slices
from store.user.database import user_database


def acts(workspace):
    with reading(user_database(workspace)) as con:
        return [what for (what,) in con.execute('SELECT what FROM audit ORDER BY "at"').fetchall()]


def test_slices_are_kept_by_name(workspace):
    assert kept_slices.list_slices(workspace).empty and not workspace.user.exists()
    assert kept_slices.keep_slice(workspace, " short \n ones ", " hypothesis.words < 8 ") == "short ones"
    kept_slices.keep_slice(workspace, "'); DROP TABLE kept_slices; --", "negation")
    with pytest.raises(BadInput, match="already kept under “short ones”"):
        kept_slices.keep_slice(workspace, "short ones", "number")
    assert kept_slices.list_slices(workspace)["query"].tolist() == ["hypothesis.words < 8", "negation"]
    assert kept_slices.rename_slice(workspace, "short ones", "short") == "short"
    for new, said in (("'); DROP TABLE kept_slices; --", "already kept"), ("", "a name"), ("x" * 61, "61 characters")):
        with pytest.raises(BadInput, match=said):
            kept_slices.rename_slice(workspace, "short", new)
    with pytest.raises(BadInput, match="may have been removed"):
        kept_slices.rename_slice(workspace, "short ones", "other")
    kept_slices.remove_slice(workspace, "short")
    kept_slices.remove_slice(workspace, "short")
    assert len(kept_slices.list_slices(workspace)) == 1
    assert acts(workspace) == ["slice kept", "slice kept", "slice renamed", "slice removed"]


def test_a_line_that_cannot_be_read_is_not_kept(workspace):
    with pytest.raises(BadInput, match="at character 10"):
        kept_slices.keep_slice(workspace, "broken", "overlap >")
    assert not workspace.user.exists()


def test_no_more_slices_than_the_bound(workspace, monkeypatch):
    monkeypatch.setattr(kept_slices, "MOST", 2)
    for name in "ab":
        kept_slices.keep_slice(workspace, name, "number")
    with pytest.raises(BadInput, match="2 slices are kept, and that is the most"):
        kept_slices.keep_slice(workspace, "c", "number")


def test_columns_are_kept_by_data_set_and_replaced_by_name(workspace, monkeypatch):
    rows = pd.DataFrame({"name": "genre", "language": ["", "sw"], "item_id": [1, 1], "value": ["a", "b"]})
    item_columns.keep_columns(workspace, "xnli", "test", rows)
    item_columns.keep_columns(workspace, "starter", "test", rows.assign(name="other"))
    item_columns.keep_columns(workspace, "xnli", "test", rows.iloc[:1].assign(value="c"))
    assert item_columns.read_columns(workspace, "xnli", "test").to_numpy().tolist() == [["genre", "", 1, "c"]]
    monkeypatch.setattr(item_columns, "MOST", 1)
    with pytest.raises(BadInput, match="would be 2 columns"):
        item_columns.keep_columns(workspace, "xnli", "test", rows.assign(name="second"))
    item_columns.remove_column(workspace, "xnli", "test", "genre")
    assert item_columns.read_columns(workspace, "xnli", "test").empty
    assert len(item_columns.read_columns(workspace, "starter", "test")) == 2
