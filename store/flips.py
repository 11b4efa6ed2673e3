"""What changed between two runs: the items that one has right and the other wrong."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from core.workspace import Workspace
from store.query import among, count, fetch, frame, in_language_order, results


def _pairs(run_a: str, run_b: str, split: str, languages: Iterable[str] | None) -> tuple[str, list[object]]:
    """A subquery with one row for each item that both runs answered."""
    of_a, codes = among("a.language", languages)
    sql = f"""(SELECT a.language, a.item_id, a.gold, a.predicted AS predicted_a, b.predicted AS predicted_b,
                      a.predicted = a.gold AS correct_a, b.predicted = b.gold AS correct_b
               FROM predictions a JOIN predictions b USING (split, language, item_id)
               WHERE a.run_id = ? AND b.run_id = ? AND a.split = ? AND {of_a})"""
    return sql, [run_a, run_b, split, *codes]


def flips(
    workspace: Workspace, run_a: str, run_b: str, split: str, languages: Iterable[str] | None = None
) -> pd.DataFrame:
    """correct_a, correct_b, items: the 2 x 2 table that McNemar's test reads, all four cells.

    Counts items that both runs answered; empty if there are none.
    """
    pairs, parameters = _pairs(run_a, run_b, split, languages)
    return fetch(
        workspace,
        f"""WITH counts AS (SELECT correct_a, correct_b, count(*) AS items FROM {pairs} GROUP BY ALL),
            side AS (SELECT unnest([true, false]) AS value)
            SELECT a.value AS correct_a, b.value AS correct_b, coalesce(items, 0)::BIGINT AS items
            FROM side a CROSS JOIN side b
            LEFT JOIN counts ON counts.correct_a = a.value AND counts.correct_b = b.value
            WHERE EXISTS (FROM counts) ORDER BY correct_a DESC, correct_b DESC""",
        parameters,
    )


def flipped(
    workspace: Workspace,
    run_a: str,
    run_b: str,
    split: str,
    correct_a: bool,
    correct_b: bool,
    languages: Iterable[str] | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[pd.DataFrame, int]:
    """One page of the items in one cell of `flips`, by item then language, and how many it holds.

    Columns: language, item_id, gold, predicted_a, predicted_b.
    """
    pairs, parameters = _pairs(run_a, run_b, split, languages)
    where = "correct_a = ? AND correct_b = ?"
    parameters = [*parameters, bool(correct_a), bool(correct_b)]
    with results(workspace) as con:
        total = count(con, f"SELECT count(*) FROM {pairs} WHERE {where}", parameters)
        page = frame(
            con,
            f"""SELECT language, item_id, gold, predicted_a, predicted_b FROM {pairs} WHERE {where}
                ORDER BY item_id, {in_language_order("language")} LIMIT ? OFFSET ?""",
            [*parameters, int(limit), int(offset)],
        )
    return page, total
