"""Parquet: two columns of text, two fields of a struct or two keys of a map (`translation.en`), read in small batches.

Data sets of Hugging Face's hub hold translations as a struct, as a map, or as two lists, of languages and of texts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.bitext.limits import MAX_BYTES, MAX_LINE, MAX_PAIRS, too_many_bytes, too_many_pairs
from core.bitext.opening import Part
from core.bitext.records import Column, Found, Pair, Unreadable, trimmed
from core.errors import BadInput

_BATCH = 2000
_FAILURES = (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeDecodeError)


def columns(parts: Sequence[Part], encoding: str) -> list[Column]:
    """The columns of text. Raises `BadInput` for a file that is no Parquet or has less than two of them."""
    with _place(parts[0]) as place:
        file = _file(parts[0], place)
        if file.metadata.num_rows > MAX_PAIRS:
            raise too_many_pairs(parts[0].name)
        names = list(_text_fields(file.schema_arrow))
        for name in _maps(file.schema_arrow):
            names += [f"{name}.{key}" for key in _keys(parts[0], file, name)]
    if len(names) < 2:
        raise BadInput(f"{parts[0].name} has {len(names)} columns of text; a bitext has two.")
    return [Column(name) for name in names]


def pairs(parts: Sequence[Part], encoding: str, source: str, target: str) -> Iterator[Found]:
    """The pairs of two columns; lines are rows, from 1. A damaged batch ends the reading."""
    line, size = 0, 0
    with _place(parts[0]) as place:
        # Dictionaries stay encoded, so that one huge value repeated a million times is held once.
        file = _file(parts[0], place, [name for name in (source, target) if "." not in name])
        maps = _maps(file.schema_arrow)
        needed = {outer if (outer := name.rpartition(".")[0]) in maps else name for name in (source, target)}
        _bounded(parts[0], file, needed)
        try:
            for batch in file.iter_batches(batch_size=_BATCH, columns=sorted(needed)):
                left, right = (_column(batch, name, maps) for name in (source, target))
                for a, b in zip(left, right, strict=True):
                    line += 1
                    if a is _LONG or b is _LONG:
                        yield Unreadable(line, f"a text in it is longer than {MAX_LINE // 2**20} MB")
                        continue
                    size += len(a or "") + len(b or "")
                    if size > MAX_BYTES:
                        raise too_many_bytes(parts[0].name, decompressed=True)
                    yield Pair(line, trimmed(a or ""), trimmed(b or ""))
        except BadInput:
            raise
        except _FAILURES:
            yield Unreadable(line + 1, "the data is damaged here; no row after it could be read")


def write(out: BinaryIO, pairs: Iterator[tuple[str, str]], languages: tuple[str, str]) -> None:
    """Two columns of text, named by language, or source and target."""
    names = languages if languages[0] != languages[1] and "und" not in languages else ("source", "target")
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        waiting: list[tuple[str, str]] = []
        for pair in pairs:
            waiting.append(pair)
            if len(waiting) == 20_000:
                writer.write_table(_table(waiting, schema))
                waiting = []
        writer.write_table(_table(waiting, schema))


def _table(rows: list[tuple[str, str]], schema: pa.Schema) -> pa.Table:
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=schema)


def _bounded(part: Part, file: Any, names: set[str]) -> None:
    """Raise `BadInput` for columns that are larger than any file may be, before a page of them is decompressed."""
    metadata, size = file.metadata, 0
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(place)
            if any(chunk.path_in_schema == name or chunk.path_in_schema.startswith(f"{name}.") for name in names):
                size += max(0, chunk.total_uncompressed_size)
    if size > 2 * MAX_BYTES:  # texts come with their lengths
        raise too_many_bytes(part.name, decompressed=True)


def _maps(schema: pa.Schema) -> dict[str, str]:
    """Columns that map languages to texts: "map", or "lists" for a struct of two lists."""
    found = {}
    for field in schema:
        kind = field.type
        if pa.types.is_map(kind) and _is_text(kind.key_type) and _is_text(kind.item_type):
            found[field.name] = "map"
        elif pa.types.is_struct(kind) and {"language", "translation"} == {inner.name for inner in kind}:
            if all(pa.types.is_list(inner.type) and _is_text(inner.type.value_type) for inner in kind):
                found[field.name] = "lists"
    return found


def _keys(part: Part, file: Any, name: str) -> list[str]:
    """The languages that the first rows of such a column have, as many as may be columns."""
    _bounded(part, file, {name})
    keys: dict[str, None] = {}
    try:
        for batch in file.iter_batches(batch_size=500, columns=[name]):
            for row in _entries(batch, name, _maps(file.schema_arrow)[name]):
                keys.update((key, None) for key in row if len(keys) < 200)
            break
    except _FAILURES as error:
        raise BadInput(f"{part.name} is not a readable Parquet file; it may be cut short.") from error
    return list(keys)


def _entries(batch: pa.RecordBatch, name: str, kind: str) -> Iterator[dict[str, Any]]:
    for value in batch.column(batch.schema.get_field_index(name)).to_pylist():
        if value is None:
            yield {}
        elif kind == "map":
            yield {str(key): text for key, text in value}
        else:
            yield dict(zip(value["language"] or (), value["translation"] or (), strict=False))


def _column(batch: pa.RecordBatch, name: str, maps: dict[str, str]) -> list[Any]:
    outer, _, key = name.rpartition(".")
    if outer in maps:
        texts = (row.get(key) for row in _entries(batch, outer, maps[outer]))
        return [_LONG if text and len(text) > MAX_LINE else text for text in texts]
    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return _values(table.column(name))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


class _Long:
    """Stands for a text that is longer than a line may be."""


_LONG: Any = _Long()


def _values(column: pa.ChunkedArray) -> list[Any]:
    found: list[Any] = []
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            known = _plain(chunk.dictionary)
            found += [None if i is None else known[i] for i in chunk.indices.to_pylist()]
        else:
            found += _plain(chunk)
    return found


def _plain(texts: pa.Array) -> list[Any]:
    sizes = pc.binary_length(texts).to_pylist()
    if all(size is None or size <= MAX_LINE for size in sizes):
        return list(texts.to_pylist())
    return [_LONG if (size or 0) > MAX_LINE else texts[i].as_py() for i, size in enumerate(sizes)]


def _text_fields(schema: pa.Schema, inside: str = "") -> Iterator[str]:
    for field in schema:
        name = f"{inside}{field.name}"
        if pa.types.is_struct(field.type) and not inside:
            yield from _text_fields(pa.schema(list(field.type)), f"{name}.")
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if _is_text(kind):
            yield name


@contextmanager
def _place(part: Part) -> Iterator[Any]:
    """Where Parquet can be read with seeking: the file itself, or a temporary file of what was compressed."""
    if not (part.compression or part.member):
        yield str(part.path)
        return
    with tempfile.TemporaryFile() as spool:
        with part.open() as stream:
            shutil.copyfileobj(stream, spool)
        spool.seek(0)
        yield spool


def _file(part: Part, place: Any, dictionaries: list[str] | None = None) -> Any:
    try:
        return pq.ParquetFile(place, read_dictionary=dictionaries)
    except _FAILURES as error:
        raise BadInput(f"{part.name} is not a readable Parquet file; it may be cut short.") from error
