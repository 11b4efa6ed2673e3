"""Plans that people keep under a name: written whole, listed, read back by their identifier, deleted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import BadInput
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import count, frame
from store.user.database import user_database

#: Cells of less mass are not kept.
THRESHOLD = 1e-5
NAME_LENGTH = 80
#: Words a side; the page draws no more.
MOST_WORDS = 512
_CELLS = pa.schema(
    [("view_id", pa.string()), ("place", pa.int32()), ("i", pa.int32()), ("j", pa.int32()), ("mass", pa.float64())]
)


@dataclass(frozen=True)
class KeptPlan:
    """One arm's plan over words [n, m] with the masses of the words, [n] and [m], and its hard links."""

    label: str
    arm: str
    run_id: str
    layer: int
    source_words: Sequence[str]
    target_words: Sequence[str]
    source_mass: NDArray[np.floating]
    target_mass: NDArray[np.floating]
    plan: NDArray[np.floating]
    links: Sequence[tuple[int, int]]
    cost: float
    entropy: float


@dataclass(frozen=True)
class KeptView:
    """What was kept under a name: the settings that made it, and one plan an arm. `kept` is UTC."""

    view_id: str
    name: str
    kept: datetime
    settings: dict[str, Any]
    plans: list[KeptPlan]


def keep(workspace: Workspace, name: str, settings: Mapping[str, Any], plans: Sequence[KeptPlan]) -> str:
    """Store plans under `name` and return the identifier that their link holds.

    Raises `BadInput` for a name that is empty, too long or taken, and for a plan too large to be drawn.
    """
    given = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not given:
        raise BadInput("Give the plan a name to keep it under.")
    if len(given) > NAME_LENGTH:
        raise BadInput(f"The name has {len(given)} characters; give at most {NAME_LENGTH}.")
    for plan in plans:
        if max(len(plan.source_words), len(plan.target_words)) > MOST_WORDS:
            raise BadInput(f"A plan over more than {MOST_WORDS} words a side cannot be kept.")
    view_id, now = uuid.uuid4().hex[:12], datetime.now(UTC).replace(tzinfo=None)
    heads = [_head(view_id, place, plan) for place, plan in enumerate(plans)]
    cells = pa.concat_tables([_cells(view_id, place, plan) for place, plan in enumerate(plans)])
    with writing(user_database(workspace)) as con:
        if count(con, "SELECT count(*) FROM kept_views WHERE name = ?", [given]):
            raise BadInput(f"A plan is already kept under “{given}”; choose another name, or delete that one.")
        con.execute("INSERT INTO kept_views VALUES (?, ?, ?, ?)", [view_id, given, now, json.dumps(dict(settings))])
        for head in heads:
            con.execute(f"INSERT INTO kept_plans VALUES ({', '.join('?' * len(head))})", head)
        con.register("drawn", cells)
        con.execute("INSERT INTO kept_plan_cells SELECT view_id, place, i, j, mass FROM drawn")
        con.unregister("drawn")
        con.execute("INSERT INTO audit VALUES (?, 'plan kept', ?)", [now, f"{view_id} {given}"])
    return view_id


def list_kept(workspace: Workspace) -> pd.DataFrame:
    """What is kept, newest first: view_id, name, kept (UTC), settings (JSON text), plans (how many)."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            """SELECT view_id, name, kept, settings, count(place) AS plans
               FROM kept_views LEFT JOIN kept_plans USING (view_id)
               GROUP BY ALL ORDER BY kept DESC, name""",
        )


def read_kept(workspace: Workspace, view_id: str) -> KeptView:
    """What was kept under an identifier. Raises `BadInput` if nothing is."""
    with reading(user_database(workspace)) as con:
        views = frame(con, "SELECT name, kept, settings FROM kept_views WHERE view_id = ?", [view_id])
        heads = frame(con, "SELECT * FROM kept_plans WHERE view_id = ? ORDER BY place", [view_id])
        cells = frame(con, "SELECT place, i, j, mass FROM kept_plan_cells WHERE view_id = ?", [view_id])
    if views.empty:
        raise BadInput(f"No plan is kept under {view_id[:40]!r}; it may have been deleted. Choose one from the list.")
    row = views.to_dict("records")[0]
    plans = [_plan(head, cells[cells["place"] == head["place"]]) for head in heads.to_dict("records")]
    return KeptView(view_id, str(row["name"]), row["kept"].to_pydatetime(), json.loads(row["settings"]), plans)


def delete_kept(workspace: Workspace, view_id: str) -> None:
    """Delete what was kept under an identifier; nothing happens if it is gone already."""
    with writing(user_database(workspace)) as con:
        names = con.execute("SELECT name FROM kept_views WHERE view_id = ?", [view_id]).fetchall()
        for table in ("kept_plan_cells", "kept_plans", "kept_views"):
            con.execute(f"DELETE FROM {table} WHERE view_id = ?", [view_id])
        if names:
            now = datetime.now(UTC).replace(tzinfo=None)
            con.execute("INSERT INTO audit VALUES (?, 'plan deleted', ?)", [now, f"{view_id} {names[0][0]}"])


def _head(view_id: str, place: int, plan: KeptPlan) -> list[Any]:
    kept = np.asarray(plan.plan)[np.asarray(plan.plan) >= THRESHOLD]
    return [
        view_id, place, plan.label, plan.arm, plan.run_id, int(plan.layer),
        *(json.dumps([str(word) for word in words]) for words in (plan.source_words, plan.target_words)),
        *(json.dumps([float(x) for x in mass]) for mass in (plan.source_mass, plan.target_mass)),
        json.dumps([[int(i), int(j)] for i, j in plan.links]),
        float(plan.cost), float(plan.entropy), float(kept.sum()), THRESHOLD,
    ]  # fmt: skip


def _cells(view_id: str, place: int, plan: KeptPlan) -> pa.Table:
    dense = np.asarray(plan.plan, dtype=np.float64)
    i, j = np.nonzero(dense >= THRESHOLD)
    columns = {"view_id": [view_id] * len(i), "place": [place] * len(i), "i": i, "j": j, "mass": dense[i, j]}
    return pa.table(columns, schema=_CELLS)


def _plan(head: Mapping[Any, Any], cells: pd.DataFrame) -> KeptPlan:
    source, target = json.loads(head["source_words"]), json.loads(head["target_words"])
    dense = np.zeros((len(source), len(target)))
    dense[cells["i"].to_numpy(), cells["j"].to_numpy()] = cells["mass"].to_numpy()
    return KeptPlan(
        label=str(head["label"]),
        arm=str(head["arm"]),
        run_id=str(head["run_id"]),
        layer=int(head["layer"]),
        source_words=source,
        target_words=target,
        source_mass=np.array(json.loads(head["source_mass"])),
        target_mass=np.array(json.loads(head["target_mass"])),
        plan=dense,
        links=[(int(i), int(j)) for i, j in json.loads(head["links"])],
        cost=float(head["cost"]),
        entropy=float(head["entropy"]),
    )
