"""What changed between two runs: the items that one has right and the other wrong."""

from __future__ import annotations

import pandas as pd

from core.evaluation.flips import Flips, read_flips
from core.workspace import Workspace
from store.results.changes import rule_of, study_differences
from store.results.query import count, frame, in_language_order
from store.results.runs import list_runs
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
    """correct_a, correct_b, premise, items: how many items of each premise lie in each of the four cells.

    Counts what passes the selection's filters of items and both runs answered; empty if there is nothing.
    """
    pairs, parameters = _pairs(selection, first, second)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT correct_a, correct_b, item_id // 3 AS premise, count(*) AS items FROM {pairs} GROUP BY ALL
                ORDER BY correct_a DESC, correct_b DESC, premise""",
            parameters,
        )


def compare_flips(workspace: Workspace, selection: Selection, first: str, second: str) -> Flips:
    """What the second run fixed and broke of the first's answers; in one language of an arm that has a single run the
    interval is the answer sheet's own."""
    runs = list_runs(workspace).set_index("run_id")
    table = flips(workspace, selection, first, second)
    method = rule_of(workspace, selection.of_items((first, second)))
    known = None
    if selection.languages is not None and len(selection.languages) == 1:
        arms = [str(runs.loc[run, "arm"]) for run in (first, second)]
        rows = study_differences(workspace, selection.of_items((first, second)), [arms[1]], arms[0])
        rows = rows[rows["language"] == selection.languages[0]]
        known = (float(rows["low"].iloc[0]), float(rows["high"].iloc[0])) if len(rows) else None
    return read_flips(table, method, known)


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
