"""The whole run.json of several runs at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.workspace import Workspace
from store.results.query import among, fetch


def read_records(workspace: Workspace, run_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The run.json of each run that the store holds, in the order asked for."""
    of_runs, runs = among("run_id", run_ids)
    sql = f"SELECT record FROM runs WHERE {of_runs} ORDER BY list_position(?::VARCHAR[], run_id)"
    return [json.loads(text) for text in fetch(workspace, sql, [*runs, list(run_ids)])["record"]]
