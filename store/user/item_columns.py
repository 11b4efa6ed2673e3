"""A person's own columns of items: kept by data set and split, read by slices, removed by name."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa

from core.errors import BadInput
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import count, frame
from store.user.database import user_database

#: Columns of a data set's split.
MOST = 20


def keep_columns(workspace: Workspace, data_kind: str, split: str, rows: pd.DataFrame) -> None:
    """Keep columns (name, language, item_id, value; see `core.evaluation.slicing.own_columns`) in place of those of the
    same names. Raises `BadInput` where there would be more than `MOST`."""
    names = sorted(set(rows["name"].astype(str)))
    table = pa.Table.from_pandas(rows[["name", "language", "item_id", "value"]], preserve_index=False)
    with writing(user_database(workspace)) as con:
        others = "SELECT count(DISTINCT name) FROM item_columns WHERE data_kind = ? AND split = ? AND NOT "
        held = count(con, f"{others} list_contains(?::VARCHAR[], name)", [data_kind, split, names])
        if held + len(names) > MOST:
            raise BadInput(f"There would be {held + len(names)} columns of your own; {MOST} are kept, so remove some.")
        for name in names:
            con.execute(*_delete(data_kind, split, name))
        con.register("given", table)
        con.execute(
            "INSERT INTO item_columns SELECT ?, ?, name, language, item_id, value FROM given", [data_kind, split]
        )
        con.unregister("given")
        detail = {"data_kind": data_kind, "split": split, "columns": names, "values": len(rows)}
        con.execute(
            "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', 'columns kept', ?)",
            [json.dumps(detail, ensure_ascii=False)],
        )


def read_columns(workspace: Workspace, data_kind: str, split: str) -> pd.DataFrame:
    """name, language ("" for every one), item_id, value of all columns kept."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            """SELECT name, language, item_id, value FROM item_columns WHERE data_kind = ? AND split = ?
               ORDER BY name, language, item_id""",
            [data_kind, split],
        )


def remove_column(workspace: Workspace, data_kind: str, split: str, name: str) -> None:
    """Remove a column; nothing happens if it is gone already."""
    with writing(user_database(workspace)) as con:
        con.execute(*_delete(data_kind, split, name))
        detail = {"data_kind": data_kind, "split": split, "column": name}
        con.execute(
            "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', 'column removed', ?)",
            [json.dumps(detail, ensure_ascii=False)],
        )


def _delete(data_kind: str, split: str, name: str) -> tuple[str, list[object]]:
    return "DELETE FROM item_columns WHERE data_kind = ? AND split = ? AND name = ?", [data_kind, split, name]
