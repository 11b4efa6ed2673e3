"""Which predictions are looked at: filters that combine, each one condition of SQL.

Some filters speak of an item in a language (its labels, its text, what the runs make of it together), the others of
one run's prediction of it. Two runs are compared on the items that pass the first kind: to choose by what one of
them predicted would decide the comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import MissingData
from core.workspace import Workspace
from store.results.query import among, results

Range = tuple[float, float]
Condition = tuple[str, list[object]]

#: What an item's text is filtered by; see `core.evaluation.text_features`.
TEXT = ("length", "fertility", "overlap")
COLUMNS = "p.run_id, p.language, p.item_id, p.gold, p.predicted, p.entailment, p.neutral, p.contradiction"
CONFIDENCE = "greatest(p.entailment, p.neutral, p.contradiction)::DOUBLE"


@dataclass(frozen=True)
class Selection:
    """Filters on the predictions of `run_ids` on `split`; None asks for nothing, an empty tuple lets nothing through.

    Of items: `languages`, `gold`; `runs_agree`, whether the runs `compared` give the item one label; the ranges
    `length` (subwords), `fertility` (subwords per word) and `overlap` (share x100 of its subwords that the training
    bitext has), of the Parquet file `texts`; `without`, the (language, item) pairs left out, "" being every language.
    Of predictions: `predicted`, `correct`, `confidence` (x100) and `like_english`, whether the run labels the item as
    in English. Ranges include both ends; an item of which a range's number is not known does not pass.
    """

    run_ids: tuple[str, ...]
    split: str
    languages: tuple[str, ...] | None = None
    gold: tuple[int, ...] | None = None
    predicted: tuple[int, ...] | None = None
    correct: bool | None = None
    confidence: Range | None = None
    like_english: bool | None = None
    runs_agree: bool | None = None
    compared: tuple[str, ...] = ()
    length: Range | None = None
    fertility: Range | None = None
    overlap: Range | None = None
    texts: str = ""
    without: tuple[tuple[str, int], ...] = ()

    def of_items(self, run_ids: Iterable[str] | None = None) -> Selection:
        """Only the filters of items, for comparisons; `run_ids` takes other runs."""
        chosen = self.run_ids if run_ids is None else tuple(run_ids)
        return replace(
            self, run_ids=chosen, predicted=None, correct=None, confidence=None, like_english=None,
            compared=self.compared or self.run_ids,
        )  # fmt: skip

    def without_labels(self) -> Selection:
        """All but the filters on gold label, predicted label and outcome: what a confusion matrix counts."""
        return replace(self, gold=None, predicted=None, correct=None)

    @property
    def filtered(self) -> bool:
        """Whether any filter chooses among the items (languages and left-out items apart)."""
        asked = (self.gold, self.runs_agree, *(getattr(self, name) for name in TEXT))
        return any(value is not None for value in asked)

    @property
    def whole(self) -> bool:
        """Whether all items of the languages are in: nothing was chosen among them and none left out."""
        return not self.filtered and not self.without


def conditions(selection: Selection) -> dict[str, Condition]:
    """The filters that are set, by the name a person knows them by, as SQL on the aliases of `source`."""
    s = selection
    by_name: dict[str, Condition] = {
        "language": among("p.language", s.languages),
        "gold label": among("p.gold", s.gold),
        "predicted label": among("p.predicted", s.predicted),
        "outcome": among("(p.predicted = p.gold)", s.correct),
        "agreement with English": among("(e.english = p.predicted)", s.like_english),
        "agreement between runs": among("g.same", s.runs_agree),
        "confidence": _between(f"100 * {CONFIDENCE}", s.confidence),
        "length": _between("t.length", s.length),
        "subwords per word": _between("t.fertility", s.fertility),
        "overlap with the training bitext": _between("t.overlap", s.overlap),
    }
    if s.without:
        everywhere = sorted({item for code, item in s.without if not code})
        pairs = sorted({(code, item) for code, item in s.without if code})
        by_name["items marked doubtful"] = (
            "p.item_id NOT IN (SELECT unnest(?::INTEGER[])) AND (p.language, p.item_id) NOT IN "
            "(SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[]))",
            [everywhere, [code for code, _ in pairs], [item for _, item in pairs]],
        )
    return {name: (sql, parameters) for name, (sql, parameters) in by_name.items() if sql != "true"}


def source(selection: Selection) -> Condition:
    """FROM and WHERE of all predictions of the runs on the split, with what the filters that are set need joined."""
    s = selection
    of_runs, runs = among("p.run_id", s.run_ids)
    sql, parameters = ["FROM predictions p"], list[object]()
    if s.like_english is not None:
        among_runs, given = among("run_id", s.run_ids)
        sql.append(
            "LEFT JOIN (SELECT run_id, item_id, predicted AS english FROM predictions "
            f"WHERE {among_runs} AND split = ? AND language = 'en') e USING (run_id, item_id)"
        )
        parameters += [*given, s.split]
    if s.runs_agree is not None:
        among_runs, given = among("run_id", s.compared or s.run_ids)
        sql.append(
            "LEFT JOIN (SELECT language, item_id, min(predicted) = max(predicted) AS same FROM predictions "
            f"WHERE {among_runs} AND split = ? GROUP BY language, item_id) g USING (language, item_id)"
        )
        parameters += [*given, s.split]
    if s.texts:
        sql.append("LEFT JOIN texts t USING (language, item_id)")
    sql.append(f"WHERE {of_runs} AND p.split = ?")
    return "\n".join(sql), [*parameters, *runs, s.split]


def passing(selection: Selection, columns: str = COLUMNS) -> Condition:
    """A SELECT of the predictions that pass every filter."""
    sql, parameters = source(selection)
    for condition, given in conditions(selection).values():
        sql += f" AND {condition}"
        parameters = [*parameters, *given]
    return f"SELECT {columns} {sql}", parameters


@contextmanager
def looking(workspace: Workspace, selection: Selection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor on the results that knows the texts of the selection as the view `texts`.

    Raises `MissingData` if a filter asks for texts that were not measured, or their file is gone.
    """
    if not selection.texts and any(getattr(selection, name) is not None for name in TEXT):
        raise MissingData("Length, subwords per word and overlap need the items' text, which was not measured.")
    table = _texts(selection.texts) if selection.texts else None
    with results(workspace) as con:
        if table is not None:
            con.register("texts", table)
        try:
            yield con
        finally:
            if table is not None:
                con.unregister("texts")


@lru_cache(maxsize=4)
def _texts(path: str) -> pa.Table:
    try:
        table = pq.read_table(path, columns=["language", "item_id", *TEXT])
    except (OSError, pa.ArrowException) as error:
        raise MissingData(f"The measured texts {Path(path).name} cannot be read; measure them again.") from error
    return table.combine_chunks()


def _between(column: str, limits: Range | None) -> Condition:
    if limits is None:
        return "true", []
    return f"{column} BETWEEN ? AND ?", [float(limits[0]), float(limits[1])]
