"""The tables of a bundle, as pandas and numpy alone read them: labels a row an item, runs in columns; scores; runs."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.exchange.results import BenchmarkPredictions
from core.languages import sort_codes
from core.verdict.answers import PROBABILITIES

#: What an item is, before the columns of the runs.
ITEM = ("benchmark", "language", "item_id", "cluster", "gold")
_KEY = ["language", "item_id"]


def wide_labels(parts: Sequence[BenchmarkPredictions], labels: bool = True) -> pd.DataFrame:
    """`ITEM` and a column a run with its most probable label; empty where a run has no answer.

    Without `labels` gold is 1 everywhere and a run's column says whether it was right: then no label of the benchmark
    is passed on.
    """
    runs = list(dict.fromkeys(run for part in parts for run in part.predictions["run_id"].unique()))
    tables = [_wide(part, labels) for part in parts if len(part.predictions)]
    whole = pd.concat(tables, ignore_index=True)
    return whole[[*ITEM, *runs]].astype({name: "Int8" for name in ("gold", *runs)})


def _wide(part: BenchmarkPredictions, labels: bool) -> pd.DataFrame:
    gold = part.predictions["gold"].to_numpy(np.int64)
    label = part.predictions[list(PROBABILITIES)].to_numpy().argmax(1)
    values = part.predictions[["run_id", *_KEY]].assign(
        gold=gold if labels else 1, label=label if labels else (label == gold).astype(int)
    )
    table = values.pivot(index=_KEY, columns="run_id", values="label").rename_axis(columns=None)
    table.insert(0, "gold", values.drop_duplicates(_KEY).set_index(_KEY)["gold"])
    table = table.reindex(sort_codes([str(code) for code in values["language"].unique()]), level="language")
    table = table.reset_index()
    return table.assign(benchmark=part.benchmark.name, cluster=part.clusters(table["item_id"].to_numpy()))


def wide_agreement(parts: Sequence[BenchmarkPredictions], source: str) -> pd.DataFrame:
    """As `wide_labels` without labels: 1 where a run gives an item the label that it gives it in the language `source`,
    else 0; rows of other languages alone."""
    wide = wide_labels(parts)
    runs = list(wide.columns[len(ITEM) :])
    there = wide["language"] == source
    others, same = wide[~there].copy(), wide[there].set_index(["benchmark", "item_id"])[runs]
    beside = same.reindex(pd.MultiIndex.from_frame(others[["benchmark", "item_id"]])).set_axis(others.index)
    others[runs] = (others[runs] == beside).astype("Int8")
    return others.assign(gold=1).reset_index(drop=True)


def dense_probabilities(parts: Sequence[BenchmarkPredictions], wide: pd.DataFrame) -> NDArray[np.float32]:
    """[runs, rows, labels] in the order of `wide`'s columns and rows; NaN where a run has no answer."""
    named = [part.predictions.assign(benchmark=part.benchmark.name) for part in parts]
    by_run = dict(iter(pd.concat(named, ignore_index=True).groupby("run_id", sort=False)))
    rows = pd.MultiIndex.from_frame(wide[["benchmark", *_KEY]])
    return np.stack(
        [
            by_run[run].set_index(["benchmark", *_KEY])[list(PROBABILITIES)].reindex(rows).to_numpy(np.float32)
            for run in wide.columns[len(ITEM) :]
        ]
    )


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as UTF-8 CSV with lines that end in a line feed; floats as Python writes them, unknown ones empty."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def gzip_bytes(content: bytes) -> bytes:
    """Compressed; the same content gives the same bytes."""
    return gzip.compress(content, 6, mtime=0)


def npz_bytes(probabilities: NDArray[np.float32]) -> bytes:
    """`probabilities` as numpy's compressed archive, which `numpy.load` reads without pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, probabilities=probabilities)
    return buffer.getvalue()
