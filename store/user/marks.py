"""Marks on items whose label or translation a person doubts, with the reason; every change is in the audit."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pandas as pd

from core.errors import BadInput
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import frame
from store.user.database import user_database

#: Characters of a reason.
LIMIT = 500


def mark(workspace: Workspace, data_kind: str, split: str, item_id: int, language: str, reason: str) -> None:
    """Mark an item as doubtful in `language`, or its label in every language (""); a second mark replaces the first.

    Raises `BadInput` for a reason that is empty or has more than `LIMIT` characters.
    """
    mark_all(workspace, data_kind, split, [(item_id, language, reason)])


def mark_all(workspace: Workspace, data_kind: str, split: str, marks: Iterable[tuple[int, str, str]]) -> None:
    """Mark several items (item, language, reason) at once, all or none; see `mark`."""
    rows = [([data_kind, split, int(item), language], _reason(reason)) for item, language, reason in marks]
    with writing(user_database(workspace)) as con:
        for key, given in rows:
            con.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, now() AT TIME ZONE 'UTC')", [*key, given])
            con.execute(*_act("mark", key, given))


def _reason(reason: str) -> str:
    given = " ".join(reason.split())
    if not given:
        raise BadInput("The reason is empty; say in a few words what is doubtful.")
    if len(given) > LIMIT:
        raise BadInput(f"The reason has {len(given):,} characters; give at most {LIMIT}.")
    return given


def unmark(workspace: Workspace, data_kind: str, split: str, item_id: int, language: str) -> None:
    """Take a mark away; nothing happens if there is none."""
    key = [data_kind, split, int(item_id), language]
    with writing(user_database(workspace)) as con:
        reasons = con.execute(
            "DELETE FROM marks WHERE data_kind = ? AND split = ? AND item_id = ? AND language = ? RETURNING reason", key
        ).fetchall()
        for (reason,) in reasons:
            con.execute(*_act("unmark", key, reason))


def read_marks(workspace: Workspace, data_kind: str, split: str) -> pd.DataFrame:
    """item_id, language ("" for every one), reason, at (UTC), by item and language."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            """SELECT item_id, language, reason, "at" FROM marks WHERE data_kind = ? AND split = ?
               ORDER BY item_id, language""",
            [data_kind, split],
        )


def _act(what: str, key: list[object], reason: str) -> tuple[str, list[object]]:
    names = ("data_kind", "split", "item_id", "language")
    detail = json.dumps(dict(zip(names, key, strict=True)) | {"reason": reason}, ensure_ascii=False)
    return "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', ?, ?)", [what, detail]
