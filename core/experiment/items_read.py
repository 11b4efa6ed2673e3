"""Which NLI items a run reads: of every benchmark of its configuration, in every language that its arm reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arms.without_training import TranslateTest
from core.config import BenchmarkReading, EvaluationConfig, RunConfig
from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.errors import BadInput
from core.verdict.answers import ITEMS_A_PREMISE


@dataclass(frozen=True)
class ItemsRead:
    """What a run reads in one language of a stored split; `labels` is how many the benchmark has."""

    split: str
    language: str
    items: Sequence[NLIItem]
    labels: int
    by_premise: bool

    @property
    def clusters(self) -> NDArray[np.int64]:
        """Which items belong together, [n]: XNLI's by their ids, others by the text of the premise."""
        if not self.by_premise:
            return np.array([item.id // ITEMS_A_PREMISE for item in self.items], np.int64)
        return np.unique([item.premise for item in self.items], return_inverse=True)[1].astype(np.int64)


def items_to_read(catalog: Catalog, config: RunConfig) -> list[ItemsRead]:
    """The items of every benchmark and language that a run reads: the first so many, as its configuration says.

    Two benchmarks of one split of XNLI share what is stored of it: an item is read once. Raises `BadInput`,
    `MissingData`.
    """
    chosen: dict[tuple[str, str], ItemsRead] = {}
    translated = config.arm == TranslateTest.name
    for reading in benchmarks_read(catalog, config):
        codes = _languages(reading, config)
        if translated:
            codes = [code for code in codes if code == "en" or code in catalog.translate_test_languages()]
        for code in codes:
            limit = _limit(config.evaluation, code == reading.source_language)
            if limit == 0:
                continue
            if translated and code != "en":
                rows = catalog.translate_test(code).items
            else:
                rows = benchmark_set(catalog, reading, code)
            rows = tuple(item for item in rows if reading.includes(item.id))[:limit]
            place = reading.stored_split, code
            if place in chosen:
                rows = _together(chosen[place].items, rows)
            if rows:
                chosen[place] = ItemsRead(*place, rows, len(reading.labels), reading.source != "xnli")
    return list(chosen.values())


def benchmarks_read(catalog: Catalog, config: RunConfig) -> list[BenchmarkReading]:
    """The benchmarks that the run reads, with their languages: XNLI's split where its configuration names none.

    A benchmark of other seeds is left out; so are, for the arm that reads translated test sets, all that are not
    XNLI test. Raises `BadInput` for that arm where XNLI test is not read.
    """
    evaluation = config.evaluation
    readings = [one for one in evaluation.benchmarks if not one.seeds or config.seed in one.seeds]
    if not evaluation.benchmarks and not evaluation.english_items == evaluation.other_items == 0:
        readings = [_whole_xnli(catalog, evaluation)]
    if config.arm == TranslateTest.name:
        readings = [one for one in readings if (one.source, one.split) == ("xnli", "test")]
        if not readings:
            raise BadInput("Only XNLI test is there machine-translated: translate-test needs a study that reads it.")
    return readings


def benchmark_set(catalog: Catalog, reading: BenchmarkReading, code: str) -> tuple[NLIItem, ...]:
    """All items of a benchmark in one language. Raises `BadInput`, `MissingData`."""
    if reading.source == "xnli":
        return catalog.xnli(reading.split, code).items
    return catalog.benchmark(reading.name).sets[code].items


def parallel_items(
    catalog: Catalog, config: RunConfig, languages: Sequence[str], limit: int
) -> Mapping[str, Sequence[NLIItem]]:
    """The first `limit` items of the first benchmark that all of `languages` have, row by row the same item."""
    reading = main_reading(catalog, config)
    sets = {
        code: {item.id: item for item in benchmark_set(catalog, reading, code) if reading.includes(item.id)}
        for code in languages
    }
    if not sets:
        return {}
    shared = set.intersection(*(set(items) for items in sets.values()))
    ids = [item_id for item_id in next(iter(sets.values())) if item_id in shared][:limit]
    return {code: [items[item_id] for item_id in ids] for code, items in sets.items()}


def main_reading(catalog: Catalog, config: RunConfig) -> BenchmarkReading:
    """The first benchmark with its languages."""
    evaluation = config.evaluation
    return evaluation.main if evaluation.benchmarks else _whole_xnli(catalog, evaluation)


def _whole_xnli(catalog: Catalog, evaluation: EvaluationConfig) -> BenchmarkReading:
    codes = tuple(catalog.xnli_languages(evaluation.split))
    aligned = tuple(code for code in evaluation.languages if code != "en")
    return BenchmarkReading(
        "xnli", "xnli", evaluation.split, languages=codes, aligned=aligned, everywhere=evaluation.everywhere
    )


def _languages(reading: BenchmarkReading, config: RunConfig) -> list[str]:
    if not reading.everywhere or config.name in reading.everywhere or config.warm_start is None:
        return list(reading.languages)
    return [code for code in reading.languages if code in (reading.source_language, *reading.aligned)]


def _limit(evaluation: EvaluationConfig, source: bool) -> int | None:
    return evaluation.english_items if source else evaluation.other_items


def _together(first: Sequence[NLIItem], second: Sequence[NLIItem]) -> tuple[NLIItem, ...]:
    items = {item.id: item for item in (*first, *second)}
    return tuple(items[item_id] for item_id in sorted(items))
