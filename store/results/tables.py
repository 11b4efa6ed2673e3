"""The Parquet tables of a run folder: their columns, their keys, and reading one with every type checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import BadInput


@dataclass(frozen=True)
class TableSpec:
    """One Parquet file. `key` identifies a row and is the order rows are stored in; `optional` may be NaN."""

    name: str
    columns: tuple[tuple[str, pa.DataType], ...]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.parquet"


_S, _I, _D, _F = pa.string(), pa.int32(), pa.float64(), pa.float32()

_PREDICTIONS = (
    ("split", _S), ("language", _S), ("item_id", _I), ("gold", pa.int8()),
    ("entailment", _F), ("neutral", _F), ("contradiction", _F),
)  # fmt: skip

SPECS: tuple[TableSpec, ...] = (
    TableSpec("curves", (("step", _I), ("name", _S), ("value", _D)), ("name", "step")),
    TableSpec(
        "scores",
        (
            ("name", _S), ("split", _S), ("language", _S), ("layer", _I),
            ("value", _D), ("low", _D), ("high", _D), ("items", _I),
        ),
        ("name", "split", "language", "layer"),
        optional=("low", "high"),
    ),
    TableSpec("predictions", _PREDICTIONS, ("split", "language", "item_id")),
    TableSpec("robust", _PREDICTIONS, ("split", "language", "item_id")),
    TableSpec(
        "plans",
        (
            ("plan_id", _S), ("layer", _I), ("source_language", _S), ("target_language", _S), ("origin", _S),
            ("tokens_source", _I), ("tokens_target", _I), ("epsilon", _D), ("cost", _D), ("entropy", _D),
            ("kept_mass", _D), ("threshold", _D),
        ),
        ("plan_id",),
    ),
    TableSpec("plan_cells", (("plan_id", _S), ("i", _I), ("j", _I), ("mass", _F)), ("plan_id", "i", "j")),
    TableSpec(
        "rankings",
        (
            ("collection", _S), ("query_language", _S), ("candidate_language", _S), ("query_id", _I),
            ("rank", _I), ("candidate_id", _I), ("score", _F),
        ),
        ("collection", "query_language", "candidate_language", "query_id", "rank"),
    ),
)  # fmt: skip


def read_table(path: Path, spec: TableSpec) -> pa.Table:
    """The table in `path` with exactly `spec`'s columns and types, sorted by its key.

    Wider integers and floats are narrowed if every value fits; other columns are left out. NaN becomes null
    in optional columns. Raises `BadInput`, naming the file, for an unreadable file, a missing or mistyped
    column, an empty or infinite value, or two rows with one key.
    """
    try:
        found = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadInput(f"{path} is not a readable Parquet file; copy the run folder again.") from error
    missing = [name for name, _ in spec.columns if name not in found.column_names]
    if missing:
        there = ", ".join(found.column_names)[:200]
        raise BadInput(f"{path} has no column {missing[0]!r}; its columns are {there}.")
    columns = [_column(path, spec, found, name, kind) for name, kind in spec.columns]
    table = pa.table(columns, names=[name for name, _ in spec.columns])
    keys = table.select(list(spec.key)).to_pandas()
    repeated = keys.duplicated().to_numpy()
    if repeated.any():
        row = int(np.flatnonzero(repeated)[0])
        told = ", ".join(f"{name} {keys[name].iloc[row]}" for name in spec.key)
        raise BadInput(f"{path}, row {row + 1}: a second row for {told}; each may stand there once.")
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in spec.key])).combine_chunks()


def _column(path: Path, spec: TableSpec, found: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    column = found.column(name).combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not _same_family(column.type, kind):
        raise BadInput(f"{path}: column {name!r} is {column.type}, but should be {kind}.")
    try:
        column = column.cast(kind)
    except pa.ArrowInvalid as error:
        raise BadInput(f"{path}: column {name!r} holds a value that does not fit {kind}.") from error
    if name in spec.optional:
        return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    good = pc.is_finite(column) if pa.types.is_floating(kind) else pc.is_valid(column)
    wrong = np.flatnonzero(~np.asarray(pc.fill_null(good, False)))
    if len(wrong):
        raise BadInput(f"{path}, row {wrong[0] + 1}: {name!r} is empty or not a finite number.")
    return column


def _same_family(found: pa.DataType, wanted: pa.DataType) -> bool:
    is_text = pa.types.is_string(found) or pa.types.is_large_string(found)
    if pa.types.is_string(wanted):
        return bool(is_text)
    if pa.types.is_integer(wanted):
        return bool(pa.types.is_integer(found))
    return bool(pa.types.is_floating(found))


def content_hash(table: pa.Table) -> str:
    """SHA-256 of what a table of `read_table` says, however its file was written."""
    digest = hashlib.sha256(str(table.num_rows).encode())
    for name in table.column_names:
        column = table.column(name)
        digest.update(f"\n{name} {column.type}\n".encode())
        if pa.types.is_string(column.type):
            digest.update(pc.binary_length(column).to_numpy().tobytes())
            digest.update("".join(column.to_pylist()).encode())
        else:
            digest.update(np.ascontiguousarray(column.to_numpy()).tobytes())
    return digest.hexdigest()
