"""The tables of many run folders as the few tables of the reference results.

Rows are sorted by run (in the order given) and by the key of their table, and nothing that changes with the day or
the machine is written: equal runs give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInput
from core.reference.layout import SCHEMAS, table_file
from core.reference.quantise import pack_cosines, pack_masses, pack_probabilities
from core.reference.select import SourceRun
from core.run_folder.tables import TABLES
from core.verdict.answers import PROBABILITIES

KEYS = {table.name: list(table.key) for table in TABLES}
#: Every text in a table is a name or a code: no sentence of a data set can be among them.
_NAME = re.compile(r"[A-Za-z0-9_@./:+-]{0,100}")


def pack_tables(runs: Sequence[SourceRun]) -> dict[str, pa.Table]:
    """The packed tables by name, each with the columns of `SCHEMAS`.

    Raises `BadInput`, naming the file, for a table that cannot be read or that holds free text.
    """
    found = {name: [_read(run, name) for run in runs] for name in KEYS}
    plans = pd.concat(found["plans"], ignore_index=True)
    cells = pd.concat(found["plan_cells"], ignore_index=True)
    cells["plan"] = _rows_of(plans, cells)
    cells["mass"] = pack_masses(cells["mass"].to_numpy())
    rankings = pd.concat(found["rankings"], ignore_index=True)
    rankings["score"] = pack_cosines(rankings["score"].to_numpy())
    packed = {
        "predictions": _predictions(found["predictions"]),
        "robust": _predictions(found["robust"]),
        "scores": pd.concat(found["scores"], ignore_index=True),
        "curves": pd.concat(found["curves"], ignore_index=True),
        "plans": plans,
        "plan_cells": cells,
        "rankings": rankings,
    }
    return {name: _table(name, rows) for name, rows in packed.items()}


def _predictions(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat(parts, ignore_index=True)
    steps, predicted = pack_probabilities(rows[list(PROBABILITIES)].to_numpy())
    return rows.assign(predicted=predicted, **{name: steps[:, k] for k, name in enumerate(PROBABILITIES)})


def write_table(folder: Path, name: str, table: pa.Table) -> Path:
    """Write `<folder>/<name>.parquet`, always with the same settings."""
    counted = [f for f in ("item_id", "plan", "step", "query_id") if f in table.column_names]
    path = folder / table_file(name)
    pq.write_table(
        table, path, compression="zstd", compression_level=19, write_statistics=False, row_group_size=1 << 20,
        use_dictionary=[column for column in table.column_names if column not in counted],
        column_encoding={column: "DELTA_BINARY_PACKED" for column in counted},
    )  # fmt: skip
    return path


def _read(run: SourceRun, name: str) -> pd.DataFrame:
    """One table of a run, sorted, with `run` in front; a run without it gives no rows."""
    wanted = ["run", *_columns(name)]
    parts = [_part(path, name) for path in sorted(run.folder.glob(f"{name}*.parquet"))]
    if not parts:
        return _empty(name)
    rows = pd.concat(parts, ignore_index=True).sort_values(KEYS[name], kind="stable", ignore_index=True)
    if rows.duplicated(KEYS[name]).any():
        raise BadInput(f"{run.folder}: {table_file(name)} holds a row twice; make the run again.")
    return rows.assign(run=run.run_id)[wanted]


def _part(path: Path, name: str) -> pd.DataFrame:
    try:
        rows: pd.DataFrame = pq.ParquetFile(path).read().to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} is not a readable Parquet file; make the run again.") from error
    lacking = [column for column in _columns(name) if column not in rows]
    if lacking:
        raise BadInput(f"{path} has no column {lacking[0]!r}; make the run again.")
    for column in rows.columns[[pd.api.types.is_string_dtype(kind) for kind in rows.dtypes]]:
        for text in rows[column].unique():
            if not _NAME.fullmatch(str(text)):
                raise BadInput(f"{path}: column {column!r} holds text ({str(text)[:40]!r}); only names are shipped.")
    return rows


def _columns(name: str) -> list[str]:
    """The columns of a run's own table that go into the packed one."""
    computed = {"predictions": ("predicted",), "robust": ("predicted",), "plan_cells": ("plan",)}.get(name, ())
    own = [column for column in SCHEMAS[name].names if column not in ("run", *computed)]
    return ["plan_id", *own] if name == "plan_cells" else own


def _empty(name: str) -> pd.DataFrame:
    types = {"plan_id": pa.string(), **{field.name: field.type for field in SCHEMAS[name]}}
    columns = ["run", *_columns(name)]
    kinds = {
        c: "str" if c == "run" or pa.types.is_dictionary(types[c]) else types[c].to_pandas_dtype() for c in columns
    }
    return pd.DataFrame({c: pd.Series(dtype=kind) for c, kind in kinds.items()})


def _rows_of(plans: pd.DataFrame, cells: pd.DataFrame) -> np.ndarray:
    """The row in `plans` of each cell's plan."""
    rows = pd.MultiIndex.from_frame(plans[["run", "plan_id"]]).get_indexer(
        pd.MultiIndex.from_frame(cells[["run", "plan_id"]])
    )
    if (rows < 0).any():
        lost = cells.iloc[int(np.flatnonzero(rows < 0)[0])]
        raise BadInput(f"Run {lost['run']} has cells of a plan {lost['plan_id']!r} that it lacks; make the run again.")
    return rows.astype(np.int32)


def _table(name: str, rows: pd.DataFrame) -> pa.Table:
    schema = SCHEMAS[name]
    try:
        columns = [_array(rows[field.name], field.type) for field in schema]
    except (pa.ArrowException, OverflowError) as error:
        raise BadInput(f"{table_file(name)} holds a value that does not fit its column ({error}).") from error
    return pa.Table.from_arrays(columns, schema=schema)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        codes, names = pd.factorize(values)
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int32()), pa.array([str(n) for n in names], pa.string())
        )
    if pa.types.is_string(kind):
        return pa.array([str(value) for value in values], kind)
    return pa.array(values.to_numpy(), from_pandas=True).cast(kind, safe=not pa.types.is_floating(kind))
