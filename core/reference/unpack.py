"""The reference results read back: the tables of all runs, in the columns that a run folder has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInput
from core.reference.layout import ADAPTERS, RUNS, SCHEMAS, table_file
from core.reference.manifest import Manifest, check_sums, read_manifest
from core.reference.quantise import unpack_cosines, unpack_masses, unpack_probabilities
from core.run_folder.tables import BY_NAME
from core.strict_json import read_json
from core.verdict.answers import PROBABILITIES

_AGAIN = "get the reference results again"


@dataclass(frozen=True)
class Reference:
    """The reference results of `folder`; `records` are the runs' run.json in the manifest's order."""

    folder: Path
    manifest: Manifest
    records: tuple[dict[str, Any], ...]

    def table(self, name: str) -> pa.Table:
        """One table of all runs: `run_id`, then a run's own columns; of predictions also `predicted`.

        Raises `BadInput` if the file is not the one of the manifest, or contradicts itself.
        """
        return _UNPACK.get(name, _plain)(self, name)

    def predictions(self, split: str) -> pd.DataFrame:
        """run_id, arm, seed, language, item_id, gold, predicted and the probabilities of one split, for statistics."""
        table = self.by_arm("predictions")
        return table[table["split"] == split].drop(columns="split").reset_index(drop=True)

    def by_arm(self, name: str) -> pd.DataFrame:
        """A table that has a language, of all runs, with arm and seed, for statistics; text as `str`."""
        runs = pd.DataFrame(
            [(r["run_id"], r["arm"], r["seed"]) for r in self.records], columns=["run_id", "arm", "seed"]
        )
        table: pd.DataFrame = self.table(name).to_pandas()
        text = {column: "str" for column in ("run_id", "name", "split", "language") if column in table}
        return table.astype(text).merge(runs, on="run_id", validate="many_to_one")

    def weights(self, run_id: str) -> Path:
        """The folder that holds the run's adapter and its settings, if it has weights of its own."""
        return self.folder / ADAPTERS / run_id

    def packed(self, name: str) -> pa.Table:
        """The table as it is stored, after its sum was checked."""
        problems = check_sums(self.folder, [table_file(name)])
        if problems:
            raise BadInput(problems[0])
        path = self.folder / table_file(name)
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
                if schema.names != SCHEMAS[name].names:
                    raise BadInput(f"{path} has other columns than this Isogloss reads; update Isogloss.")
                table = file.read()
            table.validate(full=True)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            raise BadInput(f"{path} is not a readable Parquet file; {_AGAIN}.") from error
        for field in SCHEMAS[name]:
            if schema.field(field.name).type != field.type:
                raise BadInput(f"{path}: column {field.name!r} is of another type than {field.type}; {_AGAIN}.")
            if table.column(field.name).null_count and field.name not in BY_NAME[name].optional:
                raise BadInput(f"{path}: column {field.name!r} has empty cells; {_AGAIN}.")
        return table


def read_reference(folder: Path) -> Reference:
    """The reference results in `folder`; tables are read when asked for.

    Raises `MissingData` if there are none, `BadInput` if the list of runs is not the one of the manifest.
    """
    manifest = read_manifest(folder)
    problems = check_sums(folder, [RUNS])
    if problems:
        raise BadInput(problems[0])
    records = read_json(folder / RUNS, _AGAIN)
    if not isinstance(records, list) or not all(
        isinstance(record, dict) and {"run_id", "arm", "seed"} <= record.keys() for record in records
    ):
        raise BadInput(f"{folder / RUNS} is no list of runs with identifier, arm and seed; {_AGAIN}.")
    if [record["run_id"] for record in records] != list(manifest.runs):
        raise BadInput(f"{folder / RUNS} lists other runs than the manifest; {_AGAIN}.")
    return Reference(folder, manifest, tuple(records))


def _named(table: pa.Table) -> pa.Table:
    return table.rename_columns(["run_id" if name == "run" else name for name in table.column_names])


def _plain(reference: Reference, name: str) -> pa.Table:
    return _named(reference.packed(name))


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _predictions(reference: Reference, name: str) -> pa.Table:
    table = _named(reference.packed(name))
    for column in ("gold", "predicted"):
        labels = table.column(column).to_numpy()
        if len(labels) and not 0 <= labels.min() <= labels.max() <= 2:
            path = reference.folder / table_file(name)
            raise BadInput(f"{path}: column {column!r} holds a label other than 0, 1 and 2; {_AGAIN}.")
    steps = np.stack([table.column(label).to_numpy() for label in PROBABILITIES], axis=1)
    probabilities = unpack_probabilities(steps, table.column("predicted").to_numpy())
    for k, label in enumerate(PROBABILITIES):
        table = _with(table, label, pa.array(probabilities[:, k]))
    return table


def _plan_cells(reference: Reference, name: str) -> pa.Table:
    table = reference.packed(name)
    plans = reference.packed("plans").select(["run", "plan_id"])
    rows = table.column("plan")
    if len(table) and not 0 <= int(rows.to_numpy().min()) <= int(rows.to_numpy().max()) < len(plans):
        raise BadInput(f"{reference.folder / table_file(name)} has cells of a plan that is not there.")
    named = plans.take(rows)
    columns = [named.column("run"), named.column("plan_id"), table.column("i").cast(pa.int32())]
    mass = pa.array(unpack_masses(table.column("mass").to_numpy()))
    return pa.table([*columns, table.column("j").cast(pa.int32()), mass], names=["run_id", "plan_id", "i", "j", "mass"])


def _rankings(reference: Reference, name: str) -> pa.Table:
    table = _named(reference.packed(name))
    return _with(table, "score", pa.array(unpack_cosines(table.column("score").to_numpy())))


_UNPACK = {"predictions": _predictions, "robust": _predictions, "plan_cells": _plan_cells, "rankings": _rankings}
