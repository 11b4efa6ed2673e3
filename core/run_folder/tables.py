"""The tables of a run folder: their columns, keys and types, declared once.

Training writes them (`core.experiment.run_tables`), the store reads and keeps them (`store.results.tables`), and the
packed form of the results that ship is derived from them (`core.reference.layout`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from core.data.records import LABELS

RECORD = "run.json"


@dataclass(frozen=True)
class RunTable:
    """One Parquet file. `key` identifies a row and is the order rows are stored in; `optional` may be NaN."""

    name: str
    columns: tuple[tuple[str, pa.DataType], ...]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """`predictions.parquet` for `predictions`."""
        return f"{self.name}.parquet"

    @property
    def schema(self) -> pa.Schema:
        """The columns as they stand in the file."""
        return pa.schema(list(self.columns))

    @property
    def text(self) -> tuple[str, ...]:
        """The columns that hold names and codes."""
        return tuple(name for name, kind in self.columns if pa.types.is_string(kind))


_S, _I, _D, _F = pa.string(), pa.int32(), pa.float64(), pa.float32()

_PREDICTIONS = (
    ("split", _S), ("language", _S), ("item_id", _I), ("gold", pa.int8()), *((label, _F) for label in LABELS),
)  # fmt: skip

TABLES: tuple[RunTable, ...] = (
    RunTable("curves", (("step", _I), ("name", _S), ("value", _D)), ("name", "step")),
    RunTable(
        "scores",
        (
            ("name", _S), ("split", _S), ("language", _S), ("layer", _I),
            ("value", _D), ("low", _D), ("high", _D), ("items", _I),
        ),
        ("name", "split", "language", "layer"),
        optional=("low", "high"),
    ),
    RunTable("predictions", _PREDICTIONS, ("split", "language", "item_id")),
    # The predictions behind the scores under harder inputs; `split` names the input, `language` may be a pair.
    RunTable("robust", _PREDICTIONS, ("split", "language", "item_id")),
    RunTable(
        "plans",
        (
            ("plan_id", _S), ("layer", _I), ("source_language", _S), ("target_language", _S), ("origin", _S),
            ("tokens_source", _I), ("tokens_target", _I), ("epsilon", _D), ("cost", _D), ("entropy", _D),
            ("kept_mass", _D), ("threshold", _D),
        ),
        ("plan_id",),
    ),
    RunTable("plan_cells", (("plan_id", _S), ("i", _I), ("j", _I), ("mass", _F)), ("plan_id", "i", "j")),
    RunTable(
        "rankings",
        (
            ("collection", _S), ("query_language", _S), ("candidate_language", _S), ("query_id", _I),
            ("rank", _I), ("candidate_id", _I), ("score", _F),
        ),
        ("collection", "query_language", "candidate_language", "query_id", "rank"),
    ),
)  # fmt: skip

#: The same by name.
BY_NAME: dict[str, RunTable] = {table.name: table for table in TABLES}
