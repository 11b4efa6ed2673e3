"""Where the reference results lie, and the columns of each of their files.

A column `run` names the run; what many rows share is a dictionary. Probabilities are whole steps of 1/255 that sum
to 255; masses are steps of 1/65535, cosines of 1/32767.
"""

from __future__ import annotations

import pyarrow as pa

from core.data.records import LABELS
from core.run_folder.tables import BY_NAME, TABLES, RunTable

FORMAT = 1
#: Megabytes (10^6 bytes) that all files together may take.
LIMIT = 60.0
RUNS = "runs.json"
VERDICT = "verdict.json"
ADAPTERS = "adapters"

PROBABILITY_STEPS = 255
MASS_STEPS = 65_535
COSINE_STEPS = 32_767

_CODE = pa.dictionary(pa.int32(), pa.string())
_STEP = pa.uint8()

#: What is stored in another type than a run folder has it in; text is a dictionary, but for `plan_id`, once a row.
_PACKED: dict[str, dict[str, pa.DataType]] = {
    **dict.fromkeys(("predictions", "robust"), dict.fromkeys(LABELS, _STEP)),
    "curves": {"value": pa.float32()},
    "plans": {
        "plan_id": pa.string(),
        **dict.fromkeys(("epsilon", "cost", "entropy", "kept_mass"), pa.float32()),
    },
    "plan_cells": dict.fromkeys(("i", "j", "mass"), pa.uint16()),
    "rankings": {"score": pa.int16()},
}


def _packed(table: RunTable) -> pa.Schema:
    """`run`, the key, the other columns of a run's own table; of predictions also `predicted`, after `gold`."""
    kinds = dict(table.columns)
    names = [*table.key, *(name for name, _ in table.columns if name not in table.key)]
    fields = [("run", _CODE)]
    for name in names:
        kind = _CODE if pa.types.is_string(kinds[name]) else kinds[name]
        fields.append((name, _PACKED.get(table.name, {}).get(name, kind)))
        if name == "gold":
            fields.append(("predicted", kinds[name]))
    if table.name == "plan_cells":
        # `plan` is the row of the plan in plans.parquet, counted from 0: it stands for the run and the plan.
        fields = [("plan", pa.int32()), *(field for field in fields if field[0] not in ("run", "plan_id"))]
    return pa.schema(fields)


SCHEMAS: dict[str, pa.Schema] = {table.name: _packed(table) for table in TABLES}


def table_file(name: str) -> str:
    """`predictions` to `predictions.parquet`."""
    return BY_NAME[name].file
