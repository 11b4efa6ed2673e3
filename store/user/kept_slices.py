"""Slices that a person keeps by name: saved, listed, renamed, removed; every change is in the audit."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pandas as pd

from core.errors import BadInput
from core.evaluation.slicing.parser import parse
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import count, frame
from store.user.database import user_database

#: Characters of a name, and slices in all.
NAME_LENGTH, MOST = 60, 100


def keep_slice(workspace: Workspace, name: str, query: str) -> str:
    """Keep a query under a name and return the name as it is kept.

    Raises `BadInput` for a query that cannot be read, a name that is empty, too long or taken, and one slice too many.
    """
    given, line = _checked(name), parse(query).text
    with writing(user_database(workspace)) as con:
        _free(con, given)
        if count(con, "SELECT count(*) FROM kept_slices") >= MOST:
            raise BadInput(f"{MOST} slices are kept, and that is the most; remove one first.")
        con.execute("INSERT INTO kept_slices VALUES (?, ?, now() AT TIME ZONE 'UTC')", [given, line])
        con.execute(*_act("slice kept", name=given, query=line))
    return given


def list_slices(workspace: Workspace) -> pd.DataFrame:
    """name, query, kept (UTC), the oldest first."""
    with reading(user_database(workspace)) as con:
        return frame(con, "SELECT name, query, kept FROM kept_slices ORDER BY kept, name")


def rename_slice(workspace: Workspace, name: str, new: str) -> str:
    """Give a kept slice another name. Raises `BadInput` as `keep_slice` does, and where there is none of that name."""
    given = _checked(new)
    with writing(user_database(workspace)) as con:
        if not count(con, "SELECT count(*) FROM kept_slices WHERE name = ?", [name]):
            raise BadInput(f"No slice is kept under “{name[:NAME_LENGTH]}”; it may have been removed.")
        if given != name:
            _free(con, given)
            con.execute("UPDATE kept_slices SET name = ? WHERE name = ?", [given, name])
            con.execute(*_act("slice renamed", name=name, new=given))
    return given


def remove_slice(workspace: Workspace, name: str) -> None:
    """Remove a kept slice; nothing happens if it is gone already."""
    with writing(user_database(workspace)) as con:
        gone = con.execute("DELETE FROM kept_slices WHERE name = ? RETURNING query", [name]).fetchall()
        for (query,) in gone:
            con.execute(*_act("slice removed", name=name, query=query))


def _checked(name: str) -> str:
    given = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not given:
        raise BadInput("Give the slice a name to keep it under.")
    if len(given) > NAME_LENGTH:
        raise BadInput(f"The name has {len(given)} characters; give at most {NAME_LENGTH}.")
    return given


def _free(con: duckdb.DuckDBPyConnection, name: str) -> None:
    if count(con, "SELECT count(*) FROM kept_slices WHERE name = ?", [name]):
        raise BadInput(f"A slice is already kept under “{name}”; choose another name, or remove that one.")


def _act(what: str, **detail: Any) -> tuple[str, list[object]]:
    return (
        "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', ?, ?)",
        [what, json.dumps(detail, ensure_ascii=False)],
    )
