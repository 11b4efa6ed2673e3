"""Joining gold to a sealed run, once: labels by item from the data on this machine, and the scores that need them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock

from core.config import RunConfig
from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.errors import BadInput
from core.evaluation.objective_test import ObjectiveTest
from core.evaluation.scores import Score
from core.experiment.finished import Finished, run_config
from core.experiment.held_out import judge_collapse
from core.experiment.items_read import ItemsRead, benchmark_set, items_to_read, main_reading
from core.experiment.measures import calibration_scores, predictions, robustness_scores
from core.experiment.run_tables import write_json, write_scores
from core.experiment.studies.seal import SEALED, is_sealed
from core.files import put_in_place
from core.run_folder.files import FILES, check_files, list_files
from core.run_folder.tables import RECORD

#: Inside a run folder: what replaces its files, whole once its run.json is there.
_DRAFT = ".unsealed"


def unseal(folder: Path, catalog: Catalog) -> bool:
    """Give a sealed run its gold labels and the scores that rest on them; False if it is not sealed.

    The folder is then as a run that was never sealed leaves it. A process that is stopped on the way leaves a sealed
    run, and the next call ends it. Whether the study is complete is the caller's to know.

    Raises `BadInput` if the folder is not whole, or the data here lack an item that the run has read.
    """
    record = Finished(folder, True).describe()
    if not is_sealed(record):
        return False
    with FileLock(folder.parent / f".{folder.name}.lock"):
        record = Finished(folder, True).describe()
        if not is_sealed(record):  # another process was faster
            return False
        draft = folder / _DRAFT
        if not (draft / RECORD).is_file():
            check_files(folder, record)
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _write(draft, folder, record, catalog)
        for path in sorted(draft.iterdir(), key=lambda path: path.name == RECORD):  # the record last
            put_in_place(path, folder / path.name)
        shutil.rmtree(draft, ignore_errors=True)
    return True


def _write(draft: Path, folder: Path, record: Mapping[str, Any], catalog: Catalog) -> None:
    config = run_config(record)
    reads = items_to_read(catalog, config)
    table = _joined(folder / predictions.FILE, {(read.split, read.language): _labels(read.items) for read in reads})
    pq.write_table(table, draft / predictions.FILE, compression="zstd")
    robust = None
    if (folder / robustness_scores.FILE).is_file():
        main = main_reading(catalog, config)
        gold = {code: _labels(benchmark_set(catalog, main, code)) for code in main.languages}
        robust = _joined(folder / robustness_scores.FILE, gold)
        pq.write_table(robust, draft / robustness_scores.FILE, compression="zstd")
    scores = _scores(folder, config, reads, table, robust)
    write_scores(draft / "scores.parquet", scores)
    objective = judge_collapse(config, ObjectiveTest(record["took"], str(record["took_sentence"])), scores)
    files_now = dict(record.get(FILES) or {}) | list_files(draft)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    content = {
        **record, "took": objective.improved, "took_sentence": objective.sentence, SEALED: False, "unsealed": now,
        FILES: files_now,
    }  # fmt: skip
    write_json(draft / f"{RECORD}.part", content)
    put_in_place(draft / f"{RECORD}.part", draft / RECORD)


def _labels(items: Sequence[NLIItem]) -> pd.Series[int]:
    return pd.Series({item.id: item.label for item in items}, dtype="int64")


def _joined(path: Path, gold: Mapping[Any, pd.Series[int]]) -> pa.Table:
    """The predictions in `path` with the labels of their items, `gold` by (split, language), or by language, where of a
    pair the premise's counts."""
    table = pq.read_table(path)
    column = np.full(table.num_rows, -1, np.int64)
    ids = table["item_id"].to_numpy()
    places = table.select(["split", "language"]).to_pandas().groupby(["split", "language"], sort=False).indices
    for place, at in places.items():
        code = str(place[1])
        labels = next((gold[key] for key in (place, code, code.partition("-")[0]) if key in gold), None)
        found = np.full(len(at), np.nan) if labels is None else labels.reindex(ids[at]).to_numpy(float)
        if not np.isfinite(found).all():
            item = ids[at][~np.isfinite(found)][0]
            raise BadInput(
                f"{path}: the data here have no item {item} in {code}, which the run has read; name the data that it "
                "was made on with --data."
            )
        column[at] = found
    index = table.column_names.index("gold")
    return table.set_column(index, table.schema.field("gold"), pa.array(column, pa.int8()))


def _scores(
    folder: Path, config: RunConfig, reads: Sequence[ItemsRead], table: pa.Table, robust: pa.Table | None
) -> list[Score]:
    """All scores of the run in the order in which they are measured."""
    there = [Score(**row) for row in pq.read_table(folder / "scores.parquet").to_pylist()]
    calibrated = [score for score in there if score.name in ("temperature", "accuracy_validation")]
    rest = [score for score in there if score not in calibrated]
    scores: list[Score] = []
    for read in reads:
        own = pc.and_(pc.equal(table["split"], read.split), pc.equal(table["language"], read.language))
        scores += predictions.scores_of(table.filter(own), config, read)
    scores += calibrated
    for score in calibrated:
        if score.name == "temperature":
            scores += calibration_scores.scores_of(table, config.evaluation.split, score.value)
    if robust is not None:
        scores += robustness_scores.scores_of(robust, config.evaluation.split, len(config.evaluation.main.labels))
    return scores + rest
