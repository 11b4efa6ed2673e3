"""Scores: one number of one run, for a split, a language and a layer where it has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, fetch, in_language_order


def read_scores(
    workspace: Workspace,
    run_ids: Sequence[str],
    names: Iterable[str] | str | None = None,
    split: str | None = None,
) -> pd.DataFrame:
    """run_id, arm, seed, name, split, language, layer, value, low, high, items.

    Rates are x100. `language` is "" and `layer` -1 where a score is of no one of them; `low` and `high` are
    NaN where there is no interval. Runs come in the order asked for.
    """
    of_runs, runs = among("s.run_id", run_ids)
    of_names, wanted = among("s.name", names)
    of_split, splits = among("s.split", split)
    return fetch(
        workspace,
        f"""SELECT s.run_id, r.arm, r.seed, s.name, s.split, s.language, s.layer,
                s.value, s.low, s.high, s.items
            FROM scores s JOIN runs r USING (run_id)
            WHERE {of_runs} AND {of_names} AND {of_split}
            ORDER BY list_position(?::VARCHAR[], s.run_id), s.name, s.split,
                {in_language_order("s.language")}, s.layer""",
        [*runs, *wanted, *splits, list(run_ids)],
    )
