"""A finished run folder, read whole and checked before any of it goes into the store."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.records import LABELS
from core.errors import BadInput
from core.languages import language
from core.run_folder.files import check_files
from core.run_folder.tables import RECORD, TABLES
from store.results.run_record import read_record, record_hash
from store.results.tables import content_hash, printable, read_table

#: Tables in which a language may be a pair.
_PAIRED = ("scores", "robust")
#: How far a triple of probabilities may be from summing to one.
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class FileStamp:
    """Size and time of change of a file: equal stamps mean that the file was not touched."""

    bytes: int
    modified_ns: int


@dataclass(frozen=True)
class RunFolder:
    """A checked run: `tables` by name ("scores"), `hashes` and `stamps` by file ("scores.parquet")."""

    path: Path
    record: dict[str, Any]
    tables: dict[str, pa.Table]
    hashes: dict[str, str]
    stamps: dict[str, FileStamp]


def stamps_of(folder: Path) -> dict[str, FileStamp]:
    """The stamps of the files in `folder` that are imported, by name."""
    found = {}
    for name in (RECORD, *(table.file for table in TABLES)):
        try:
            status = (folder / name).stat()
        except OSError:
            continue
        found[name] = FileStamp(status.st_size, status.st_mtime_ns)
    return found


def read_run_folder(folder: Path) -> RunFolder:
    """Read and check `folder`. Raises `BadInput`, naming the file, for anything that should not be stored.

    A run.json that lists its files is held to them; one from before there was such a list is not.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; name a run folder, the one that holds run.json.")
    stamps = stamps_of(folder)  # before reading: a change in between is then noticed next time
    record = read_record(folder / RECORD)
    check_files(folder, record)
    hashes = {RECORD: record_hash(record)}
    tables = {}
    for spec in TABLES:
        path = folder / spec.file
        if not os.path.lexists(path):
            continue
        table = read_table(path, spec)
        _check_languages(path, table)
        if spec.name in _CHECKS:
            table = _CHECKS[spec.name](path, table)
        tables[spec.name] = table
        hashes[spec.file] = content_hash(table)
    _check_cells(folder, tables)
    return RunFolder(folder, record, tables, hashes, stamps)


def _check_languages(path: Path, table: pa.Table) -> None:
    for name in table.column_names:
        if name != "language" and not name.endswith("_language"):
            continue
        for tag in pc.unique(table.column(name)).to_pylist():
            if (tag == "" and path.stem == "scores") or (path.stem in _PAIRED and _is_pair(tag)):
                continue
            try:
                language(tag)
            except BadInput as error:
                raise BadInput(f"{path}: column {name!r}: {error}") from error


def _is_pair(tag: str) -> bool:
    """Whether a text is two language tags with a hyphen between them, premise's and hypothesis's."""
    parts = tag.split("-")
    for cut in range(1, len(parts)):
        try:
            language("-".join(parts[:cut]))
            language("-".join(parts[cut:]))
        except BadInput:
            continue
        return True
    return False


def _refuse(path: Path, table: pa.Table, wrong: np.ndarray, names: list[str], reason: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        key = ", ".join(f"{name} {printable(table.column(name)[row].as_py())}" for name in names)
        raise BadInput(f"{path}: {key}: {reason}.")


def _numpy(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table.column(name))


def _predictions(path: Path, table: pa.Table) -> pa.Table:
    key = ["split", "language", "item_id"]
    gold = _numpy(table, "gold")
    _refuse(path, table, (gold < 0) | (gold > 2), [*key, "gold"], "gold should be 0, 1 or 2")
    triples = np.stack([_numpy(table, name) for name in LABELS], axis=1)
    outside = np.asarray(((triples < 0) | (triples > 1)).any(axis=1))
    _refuse(path, table, outside, key, "a probability is not between 0 and 1")
    off = np.abs(triples.sum(axis=1, dtype=np.float64) - 1) > SUM_TOLERANCE
    _refuse(path, table, off, key, "the three probabilities do not sum to 1")
    predicted = triples.argmax(axis=1) if len(triples) else np.zeros(0)
    return table.append_column("predicted", pa.array(predicted.astype(np.int8)))


def _plans(path: Path, table: pa.Table) -> pa.Table:
    for name in ("tokens_source", "tokens_target"):
        _refuse(path, table, _numpy(table, name) < 1, ["plan_id", name], "a plan has a token on either side")
    return table


def _rankings(path: Path, table: pa.Table) -> pa.Table:
    key = ["collection", "query_id", "rank"]
    _refuse(path, table, _numpy(table, "rank") < 0, key, "a rank is not negative")
    return table


_CHECKS: dict[str, Callable[[Path, pa.Table], pa.Table]] = {
    "predictions": _predictions,
    "robust": _predictions,
    "plans": _plans,
    "rankings": _rankings,
}


def _check_cells(folder: Path, tables: dict[str, pa.Table]) -> None:
    """Every cell belongs to a plan and lies inside it."""
    if "plan_cells" not in tables:
        return
    path = folder / "plan_cells.parquet"
    if "plans" not in tables:
        raise BadInput(f"{path} has cells, but plans.parquet is missing beside it; copy the run folder again.")
    cells = tables["plan_cells"].to_pandas()
    sizes = tables["plans"].select(["plan_id", "tokens_source", "tokens_target"]).to_pandas()
    joined = cells.merge(sizes, on="plan_id", how="left", sort=False)
    names = ["plan_id", "i", "j"]
    unknown = joined["tokens_source"].isna().to_numpy()
    _refuse(path, tables["plan_cells"], unknown, names, "plans.parquet has no such plan")
    negative = (cells["mass"] < 0).to_numpy()
    _refuse(path, tables["plan_cells"], negative, names, "its mass is negative")
    outside = (joined["i"] < 0) | (joined["j"] < 0)
    outside |= (joined["i"] >= joined["tokens_source"]) | (joined["j"] >= joined["tokens_target"])
    _refuse(path, tables["plan_cells"], outside.to_numpy(), names, "the cell lies outside its plan")
