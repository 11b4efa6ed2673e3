"""Predictions of another model as a run folder: the table of every run, and a record that says nothing was trained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.arms.names import ANOTHER_MODEL, OUTSIDE
from core.config import content_hash
from core.data.records import LABELS
from core.errors import BadInput
from core.exchange.outside.fitting import Mend
from core.experiment.run_tables import PREDICTIONS, write_json
from core.files import atomic_folder
from core.run_folder.files import FILES, list_files
from core.run_folder.tables import RECORD

_LONGEST = 60


def safe_name(name: str, taken: Sequence[str] = ()) -> str:
    """The arm's name of a model: what a person calls it, on one line, with "(another model)" behind it and, where that
    is taken, a number. Raises `BadInput` where nothing of it can be kept.

    >>> safe_name("mT5\\n xl"), safe_name("a", ["a (another model)"])
    ('mT5 xl (another model)', 'a 2 (another model)')
    """
    kept = "".join(c if c.isalnum() or c in " ._-+/@:" else " " for c in name)
    plain = " ".join(kept.split())[:_LONGEST].strip()
    if not any(c.isalnum() for c in plain):
        raise BadInput("The model needs a name of letters or digits, such as --name mdeberta-v3.")
    made, number = plain, 2
    while f"{made} {ANOTHER_MODEL}" in taken:
        made, number = f"{plain} {number}", number + 1
    return f"{made} {ANOTHER_MODEL}"


def write_folder(
    runs: Path, arm: str, split: str, table: pd.DataFrame, data_kind: str, benchmarks: Sequence[Mapping[str, Any]],
    source: str, mend: Mend, certain: bool,
) -> Path:  # fmt: skip
    """Write `runs`/<identity> and return it; `table` is of `core.exchange.outside.fitting.join_gold`.

    Raises `BadInput` if the folder is there already or cannot be written.
    """
    made = _table(split, table)
    digest = hashlib.sha256(table.to_csv(index=False, float_format="%.6g").encode()).hexdigest()
    config = {
        "arm": arm,
        "evaluation": {"split": split, "benchmarks": list(benchmarks)},
        "predictions": {"file": source[:200], "relabel": list(mend.relabel), "shift": mend.shift, "certain": certain,
                        "content": digest},
    }  # fmt: skip
    run_id = content_hash({OUTSIDE: digest, "split": split, "data_kind": data_kind})  # whatever it is called
    target = runs / run_id
    if target.exists():
        raise BadInput(f"These predictions are stored already, as run {run_id}; nothing was changed.")
    record = {
        "format": 1, "run_id": run_id, "arm": arm, "seed": 0, "preset": OUTSIDE, "group": f"{OUTSIDE} {run_id}",
        "encoder": ANOTHER_MODEL.strip("()"), "encoder_sha256": "none", "data_kind": data_kind, "warm_start": None,
        "config": config, "created": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": 0, "updates": 0,
        "tokens_forward": 0, "tokens_backward": 0, "nli_pairs": 0, "bitext_pairs": 0, "took": None,
        "took_sentence": "Predictions of another model: nothing was trained here, and there are no weights.",
    }  # fmt: skip
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with atomic_folder(target) as draft:
            pq.write_table(made, draft / "predictions.parquet", compression="zstd")
            write_json(draft / RECORD, record | {FILES: list_files(draft)})
    except OSError as error:
        raise BadInput(
            f"{target} cannot be written ({error.strerror}); make room, or name another workspace."
        ) from error
    return target


def _table(split: str, table: pd.DataFrame) -> pa.Table:
    columns = [
        pa.array([split] * len(table), pa.string()),
        pa.array(table["language"].astype(str), pa.string()),
        pa.array(table["item_id"].to_numpy(np.int32)),
        pa.array(table["gold"].to_numpy(np.int8)),
        *(pa.array(table[name].to_numpy(np.float32)) for name in LABELS),
    ]
    return pa.Table.from_arrays(columns, schema=PREDICTIONS)
