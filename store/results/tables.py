"""Reading a Parquet table of a run folder, declared in `core.run_folder.tables`, with every type checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import BadInput
from core.run_folder.files import COPY_AGAIN
from core.run_folder.tables import RunTable

#: Rows that a table may have: a small file can claim billions of equal ones. A whole run has about a million.
MOST_ROWS = 20_000_000


def read_table(path: Path, spec: RunTable) -> pa.Table:
    """The table in `path` with exactly `spec`'s columns and types, sorted by its key.

    Wider integers and floats are narrowed if every value fits; other columns are left out. NaN becomes null
    in optional columns. Raises `BadInput`, naming the file, for an unreadable file, a missing, repeated or mistyped
    column, an empty or infinite value, or two rows with one key.
    """
    found = _read(path, spec)
    columns = [_column(path, spec, found, name, kind) for name, kind in spec.columns]
    table = pa.table(columns, names=[name for name, _ in spec.columns])
    keys = table.select(list(spec.key)).to_pandas()
    repeated = keys.duplicated().to_numpy()
    if repeated.any():
        row = int(np.flatnonzero(repeated)[0])
        key = ", ".join(f"{name} {printable(keys[name].iloc[row])}" for name in spec.key)
        raise BadInput(f"{path}, row {row + 1}: a second row for {key}; each may stand there once.")
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in spec.key])).combine_chunks()


def printable(value: object) -> str:
    """A value of a table as it can stand in a sentence: on one line, and no longer than that takes."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= 60 else f"{text[:59]}…"


def _read(path: Path, spec: RunTable) -> pa.Table:
    """`spec`'s columns as they are in the file."""
    if not path.is_file():
        raise BadInput(f"{path} is not a file; {COPY_AGAIN}.")
    try:
        with pq.ParquetFile(path) as file:
            there, rows = list(file.schema_arrow.names), file.metadata.num_rows
            for name, _ in spec.columns:
                if name not in there:
                    known = printable(", ".join(there)[:200])
                    raise BadInput(f"{path} has no column {name!r}; its columns are {known}.")
                if there.count(name) > 1:
                    raise BadInput(f"{path} has the column {name!r} twice; {COPY_AGAIN}.")
            if rows > MOST_ROWS:
                raise BadInput(f"{path} claims {rows:,} rows, more than the {MOST_ROWS:,} that are read; {COPY_AGAIN}.")
            return file.read(columns=[name for name, _ in spec.columns])
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise BadInput(f"{path} is not a readable Parquet file; {COPY_AGAIN}.") from error


def _column(path: Path, spec: RunTable, found: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    try:
        column = found.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # no chunk at all
            column = pa.array([], column.type)
        column.validate(full=True)  # text that is not UTF-8, indices that point nowhere
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if not _same_family(column.type, kind):
            raise BadInput(f"{path}: column {name!r} is {printable(column.type)}, but should be {kind}.")
    except (pa.ArrowException, ValueError) as error:
        raise BadInput(f"{path}: column {name!r} holds values that cannot be read; {COPY_AGAIN}.") from error
    try:
        column = column.cast(kind)
    except pa.ArrowException as error:
        raise BadInput(f"{path}: column {name!r} holds a value that does not fit {kind}.") from error
    if name in spec.optional:
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        good = pc.fill_null(pc.is_finite(column), True)
    else:
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
