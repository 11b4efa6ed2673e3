"""A run's card: one JSON file that says what the run is and what was measured of it, and its predictions in Parquet.

A card needs nothing beside it: cards of several people and machines lie in one folder and are compared there.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import BadInput
from core.exchange.card_schema import COLUMNS, SCHEMA, VERSION, problem
from core.exchange.licences import may_pass_on
from core.exchange.results import StudyResults, arm_id
from core.experiment.studies.schema import Benchmark
from core.files import atomic_write
from core.languages import sort_codes
from core.verdict.answers import PROBABILITIES

#: Decimals of what a card's scores hold (x100): more would tell machines apart.
_DIGITS = 6


def make_card(results: StudyResults, record: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The card of one run of a study: the content of its JSON file, and the bytes of its Parquet file."""
    run_id = str(record["run_id"])
    open_ = all(may_pass_on(part.benchmark) for part in results.benchmarks)
    parts = [part.of_run(run_id) for part in results.benchmarks]
    table = pd.concat(parts, ignore_index=True)
    if table.empty:
        raise BadInput(f"The run {run_id} has no predictions on {results.study.benchmark().name}; read it first.")
    content = parquet_bytes(table, open_)
    config = dict(record.get("config") or {})
    data = dict(config.get("data") or {})
    versions = dict(record.get("versions") or {})
    card = {
        "schema": SCHEMA,
        "version": VERSION,
        "run": {
            "run_id": run_id, "study": results.study.name, "arm": str(record["arm"]), "arm_id": arm_id(config),
            "method": str(config.get("arm", record["arm"])), "role": _role(results, str(record["arm"])),
            "seed": int(record["seed"]), "recipe": record.get("recipe"), "protocol": record.get("protocol"),
            "warm_start": record.get("warm_start"), "created": str(record.get("created", "")),
            "updates": record.get("updates"), "seconds": record.get("seconds"),
            "settings": dict(config.get("settings") or {}),
        },
        "encoder": {"name": str(record.get("encoder", "")), "sha256": str(record["encoder_sha256"])},
        "data": {
            "kind": str(data.get("kind", "")), "fingerprint": str(data.get("fingerprint", "")),
            "training_pairs": record.get("nli_pairs"), "bitext_languages": list(data.get("bitext_languages") or ()),
            "bitext_pairs": record.get("bitext_pairs"),
        },
        "benchmarks": [
            _benchmark(part.benchmark, rows, results, open_)
            for part, rows in zip(results.benchmarks, parts, strict=True)
            if len(rows)
        ],
        "reading": {
            "decoding": "most probable label", "precision": str((config.get("evaluation") or {}).get("precision", "")),
            "backend": f"torch {versions['torch']}" if "torch" in versions else "", "versions": versions,
            "machine": dict(record.get("machine") or {}),
        },
        "scores": _scores(results.scores[results.scores["run_id"] == run_id]),
        "collapse": {"collapsed": results.collapsed.get(run_id)},
        "predictions": {
            "content": "labels" if open_ else "correct", "rows": len(table),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    }  # fmt: skip
    if wrong := problem(card):
        raise BadInput(f"No card can be made of run {run_id}: {wrong}; make the run again with this version.")
    return card, content


def write_card(results: StudyResults, record: Mapping[str, Any], folder: Path) -> Path:
    """Write `<run_id>.parquet` and then `<run_id>.json` into `folder`; the path of the latter."""
    card, content = make_card(results, record)
    path = folder / f"{card['run']['run_id']}.json"
    atomic_write(path.with_suffix(".parquet"), content, what=f"The card {path}", advice="name another folder")
    atomic_write(path, card_text(card), what=f"The card {path}", advice="name another folder")
    return path


def card_text(card: Mapping[str, Any]) -> str:
    """A card as the text of its file."""
    return json.dumps(card, indent=1, ensure_ascii=False) + "\n"


def parquet_bytes(table: pd.DataFrame, labels: bool) -> bytes:
    """`COLUMNS` of a run's rows (benchmark, language, item_id, cluster, gold and the probabilities), sorted; the same
    rows give the same bytes. Without `labels` they say only whether the run was right."""
    rows = table.sort_values(["benchmark", "language", "item_id"], kind="stable", ignore_index=True)
    predicted = rows[list(PROBABILITIES)].to_numpy().argmax(1)
    columns = {name: rows[name] for name in ("benchmark", "language", "item_id", "cluster")}
    columns |= {"correct": (predicted == rows["gold"].to_numpy()).astype(np.int8)}
    if labels:
        columns |= {"gold": rows["gold"], "predicted": predicted, **{name: rows[name] for name in PROBABILITIES}}
    arrays = [
        pa.array(np.asarray(columns[field.name]), field.type)
        if field.name in columns
        else pa.nulls(len(rows), field.type)
        for field in COLUMNS
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=COLUMNS), buffer, compression="zstd", write_statistics=False)
    return buffer.getvalue()


def items_sum(items: NDArray[np.integer], beside: NDArray[np.integer]) -> str:
    """SHA-256 of item ids, ascending, each with a number beside it (its cluster, its gold label)."""
    order = np.argsort(items, kind="stable")
    pairs = np.stack([items[order], beside[order]], axis=1).astype("<i8")
    return hashlib.sha256(pairs.tobytes()).hexdigest()


def _benchmark(benchmark: Benchmark, rows: pd.DataFrame, results: StudyResults, labels: bool) -> dict[str, Any]:
    by_language = dict(iter(rows.groupby("language", sort=False)))
    items = {
        code: {
            "count": len(by_language[code]),
            "sha256": items_sum(by_language[code]["item_id"].to_numpy(), by_language[code]["cluster"].to_numpy()),
            "gold_sha256": items_sum(by_language[code]["item_id"].to_numpy(), by_language[code]["gold"].to_numpy())
            if labels else None,
        }
        for code in sort_codes([str(code) for code in by_language])
    }  # fmt: skip
    return {
        "name": benchmark.name, "title": benchmark.title or benchmark.name, "split": benchmark.split,
        "labels": list(benchmark.labels), "chance": round(benchmark.chance, _DIGITS), "licence": benchmark.licence,
        "source_language": benchmark.source_language,
        "aligned": list(benchmark.aligned or results.study.bitext.languages), "items": items,
    }  # fmt: skip


def _role(results: StudyResults, arm: str) -> str:
    return next((one.role for one in results.study.arms if one.name == arm), "secondary")


def _scores(scores: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "name": str(row["name"]), "split": str(row["split"]), "language": str(row["language"]),
            "layer": int(row["layer"]), "value": round(float(row["value"]), _DIGITS), "low": _known(row["low"]),
            "high": _known(row["high"]), "items": int(row["items"]),
        }
        for row in scores.to_dict("records")
        if np.isfinite(row["value"])
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return round(float(value), _DIGITS) if np.isfinite(value) else None
