"""`doctor`: is everything here that the project needs, and is it whole?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Home, Json, emit
from core.data.catalogue_gold import CatalogueGold
from core.errors import BadInput, IsoglossError
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd

    _Find = Callable[[Workspace, pd.DataFrame], dict[str, str]]


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Import finished runs that the store does not have.")] = False,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Check the encoder's weights, the data and the store; each problem comes with what to do."""
    problems: list[str] = []
    encoder = _encoder(problems)
    sources = _data(data, problems)
    workspace = open_workspace(home)
    store = _store(workspace, fix, data, problems)
    ok = encoder["ok"] and store["ok"] and all(source["ok"] for source in sources)
    lines = [f"encoder  {encoder['name']}  {'ok' if encoder['ok'] else 'not usable'}"]
    lines += [f"data     {s['name']}: {s['items']} items" for s in sources]
    lines += [f"store    {store['path']}: {store['runs']} runs"]
    emit(
        {"ok": ok, "encoder": encoder, "data": sources, "store": store, "problems": problems},
        json,
        "\n".join(lines + problems),
    )
    if not ok:
        raise typer.Exit(1)


def _encoder(problems: list[str]) -> dict[str, Any]:
    from core.encoder.packed import SHA256, find_packed, verify

    try:
        verify(find_packed())
    except IsoglossError as error:
        problems.append(str(error))
        return {"name": "embedded", "sha256": SHA256, "ok": False}
    return {"name": "embedded", "sha256": SHA256, "ok": True}


def _data(data: Path | None, problems: list[str]) -> list[dict[str, Any]]:
    from core.data.catalog import open_catalog

    try:
        catalog = open_catalog(data)
        problems += [s.problem for s in catalog.sources if s.problem]
        return [{"name": s.name, "path": str(s.path), "items": s.items, "ok": not s.problem} for s in catalog.sources]
    except IsoglossError as error:
        problems.append(str(error))
        return [{"name": "data", "path": str(data or ""), "items": 0, "ok": False}]


def _store(workspace: Workspace, fix: bool, data: Path | None, problems: list[str]) -> dict[str, Any]:
    from store.results.gold_labels.checked import find_odd_runs
    from store.results.importer import sync
    from store.results.runs import list_runs

    before = len(problems)
    runs = 0
    try:
        if fix:
            sync(workspace, on_problem=problems.append, catalogue=CatalogueGold(data))
        stored = list_runs(workspace)
        runs = len(stored)
        for _, group in stored.groupby("group_id", sort=False):
            problems += _odd(find_odd_runs, workspace, group)
    except IsoglossError as error:
        problems.append(str(error))
    return {"path": str(workspace.results), "ok": len(problems) == before, "runs": runs}


def _odd(find: _Find, workspace: Workspace, group: pd.DataFrame) -> list[str]:
    """What is wrong with the gold labels of one group of runs; a group that cannot be judged keeps no other out."""
    try:
        return list(find(workspace, group).values())
    except BadInput as error:
        return [str(error)]
