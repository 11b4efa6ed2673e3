"""What changed between two runs: the items that one has right and the other wrong."""

from __future__ import annotations

import pandas as pd

from core.workspace import Workspace
from store.results.query import count, frame, in_language_order
from store.results.selection import Condition, Selection, looking, passing


def _pairs(selection: Selection, first: str, second: str) -> Condition:
    """A subquery with one row for each item, passing the filters of items, that both runs answered."""
    sql, parameters = passing(selection.of_items((first, second)))
    return (
        f"""(WITH chosen AS MATERIALIZED ({sql})
             SELECT a.language, a.item_id, a.gold, a.predicted AS predicted_a, b.predicted AS predicted_b,
                    a.predicted = a.gold AS correct_a, b.predicted = b.gold AS correct_b
             FROM chosen a JOIN chosen b USING (language, item_id)
             WHERE a.run_id = ? AND b.run_id = ?)""",
        [*parameters, first, second],
    )


def flips(workspace: Workspace, selection: Selection, first: str, second: str) -> pd.DataFrame:
    """correct_a, correct_b, items: the 2 x 2 table that McNemar's test reads, all four cells.

    Counts what passes the selection's filters of items and both runs answered; empty if there is nothing.
    """
    pairs, parameters = _pairs(selection, first, second)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""WITH counts AS (SELECT correct_a, correct_b, count(*) AS items FROM {pairs} GROUP BY ALL),
                side AS (SELECT unnest([true, false]) AS value)
                SELECT a.value AS correct_a, b.value AS correct_b, coalesce(items, 0)::BIGINT AS items
                FROM side a CROSS JOIN side b
                LEFT JOIN counts ON counts.correct_a = a.value AND counts.correct_b = b.value
                WHERE EXISTS (FROM counts) ORDER BY correct_a DESC, correct_b DESC""",
            parameters,
        )


def flipped(
    workspace: Workspace, selection: Selection, first: str, second: str, correct_a: bool, correct_b: bool,
    limit: int = 50, offset: int = 0,
) -> tuple[pd.DataFrame, int]:  # fmt: skip
    """One page of the items in one cell of `flips`, by item then language, and how many it holds.

    Columns: language, item_id, gold, predicted_a, predicted_b.
    """
    pairs, parameters = _pairs(selection, first, second)
    parameters = [*parameters, bool(correct_a), bool(correct_b)]
    where = "correct_a = ? AND correct_b = ?"
    with looking(workspace, selection) as con:
        total = count(con, f"SELECT count(*) FROM {pairs} WHERE {where}", parameters)
        page = frame(
            con,
            f"""SELECT language, item_id, gold, predicted_a, predicted_b FROM {pairs} WHERE {where}
                ORDER BY item_id, {in_language_order("language")} LIMIT ? OFFSET ?""",
            [*parameters, int(limit), int(offset)],
        )
    return page, total
