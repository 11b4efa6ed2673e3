"""What a study's stored runs give to those who pass them on: everything that cards and bundles are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from core.config import content_hash
from core.experiment.studies.schema import Benchmark, Study
from core.verdict.answers import Clusters

#: Of a run's configuration: what may differ between the seeds of one arm.
_OF_THE_SEED = ("seed", "warm_start")


@dataclass(frozen=True)
class BenchmarkPredictions:
    """The predictions of a study's runs on one benchmark: run_id, arm, seed, language, item_id, gold and the
    probabilities. `clusters` gives each item id the number of its cluster."""

    benchmark: Benchmark
    predictions: pd.DataFrame
    clusters: Clusters

    @cached_property
    def _rows(self) -> dict[str, Any]:
        """The places of each run's rows."""
        return {str(run): rows for run, rows in self.predictions.groupby("run_id", sort=False).indices.items()}

    def of_run(self, run_id: str) -> pd.DataFrame:
        """One run's rows, with the columns benchmark and cluster."""
        rows = self.predictions.iloc[self._rows.get(run_id, [])].reset_index(drop=True)
        of_run: pd.DataFrame = rows.assign(
            benchmark=self.benchmark.name, cluster=self.clusters(rows["item_id"].to_numpy())
        )
        return of_run


@dataclass(frozen=True)
class StudyResults:
    """A study with its finished runs.

    `text` is the study's file and `lock` its lock's, "" where there is none. `records` are the runs' run.json, in
    order. `benchmarks` are what they answered; `robust` the same under harder inputs, with a column `split` that names
    the input; `scores` has run_id, arm, seed, name, split, language, layer, value, low, high and items. `collapsed`
    says of the runs that were measured whether they have collapsed. `answers` is what is printed of the study: an
    answer sheet where its method is "first", else `questions` and `skipped`. `missing` names the runs that are not in.
    """

    study: Study
    text: str
    lock: str
    records: tuple[Mapping[str, Any], ...]
    benchmarks: tuple[BenchmarkPredictions, ...]
    robust: pd.DataFrame
    scores: pd.DataFrame
    collapsed: Mapping[str, bool]
    answers: Mapping[str, Any]
    missing: Sequence[str] = ()

    @property
    def run_ids(self) -> list[str]:
        """The runs, in order."""
        return [str(record["run_id"]) for record in self.records]


def arm_id(config: Mapping[str, Any]) -> str:
    """What is the same for all seeds of one arm, on any machine: a hash of the configuration without seed and start.

    >>> arm_id({"arm": "transport", "seed": 0}) == arm_id({"arm": "transport", "seed": 1, "warm_start": "a1"})
    True
    """
    return content_hash({key: value for key, value in config.items() if key not in _OF_THE_SEED})
