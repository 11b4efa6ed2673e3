"""Putting runs into the results and taking them out, within a transaction that somebody else opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb

from core.run_folder.tables import TABLES
from store.results.run_record import comparable, group_id, utc

_RECORD_COLUMNS = (
    "run_id", "arm", "seed", "preset", "encoder", "encoder_sha256", "data_kind", "warm_start", "seconds",
    "updates", "tokens_forward", "tokens_backward", "nli_pairs", "bitext_pairs",
)  # fmt: skip


def insert_record(con: duckdb.DuckDBPyConnection, record: dict[str, Any]) -> None:
    """The row of a checked run.json in `runs`."""
    row = {name: record[name] for name in _RECORD_COLUMNS} | {
        "comparable": comparable(record),
        "group_id": group_id(record),
        "created": utc(record["created"]),
        "took": record.get("took"),
        "took_sentence": record.get("took_sentence") or "",
        "config": json.dumps(record["config"], ensure_ascii=False),
        "record": json.dumps(record, ensure_ascii=False),
    }
    places = ", ".join("?" * len(row))
    con.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({places})", list(row.values()))


def remove_runs(con: duckdb.DuckDBPyConnection, run_ids: Sequence[str]) -> None:
    """Take runs out of every table."""
    for table in ("runs", "imports", *(table.name for table in TABLES)):
        con.execute(f"DELETE FROM {table} WHERE list_contains(?::VARCHAR[], run_id)", [list(run_ids)])
