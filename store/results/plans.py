"""Transport plans that runs kept: sparse, with the mass their cells hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import BadInput
from core.workspace import Workspace
from store.results.query import fetch, frame, results

_COLUMNS = """plan_id, layer, source_language, target_language, origin, tokens_source, tokens_target,
    epsilon, cost, entropy, kept_mass, threshold"""


@dataclass(frozen=True)
class StoredPlan:
    """One plan. `cells`: i, j, mass of the cells above `threshold`; they sum to `kept_mass`."""

    run_id: str
    plan_id: str
    layer: int
    source_language: str
    target_language: str
    origin: str
    tokens_source: int
    tokens_target: int
    epsilon: float
    cost: float
    entropy: float
    kept_mass: float
    threshold: float
    cells: pd.DataFrame

    def matrix(self) -> NDArray[np.float32]:
        """The plan as [tokens_source, tokens_target], zero where a cell was not kept."""
        dense = np.zeros((self.tokens_source, self.tokens_target), dtype=np.float32)
        dense[self.cells["i"].to_numpy(), self.cells["j"].to_numpy()] = self.cells["mass"].to_numpy()
        return dense


def list_plans(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """The run's plans, one a row, without their cells; `cells` counts them."""
    return fetch(
        workspace,
        f"""SELECT {_COLUMNS}, coalesce(cells, 0)::BIGINT AS cells FROM plans LEFT JOIN (
                SELECT plan_id, count(*) AS cells FROM plan_cells WHERE run_id = ? GROUP BY plan_id
            ) USING (plan_id)
            WHERE run_id = ? ORDER BY layer, source_language, target_language, origin, plan_id""",
        [run_id, run_id],
    )


def read_plan(workspace: Workspace, run_id: str, plan_id: str) -> StoredPlan:
    """One plan with its cells, by i then j. Raises `BadInput` if the run has no such plan."""
    this = "WHERE run_id = ? AND plan_id = ?"
    with results(workspace) as con:
        heads = frame(con, f"SELECT {_COLUMNS} FROM plans {this}", [run_id, plan_id])
        cells = frame(con, f"SELECT i, j, mass FROM plan_cells {this} ORDER BY i, j", [run_id, plan_id])
    if heads.empty:
        raise BadInput(
            f"Run {run_id[:40]!r} has no plan {plan_id[:80]!r} in {workspace.results}; list its plans first."
        )
    plan: dict[str, Any] = {str(name): value for name, value in heads.to_dict("records")[0].items()}
    return StoredPlan(run_id=run_id, cells=cells, **plan)
