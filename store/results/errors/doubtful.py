"""Items whose gold label stored runs doubt: a queue to read, the most doubted first."""

from __future__ import annotations

import pandas as pd

from core.workspace import Workspace
from store.results.query import frame
from store.results.selection import Selection, looking, passing

_LABELS = ("entailment", "neutral", "contradiction")


def doubted_items(workspace: Workspace, selection: Selection, limit: int = 100) -> pd.DataFrame:
    """item_id, gold, suggested, of_gold, of_suggested, wrong, predictions: the `limit` items whose gold label has the
    lowest mean probability (x100) over the runs and languages of the selection.

    That is the self-confidence of confident learning (Northcutt et al., JAIR 2021), of models that did not see the
    item. `suggested` has the highest mean probability, `wrong` is the share (x100) of predictions that are not gold.
    Items whose gold label is also the most probable are left out.
    """
    sql, parameters = passing(selection.of_items())
    means = ", ".join(f"avg({name}) AS {name}" for name in _LABELS)
    listed = ", ".join(_LABELS)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""WITH items AS (
                    SELECT item_id, gold, {means}, count(*) AS predictions,
                        100.0 * count(*) FILTER (predicted <> gold) / count(*) AS wrong
                    FROM ({sql}) GROUP BY item_id, gold),
                listed AS (SELECT *, [{listed}] AS means FROM items)
                SELECT item_id, gold, (list_position(means, list_max(means)) - 1)::TINYINT AS suggested,
                    100.0 * means[gold + 1] AS of_gold, 100.0 * list_max(means) AS of_suggested, wrong, predictions
                FROM listed WHERE means[gold + 1] < list_max(means)
                ORDER BY of_gold, item_id LIMIT ?""",
            [*parameters, int(limit)],
        )
