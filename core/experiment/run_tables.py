"""The files of a run folder: tables as Parquet, the description as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.data.records import NLIItem
from core.evaluation.scores import Score
from core.run_folder.tables import BY_NAME

CURVES, SCORES, PREDICTIONS = (BY_NAME[name].schema for name in ("curves", "scores", "predictions"))
PLANS, PLAN_CELLS, RANKINGS = (BY_NAME[name].schema for name in ("plans", "plan_cells", "rankings"))


def write_rows(path: Path, schema: pa.Schema, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as Parquet under a schema."""
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path, compression="zstd")


def write_curves(path: Path, curves: Sequence[tuple[int, str, float]]) -> None:
    write_rows(path, CURVES, [{"step": s, "name": n, "value": v} for s, n, v in curves])


def write_scores(path: Path, scores: Sequence[Score]) -> None:
    write_rows(path, SCORES, [dataclasses.asdict(score) for score in scores])


def prediction_table(
    split: str, language: str, items: Sequence[NLIItem], probabilities: NDArray[np.float32], sealed: bool = False
) -> pa.Table:
    """One language's predictions; probabilities [n, 3] in the order of `items`. Gold is null where it is `sealed`."""
    columns = [
        pa.array([split] * len(items), pa.string()),
        pa.array([language] * len(items), pa.string()),
        pa.array([item.id for item in items], pa.int32()),
        pa.array([None if sealed else item.label for item in items], pa.int8()),
        *(pa.array(probabilities[:, k], pa.float32()) for k in range(3)),
    ]
    return pa.Table.from_arrays(columns, schema=PREDICTIONS)


def write_predictions(
    path: Path, split: str, language: str, items: Sequence[NLIItem], probabilities: NDArray[np.float32],
    sealed: bool = False,
) -> None:  # fmt: skip
    """Write one language's predictions as Parquet."""
    pq.write_table(prediction_table(split, language, items, probabilities, sealed), path, compression="zstd")


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
