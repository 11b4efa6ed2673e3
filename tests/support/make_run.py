"""Synthetic run folders of the format training writes, for tests of the store and of what reads it. The one place that
writes them: `synthetic_runs` (for pages) and `generated_reference` (for the export) bring their own tables and record.

The numbers are drawn, so they mean nothing; they are the same for the same arm, seed and sizes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LANGUAGES = ("en", "tr", "sw", "xx")
LABELS = ("entailment", "neutral", "contradiction")


def make_run_id(arm: str, seed: int, group: str = "embedded xnli small") -> str:
    return hashlib.sha256(f"{arm} {seed} {group}".encode()).hexdigest()[:12]


def make_record(
    arm: str = "transport", seed: int = 0, group: str = "embedded xnli small", **more: Any
) -> dict[str, Any]:
    """A run.json; `more` replaces or adds keys."""
    record: dict[str, Any] = {
        "format": 1,
        "run_id": make_run_id(arm, seed, group),
        "arm": arm,
        "seed": seed,
        "preset": "small",
        "group": group,
        "encoder": "embedded",
        "encoder_sha256": "ab" * 32,
        "data_kind": "xnli",
        "warm_start": None,
        "config": {"arm": arm, "seed": seed, "data": {"pairs": 64}},
        "created": f"2026-11-0{seed % 9 + 1}T10:00:00+00:00",
        "seconds": 12.5,
        "updates": 40,
        "tokens_forward": 40_000,
        "tokens_backward": 30_000,
        "nli_pairs": 640,
        "bitext_pairs": 320,
        "took": True,
        "took_sentence": "The bitext cost fell from 0.40 to 0.30.",
        "versions": {"torch": "2.13.0"},
        "machine": {"cpus": 2},
    }
    return record | more


def make_predictions(
    rng: np.random.Generator, languages: Sequence[str], items: int, split: str = "test"
) -> pd.DataFrame:
    """`items` predictions in each language; gold is item_id mod 3."""
    logits = rng.normal(size=(len(languages) * items, 3))
    ids = np.tile(np.arange(items), len(languages))
    logits[np.arange(len(ids)), ids % 3] += 0.8
    return prediction_table(split, np.repeat(list(languages), items), ids, ids % 3, logits)


def prediction_table(
    split: str, languages: np.ndarray, items: np.ndarray, gold: np.ndarray, logits: np.ndarray
) -> pd.DataFrame:
    """The table `predictions`: a row for each of `logits` [n, 3], its probabilities their softmax."""
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return pd.DataFrame(
        {
            "split": split,
            "language": languages,
            "item_id": items.astype(np.int32),
            "gold": gold.astype(np.int8),
            **{name: probabilities[:, k].astype(np.float32) for k, name in enumerate(LABELS)},
        }
    )


def make_tables(
    arm: str = "transport",
    seed: int = 0,
    languages: Sequence[str] = LANGUAGES,
    items: int = 30,
    plans: int = 3,
) -> dict[str, pd.DataFrame]:
    """Every Parquet table of a run, by name."""
    rng = np.random.default_rng([seed, *arm.encode()])
    steps = np.arange(0, 40, 10, dtype=np.int32)
    names = ("task_loss", "transport_token")
    curves = pd.DataFrame(
        {
            "step": np.tile(steps, len(names)),
            "name": np.repeat(names, len(steps)),
            "value": rng.random(len(names) * len(steps)),
        }
    )
    score_rows = [("accuracy", "test", code, -1, rng.uniform(33, 90)) for code in languages]
    score_rows += [("language_probe", "held_out", "", layer, rng.uniform(5, 99)) for layer in range(3)]
    scores = pd.DataFrame(score_rows, columns=["name", "split", "language", "layer", "value"])
    scores = scores.assign(low=scores["value"] - 1, high=scores["value"] + 1, items=items)
    scores.loc[scores["name"] == "language_probe", ["low", "high"]] = np.nan
    plan_rows, cells = [], []
    for number in range(plans):
        n, m = int(rng.integers(2, 6)), int(rng.integers(2, 6))
        mass = rng.dirichlet(np.ones(n * m)).reshape(n, m).astype(np.float32)
        kept = np.argwhere(mass > 0.02)
        name = f"plan-{number}"
        cells += [(name, i, j, mass[i, j]) for i, j in kept]
        total = float(mass[mass > 0.02].sum())
        plan_rows.append((name, 3, "en", "sw", f"starter/sentences/test/{number}", n, m, 0.05, 0.3, 0.4, total, 0.02))
    rankings = pd.DataFrame(
        [
            ("starter", language, "en", query, rank, (query * 7 + rank) % 50, 1 - rank / 20)
            for language in languages[1:]
            for query in range(3)
            for rank in range(1, 11)
        ],
        columns=[
            "collection", "query_language", "candidate_language", "query_id", "rank", "candidate_id", "score",
        ],
    )  # fmt: skip
    plan_columns = [
        "plan_id", "layer", "source_language", "target_language", "origin", "tokens_source", "tokens_target",
        "epsilon", "cost", "entropy", "kept_mass", "threshold",
    ]  # fmt: skip
    return {
        "curves": curves,
        "scores": scores.astype({"layer": "int32", "items": "int32"}),
        "predictions": make_predictions(rng, languages, items),
        "plans": pd.DataFrame(plan_rows, columns=plan_columns),
        "plan_cells": pd.DataFrame(cells, columns=["plan_id", "i", "j", "mass"]),
        "rankings": rankings,
    }


def write_table(folder: Path, name: str, table: pd.DataFrame | pa.Table, **options: Any) -> Path:
    """Write `<folder>/<name>.parquet`; `options` go to pyarrow's writer."""
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(table, folder / f"{name}.parquet", **options)
    return folder / f"{name}.parquet"


def write_run(
    parent: Path,
    arm: str = "transport",
    seed: int = 0,
    *,
    tables: dict[str, pd.DataFrame] | None = None,
    languages: Sequence[str] = LANGUAGES,
    items: int = 30,
    **record: Any,
) -> Path:
    """Write the run folder `<parent>/<run_id>` and return it; `tables` replaces the drawn ones."""
    description = make_record(arm, seed, **record)
    folder = parent / description["run_id"]
    folder.mkdir(parents=True)
    chosen = make_tables(arm, seed, languages, items) if tables is None else tables
    for name, table in chosen.items():
        write_table(folder, name, table)
    (folder / "run.json").write_text(json.dumps(description, indent=1), encoding="utf-8")
    return folder
