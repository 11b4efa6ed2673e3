"""Marks on items: kept, replaced, taken back, and every change in the audit."""

from __future__ import annotations

import json

import pytest

from core.errors import BadInput
from store.connection import reading
from store.user import marks
from store.user.database import user_database


def acts(workspace):
    with reading(user_database(workspace)) as con:
        rows = con.execute('SELECT what, detail FROM audit ORDER BY "at"').fetchall()
    return [(what, json.loads(detail)) for what, detail in rows]


def kept(workspace, kind="xnli", split="test"):
    return marks.read_marks(workspace, kind, split)[["item_id", "language", "reason"]].values.tolist()


def test_marks_are_kept_by_item_language_split_and_data(workspace):
    assert marks.read_marks(workspace, "xnli", "test").empty and not workspace.user.exists()
    marks.mark(workspace, "xnli", "test", 12, "", "the label  is\nwrong")
    marks.mark(workspace, "xnli", "test", 3, "hi", "no negation")
    marks.mark(workspace, "xnli", "test", 3, "ur", "garbled")
    marks.mark(workspace, "xnli", "validation", 3, "hi", "other split")
    marks.mark(workspace, "starter", "test", 3, "hi", "other data")
    assert kept(workspace) == [[3, "hi", "no negation"], [3, "ur", "garbled"], [12, "", "the label is wrong"]]
    marks.mark(workspace, "xnli", "test", 3, "ur", "'); DROP TABLE marks; --")
    assert [3, "ur", "'); DROP TABLE marks; --"] in kept(workspace) and len(kept(workspace)) == 3
    marks.unmark(workspace, "xnli", "test", 3, "hi")
    marks.unmark(workspace, "xnli", "test", 3, "hi")
    assert (
        len(kept(workspace)) == 2 and len(kept(workspace, "starter")) == len(kept(workspace, split="validation")) == 1
    )
    said = acts(workspace)
    assert [what for what, _ in said] == ["mark"] * 6 + ["unmark"]
    assert said[-1][1] == {
        "data_kind": "xnli", "split": "test", "item_id": 3, "language": "hi", "reason": "no negation",
    }  # fmt: skip


@pytest.mark.parametrize(("reason", "said"), [("  \n ", "reason is empty"), ("x" * 501, "501 characters")])
def test_a_reason_must_say_something_in_few_words(workspace, reason, said):
    with pytest.raises(BadInput, match=said):
        marks.mark(workspace, "xnli", "test", 1, "", reason)
    assert not workspace.user.exists()


def test_marks_in_bulk_are_kept_whole_or_not_at_all(workspace):
    marks.mark_all(workspace, "xnli", "test", [(1, "", "a"), (2, "sw", "b")])
    with pytest.raises(BadInput, match="reason is empty"):
        marks.mark_all(workspace, "xnli", "test", [(3, "", "c"), (4, "", " ")])
    assert kept(workspace) == [[1, "", "a"], [2, "sw", "b"]] and len(acts(workspace)) == 2
