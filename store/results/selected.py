"""What a selection of predictions holds: how many, their accuracy, confusions and calibration, and the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, frame, in_language_order
from store.results.query import count as one_number
from store.results.selection import CONFIDENCE, Selection, conditions, looking, passing, source

_ORDERS = {"item": "", "confidence": "greatest(entailment, neutral, contradiction) DESC, "}


class Count(NamedTuple):
    """Predictions that pass, distinct items among them (in any language), and predictions in all."""

    predictions: int
    items: int
    of: int


def count(workspace: Workspace, selection: Selection) -> Count:
    """How much passes. `of` counts the runs' predictions on the split before any filter."""
    sql, parameters = passing(selection, "p.item_id")
    every, of = source(Selection(selection.run_ids, selection.split))
    with looking(workspace, selection) as con:
        passed = con.execute(f"SELECT count(*), count(DISTINCT item_id) FROM ({sql})", parameters).fetchall()
        return Count(int(passed[0][0]), int(passed[0][1]), one_number(con, f"SELECT count(*) {every}", of))


def loosened(workspace: Workspace, selection: Selection) -> dict[str, int]:
    """For each filter that is set, how many predictions would pass without it alone."""
    filters = conditions(selection)
    if not filters:
        return {}
    marks = [f"({sql}) AS f{i}" for i, (sql, _) in enumerate(filters.values())]
    others = [" AND ".join(f"f{j}" for j in range(len(marks)) if j != i) or "true" for i in range(len(marks))]
    columns = [f"count(*) FILTER (WHERE {condition})" for condition in others]
    every, of = source(selection)
    parameters = [value for _, given in filters.values() for value in given]
    with looking(workspace, selection) as con:
        counts = con.execute(
            f"SELECT {', '.join(columns)} FROM (SELECT {', '.join(marks)} {every})", [*parameters, *of]
        ).fetchall()[0]
    return {name: int(number) for name, number in zip(filters, counts, strict=True)}


def page(
    workspace: Workspace,
    selection: Selection,
    limit: int = 50,
    offset: int = 0,
    order: Literal["item", "confidence"] = "item",
) -> pd.DataFrame:
    """Some of the predictions that pass, by item, language and run, or the most confident first.

    Columns: run_id, arm, seed, language, item_id, gold, predicted, correct and the probabilities.
    """
    sql, parameters = passing(selection)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT s.run_id, r.arm, r.seed, s.language, s.item_id, s.gold, s.predicted,
                    s.predicted = s.gold AS correct, s.entailment, s.neutral, s.contradiction
                FROM ({sql}) s JOIN runs r USING (run_id)
                ORDER BY {_ORDERS[order]}s.item_id, {in_language_order("s.language")},
                    list_position(?::VARCHAR[], s.run_id)
                LIMIT ? OFFSET ?""",
            [*parameters, list(selection.run_ids), int(limit), int(offset)],
        )


def of_items(workspace: Workspace, selection: Selection, items: Sequence[int]) -> pd.DataFrame:
    """run_id, language, item_id, gold, predicted of these items, whatever else the selection filters."""
    wanted, numbers = among("p.item_id", [int(item) for item in items])
    every, of = source(Selection(selection.run_ids, selection.split))
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT p.run_id, p.language, p.item_id, p.gold, p.predicted {every} AND {wanted}
                ORDER BY p.item_id, {in_language_order("p.language")}, list_position(?::VARCHAR[], p.run_id)""",
            [*of, *numbers, list(selection.run_ids)],
        )


def accuracy(workspace: Workspace, selection: Selection) -> pd.DataFrame:
    """run_id, arm, seed, language, items, correct, accuracy (x100) of what passes, one row a run and language."""
    sql, parameters = passing(selection)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT run_id, arm, seed, language, items, correct, 100.0 * correct / items AS accuracy
                FROM (SELECT run_id, language, count(*) AS items, count(*) FILTER (predicted = gold) AS correct
                      FROM ({sql}) GROUP BY ALL)
                JOIN runs USING (run_id)
                ORDER BY list_position(?::VARCHAR[], run_id), {in_language_order("language")}""",
            [*parameters, list(selection.run_ids)],
        )


def confusion(workspace: Workspace, selection: Selection) -> pd.DataFrame:
    """run_id, gold, predicted, items of what passes: all nine cells of every run that has any."""
    sql, parameters = passing(selection)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""WITH counts AS (SELECT run_id, gold, predicted, count(*) AS items FROM ({sql}) GROUP BY ALL),
                label AS (SELECT unnest([0, 1, 2])::TINYINT AS value)
                SELECT r.run_id, g.value AS gold, p.value AS predicted, coalesce(items, 0)::BIGINT AS items
                FROM (SELECT DISTINCT run_id FROM counts) r CROSS JOIN label g CROSS JOIN label p
                LEFT JOIN counts c ON c.run_id = r.run_id AND c.gold = g.value AND c.predicted = p.value
                ORDER BY list_position(?::VARCHAR[], r.run_id), gold, predicted""",
            [*parameters, list(selection.run_ids)],
        )


def calibration(workspace: Workspace, selection: Selection, bins: int = 15) -> pd.DataFrame:
    """run_id, low, high, items, confidence, accuracy (x100): what passes in equal bins ]low, high] of confidence.

    The same bins as `core.evaluation.calibration.reliability`; those without items are left out.
    """
    sql, parameters = passing(selection, f"p.run_id, p.predicted = p.gold AS correct, {CONFIDENCE} AS confidence")
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT run_id, 100.0 * place / {bins} AS low, 100.0 * (place + 1) / {bins} AS high, items,
                    100 * mean AS confidence, 100.0 * correct / items AS accuracy
                FROM (SELECT run_id, greatest(least(ceil(confidence * {bins})::INTEGER - 1, {bins - 1}), 0) AS place,
                        count(*) AS items, avg(confidence) AS mean, count(*) FILTER (correct) AS correct
                      FROM ({sql}) GROUP BY ALL)
                ORDER BY list_position(?::VARCHAR[], run_id), place""",
            [*parameters, list(selection.run_ids)],
        )
