"""Which benchmarks stored runs were read on: each a name in the column `split` of predictions and scores.

XNLI's splits have their own names ("test"); another benchmark's are NAME.SPLIT. What a run read stands in its
configuration, so that nothing is stored twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from core.data.records import LABELS

#: XNLI's splits in order of preference: where the test split is stored, nothing else is judged on.
SPLITS = ("test", "validation", "train")


@dataclass(frozen=True)
class StoredBenchmark:
    """A benchmark as runs read it: `split` is what its predictions are stored under."""

    name: str
    split: str
    labels: tuple[str, ...] = LABELS
    source_language: str = "en"
    is_xnli: bool = True

    @property
    def sentence(self) -> str:
        """What is shown of it, where that is not XNLI; "" where it is."""
        if self.is_xnli:
            return ""
        text = f"{self.split} is the benchmark {self.name} of a study, not XNLI; its items are shown by number."
        if len(self.labels) == 2:
            text += (
                f" It has two labels, {' and '.join(self.labels)}: the second is shown as neutral, and chance is 50.0."
            )
        return text


def stored_benchmarks(runs: pd.DataFrame) -> dict[str, StoredBenchmark]:
    """Stored split to benchmark, of `runs` (rows with a column config), in the order of their study."""
    found: dict[str, StoredBenchmark] = {}
    for config in runs["config"]:
        readings = (json.loads(config).get("evaluation") or {}).get("benchmarks") or []
        for one in readings if isinstance(readings, list) else []:
            try:
                is_xnli = one["source"] == "xnli"
                split = str(one["split"]) if is_xnli else f"{one['name']}.{one['split']}"
                labels = tuple(str(label) for label in one["labels"])
                made = StoredBenchmark(str(one["name"]), split, labels, str(one["source_language"]), is_xnli)
            except (KeyError, TypeError):  # of somebody's own making: its predictions are shown as they are
                continue
            found.setdefault(split, made)
    return found


def stored_benchmark(runs: pd.DataFrame, split: str) -> StoredBenchmark:
    """The benchmark of a stored split; XNLI's where the runs name none."""
    is_xnli = "." not in split
    plain = StoredBenchmark("xnli" if is_xnli else split.split(".")[0], split, is_xnli=is_xnli)
    return stored_benchmarks(runs).get(split, plain)


def order_splits(runs: pd.DataFrame, stored: Iterable[str]) -> list[str]:
    """The stored splits, the one that is judged on first: as the runs' study names them, else XNLI's in the order of
    `SPLITS`, else by name."""
    there = sorted(set(stored))
    order = [*stored_benchmarks(runs), *SPLITS]
    return sorted(there, key=lambda split: order.index(split) if split in order else len(order))


def data_kind(runs: pd.DataFrame, split: str) -> str:
    """What the numbers of a stored split are of: the runs' data kind, "own" where the benchmark is not XNLI."""
    kind = str(runs["data_kind"].iloc[0])
    return kind if kind == "starter" or stored_benchmark(runs, split).is_xnli else "own"
