"""Predictions by item: accuracy, the items behind it, confusions, and what changed between two runs.

Labels are 0, 1, 2 as in `core.data.records.LABELS`. `predicted` is the most probable label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import pandas as pd

from core.workspace import Workspace
from store.flips import flipped as flipped
from store.flips import flips as flips
from store.query import among, count, fetch, frame, in_language_order, results

_PROBABILITIES = "p.entailment, p.neutral, p.contradiction"
_ORDERS = {
    "item": "",
    "confidence": "greatest(p.entailment, p.neutral, p.contradiction) DESC, ",
}


def accuracy(
    workspace: Workspace, run_ids: Sequence[str], split: str, languages: Iterable[str] | None = None
) -> pd.DataFrame:
    """run_id, arm, seed, language, items, correct, accuracy (x100), one row a run and language."""
    of_runs, runs = among("run_id", run_ids)
    of_languages, codes = among("language", languages)
    return fetch(
        workspace,
        f"""SELECT run_id, arm, seed, language, items, correct, 100.0 * correct / items AS accuracy
            FROM (SELECT run_id, language, count(*) AS items, count(*) FILTER (predicted = gold) AS correct
                  FROM predictions WHERE {of_runs} AND split = ? AND {of_languages} GROUP BY ALL)
            JOIN runs USING (run_id)
            ORDER BY list_position(?::VARCHAR[], run_id), {in_language_order("language")}""",
        [*runs, split, *codes, list(run_ids)],
    )


def coverage(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """run_id, split, language, items: what the runs have predictions for."""
    of_runs, runs = among("run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT run_id, split, language, count(*) AS items FROM predictions WHERE {of_runs}
            GROUP BY run_id, split, language
            ORDER BY list_position(?::VARCHAR[], run_id), split, {in_language_order("language")}""",
        [*runs, list(run_ids)],
    )


def read(
    workspace: Workspace, run_ids: Sequence[str], split: str, languages: Iterable[str] | None = None
) -> pd.DataFrame:
    """Every prediction, for statistics: run_id, language, item_id, gold, predicted and the probabilities.

    Sorted by run (as asked for), language (as the figures order them) and item.
    """
    of_runs, runs = among("p.run_id", run_ids)
    of_languages, codes = among("p.language", languages)
    return fetch(
        workspace,
        f"""SELECT p.run_id, p.language, p.item_id, p.gold, p.predicted, {_PROBABILITIES}
            FROM predictions p WHERE {of_runs} AND p.split = ? AND {of_languages}
            ORDER BY list_position(?::VARCHAR[], p.run_id), {in_language_order("p.language")}, p.item_id""",
        [*runs, split, *codes, list(run_ids)],
    )


def find(
    workspace: Workspace,
    run_id: str,
    split: str,
    languages: Iterable[str] | None = None,
    gold: int | Iterable[int] | None = None,
    predicted: int | Iterable[int] | None = None,
    correct: bool | None = None,
    limit: int = 50,
    offset: int = 0,
    order: Literal["item", "confidence"] = "item",
) -> tuple[pd.DataFrame, int]:
    """One page of the items that pass the filters, and how many pass in all.

    Columns: language, item_id, gold, predicted, correct and the probabilities. None asks for nothing; an
    empty list lets nothing through. By item then language, or the most confident first.
    """
    filters: list[tuple[str, list[object]]] = [
        ("p.run_id = ?", [run_id]),
        ("p.split = ?", [split]),
        among("p.language", languages),
        among("p.gold", gold),
        among("p.predicted", predicted),
        among("(p.predicted = p.gold)", correct),
    ]
    where = " AND ".join(condition for condition, _ in filters)
    parameters = [value for _, values in filters for value in values]
    with results(workspace) as con:
        total = count(con, f"SELECT count(*) FROM predictions p WHERE {where}", parameters)
        page = frame(
            con,
            f"""SELECT p.language, p.item_id, p.gold, p.predicted, p.predicted = p.gold AS correct,
                    {_PROBABILITIES}
                FROM predictions p WHERE {where}
                ORDER BY {_ORDERS[order]}p.item_id, {in_language_order("p.language")} LIMIT ? OFFSET ?""",
            [*parameters, int(limit), int(offset)],
        )
    return page, total


def confusion(workspace: Workspace, run_id: str, split: str, language: str | None) -> pd.DataFrame:
    """gold, predicted, items: all nine cells, over one language or over all (None).

    Empty if the run has no prediction there.
    """
    of_language, codes = among("language", language)
    return fetch(
        workspace,
        f"""WITH counts AS (
                SELECT gold, predicted, count(*) AS items FROM predictions
                WHERE run_id = ? AND split = ? AND {of_language} GROUP BY ALL),
            label AS (SELECT unnest([0, 1, 2])::TINYINT AS value)
            SELECT g.value AS gold, p.value AS predicted, coalesce(items, 0)::BIGINT AS items
            FROM label g CROSS JOIN label p
            LEFT JOIN counts ON counts.gold = g.value AND counts.predicted = p.value
            WHERE EXISTS (FROM counts) ORDER BY gold, predicted""",
        [run_id, split, *codes],
    )


def item(workspace: Workspace, run_ids: Sequence[str], split: str, item_id: int) -> pd.DataFrame:
    """One item in every language, as every run saw it.

    Columns: run_id, arm, seed, language, gold, predicted, correct and the probabilities.
    """
    of_runs, runs = among("p.run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT p.run_id, r.arm, r.seed, p.language, p.gold, p.predicted, p.predicted = p.gold AS correct,
                {_PROBABILITIES}
            FROM predictions p JOIN runs r USING (run_id) WHERE {of_runs} AND p.split = ? AND p.item_id = ?
            ORDER BY {in_language_order("p.language")}, list_position(?::VARCHAR[], p.run_id)""",
        [*runs, split, int(item_id), list(run_ids)],
    )
