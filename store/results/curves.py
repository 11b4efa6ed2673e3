"""Training curves: the values a run logged at its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, fetch


def read_curves(workspace: Workspace, run_ids: Sequence[str], names: Iterable[str] | str | None = None) -> pd.DataFrame:
    """run_id, arm, seed, name, step, value; runs in the order asked for, then by name and step."""
    of_runs, runs = among("c.run_id", run_ids)
    of_names, wanted = among("c.name", names)
    return fetch(
        workspace,
        f"""SELECT c.run_id, r.arm, r.seed, c.name, c.step, c.value
            FROM curves c JOIN runs r USING (run_id)
            WHERE {of_runs} AND {of_names}
            ORDER BY list_position(?::VARCHAR[], c.run_id), c.name, c.step""",
        [*runs, *wanted, list(run_ids)],
    )
