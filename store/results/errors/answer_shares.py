"""How often a run answers each label in each language, and how sure it is, of what a selection lets pass."""

from __future__ import annotations

import pandas as pd

from core.workspace import Workspace
from store.results.query import frame, in_language_order
from store.results.selection import CONFIDENCE, Selection, looking, passing


def answer_shares(workspace: Workspace, selection: Selection) -> pd.DataFrame:
    """run_id, arm, seed, language, items, accuracy, confidence, over_confidence, and answered_0 to 2 and gold_0 to 2
    beside them: shares of the labels, entailment first. All x100; one row a run and language.

    over_confidence is the mean largest probability minus the accuracy, in points.
    """
    given = f"p.run_id, p.language, p.gold, p.predicted, {CONFIDENCE} AS confidence"
    sql, parameters = passing(selection, given)
    shares = ", ".join(
        f"100.0 * count(*) FILTER ({column} = {label}) / count(*) AS {name}_{label}"
        for column, name in (("predicted", "answered"), ("gold", "gold"))
        for label in range(3)
    )
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT run_id, arm, seed, language, items, accuracy, confidence,
                    confidence - accuracy AS over_confidence, COLUMNS('^(answered|gold)_')
                FROM (SELECT run_id, language, count(*) AS items, 100.0 * avg((predicted = gold)::INTEGER) AS accuracy,
                        100.0 * avg(confidence) AS confidence, {shares}
                      FROM ({sql}) GROUP BY ALL)
                JOIN runs USING (run_id)
                ORDER BY list_position(?::VARCHAR[], run_id), {in_language_order("language")}""",
            [*parameters, list(selection.run_ids)],
        )
