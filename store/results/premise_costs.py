"""The transport cost between an XNLI premise and the English one, beside the answers to its three items."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, fetch, in_language_order


def premise_answers(
    workspace: Workspace, run_ids: Sequence[str], split: str, languages: Sequence[str] | None = None
) -> pd.DataFrame:
    """arm, seed, language, layer, item_id, cost, right: every item whose premise's plan the run kept."""
    of_runs, runs = among("k.run_id", run_ids)
    of_languages, codes = among("p.language", languages)
    prefix = f"xnli/{split}/"
    return fetch(
        workspace,
        f"""SELECT r.arm, r.seed, p.language, k.layer, p.item_id, k.cost, p.predicted = p.gold AS "right"
            FROM (SELECT *, try_cast(substr(origin, ?) AS INTEGER) AS premise
                  FROM plans WHERE starts_with(origin, ?)) k
            JOIN runs r ON r.run_id = k.run_id
            JOIN predictions p ON p.run_id = k.run_id AND p.language = k.target_language
                AND p.item_id // 3 = k.premise // 3
            WHERE {of_runs} AND p.split = ? AND {of_languages}
            ORDER BY list_position(?::VARCHAR[], k.run_id), {in_language_order("p.language")}, k.layer, p.item_id""",
        [len(prefix) + 1, prefix, *runs, split, *codes, list(run_ids)],
    )
