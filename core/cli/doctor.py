"""`doctor`: is everything here that the project needs, and is it whole?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Home, Json, emit, tell
from core.data.catalogue_gold import CatalogueGold
from core.errors import BadInput, IsoglossError
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd

    from store.database import Database

    _Find = Callable[[Workspace, pd.DataFrame], dict[str, str]]


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Import finished runs that the store lacks; set a damaged one aside first.")
    ] = False,
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
    user = _user(workspace, problems)
    ok = encoder["ok"] and store["ok"] and user["ok"] and all(source["ok"] for source in sources)
    lines = [f"encoder  {encoder['name']}  {'ok' if encoder['ok'] else 'not usable'}"]
    lines += [f"data     {s['name']}: {s['items']} items" for s in sources]
    lines += [f"store    {store['path']}: {store['runs']} runs, {store['rows']:,} rows read"]
    lines += [f"user     {user['path']}: {user['rows']:,} rows read, {user['backups']} backups"]
    emit(
        {"ok": ok, "encoder": encoder, "data": sources, "store": store, "user": user, "problems": problems},
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
    from store.database import results_database
    from store.results.gold_labels.checked import find_odd_runs
    from store.results.importer import sync
    from store.results.runs import list_runs

    before = len(problems)
    runs = rows = 0
    aside = ""
    try:
        if fix:
            aside = _whole(workspace)
            sync(workspace, on_problem=problems.append, catalogue=CatalogueGold(data))
        stored = list_runs(workspace)
        runs, rows = len(stored), _rows(results_database(workspace))
        for _, group in stored.groupby("group_id", sort=False):
            problems += _odd(find_odd_runs, workspace, group)
    except IsoglossError as error:
        problems.append(str(error))
    found = {"path": str(workspace.results), "ok": len(problems) == before, "runs": runs, "rows": rows}
    return found | ({"set_aside": aside} if aside else {})


def _whole(workspace: Workspace) -> str:
    """Set a damaged results store aside, so that it is made anew from the run folders; gives its new name, if any."""
    from store.backups import set_aside
    from store.database import results_database

    try:
        _rows(results_database(workspace))
    except IsoglossError as error:
        if "damaged" not in str(error):
            raise
        aside = set_aside(workspace.results)
        tell(f"The damaged store is now {aside}; it is made again from the run folders.")
        return str(aside)
    return ""


def _user(workspace: Workspace, problems: list[str]) -> dict[str, Any]:
    from store.backups import list_backups
    from store.user.database import user_database

    database = user_database(workspace)
    found = {"path": str(workspace.user), "ok": True, "rows": 0, "backups": len(list_backups(database))}
    try:
        return found | {"rows": _rows(database)}
    except IsoglossError as error:
        problems.append(str(error))
        return found | {"ok": False}


def _rows(database: Database) -> int:
    """The rows of a store, every value of which was read; 0 where there is none yet."""
    from store.backups import read_in_full
    from store.connection import reading

    if not database.path.exists():
        return 0
    with reading(database) as con:
        return read_in_full(con)


def _odd(find: _Find, workspace: Workspace, group: pd.DataFrame) -> list[str]:
    """What is wrong with the gold labels of one group of runs; a group that cannot be judged keeps no other out."""
    try:
        return list(find(workspace, group).values())
    except BadInput as error:
        return [str(error)]
