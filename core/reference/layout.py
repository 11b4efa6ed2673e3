"""Where the reference results lie, and the columns of each of their files.

A column `run` names the run; what many rows share is a dictionary. Probabilities are whole steps of 1/255 that sum
to 255; masses are steps of 1/65535, cosines of 1/32767.
"""

from __future__ import annotations

import pyarrow as pa

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

_PREDICTIONS = pa.schema(
    [
        ("run", _CODE), ("split", _CODE), ("language", _CODE), ("item_id", pa.int32()), ("gold", pa.int8()),
        ("predicted", pa.int8()), ("entailment", pa.uint8()), ("neutral", pa.uint8()), ("contradiction", pa.uint8()),
    ]
)  # fmt: skip

SCHEMAS: dict[str, pa.Schema] = {
    "predictions": _PREDICTIONS,
    # The predictions behind the scores under harder inputs; `split` names the input, `language` may be a pair.
    "robust": _PREDICTIONS,
    "scores": pa.schema(
        [
            ("run", _CODE), ("name", _CODE), ("split", _CODE), ("language", _CODE), ("layer", pa.int32()),
            ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("items", pa.int32()),
        ]
    ),
    "curves": pa.schema([("run", _CODE), ("name", _CODE), ("step", pa.int32()), ("value", pa.float32())]),
    "plans": pa.schema(
        [
            ("run", _CODE), ("plan_id", pa.string()), ("layer", pa.int32()), ("source_language", _CODE),
            ("target_language", _CODE), ("origin", _CODE), ("tokens_source", pa.int32()),
            ("tokens_target", pa.int32()), ("epsilon", pa.float32()), ("cost", pa.float32()),
            ("entropy", pa.float32()), ("kept_mass", pa.float32()), ("threshold", pa.float64()),
        ]
    ),
    # `plan` is the row of the plan in plans.parquet, counted from 0.
    "plan_cells": pa.schema([("plan", pa.int32()), ("i", pa.uint16()), ("j", pa.uint16()), ("mass", pa.uint16())]),
    "rankings": pa.schema(
        [
            ("run", _CODE), ("collection", _CODE), ("query_language", _CODE), ("candidate_language", _CODE),
            ("query_id", pa.int32()), ("rank", pa.int32()), ("candidate_id", pa.int32()), ("score", pa.int16()),
        ]
    ),
}  # fmt: skip


def table_file(name: str) -> str:
    """`predictions` to `predictions.parquet`."""
    return f"{name}.parquet"
