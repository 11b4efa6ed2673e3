"""The declaration of a run folder's tables, and what is derived from it."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from core.experiment import run_tables
from core.reference.layout import SCHEMAS
from core.reference.pack import KEYS
from core.run_folder.tables import BY_NAME, TABLES
from store.database import MIGRATIONS
from store.migrate import load_migrations

_CODE = pa.dictionary(pa.int32(), pa.string())
_SQL = {pa.string(): "VARCHAR", pa.int32(): "INTEGER", pa.int8(): "TINYINT", pa.float64(): "DOUBLE",
        pa.float32(): "FLOAT"}  # fmt: skip
#: The packed columns as the shipped files have them.
PACKED = {
    "predictions": "run split language item_id:int32 gold:int8 predicted:int8 entailment:uint8 neutral:uint8 "
    "contradiction:uint8",
    "scores": "run name split language layer:int32 value:double low:double high:double items:int32",
    "curves": "run name step:int32 value:float",
    "plans": "run plan_id:string layer:int32 source_language target_language origin tokens_source:int32 "
    "tokens_target:int32 epsilon:float cost:float entropy:float kept_mass:float threshold:double",
    "plan_cells": "plan:int32 i:uint16 j:uint16 mass:uint16",
    "rankings": "run collection query_language candidate_language query_id:int32 rank:int32 candidate_id:int32 "
    "score:int16",
}
PACKED["robust"] = PACKED["predictions"]


@pytest.mark.parametrize("name", PACKED)
def test_the_packed_form_is_that_of_the_shipped_files(name):
    shown = " ".join(f.name if f.type == _CODE else f"{f.name}:{f.type}" for f in SCHEMAS[name])
    assert shown == PACKED[name]
    assert set(SCHEMAS) == set(PACKED) == set(KEYS) == set(BY_NAME)


def test_the_store_has_the_declared_columns_and_types():
    with duckdb.connect(":memory:") as con:
        for step in load_migrations(MIGRATIONS / "results"):
            con.execute(step.sql)
        for table in TABLES:
            columns = dict(
                con.execute(
                    "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?", [table.name]
                ).fetchall()
            )
            assert columns.pop("run_id") == "VARCHAR"
            assert ("predicted" in columns) == (table.name in ("predictions", "robust"))
            columns.pop("predicted", None)
            assert columns == {name: _SQL[kind] for name, kind in table.columns}, table.name


def test_a_key_is_of_its_table_and_what_may_be_empty_is_a_number():
    for table in TABLES:
        kinds = dict(table.columns)
        assert set(table.key) <= set(kinds) and not set(table.key) & set(table.optional)
        assert all(pa.types.is_floating(kinds[name]) for name in table.optional)


def test_training_writes_the_declared_schemas():
    written = {name: getattr(run_tables, name.upper()) for name in BY_NAME if name != "robust"}
    assert all(schema == BY_NAME[name].schema for name, schema in written.items())
