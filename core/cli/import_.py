"""`import`: put finished run folders into the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, NoData, emit
from core.errors import BadInput
from core.workspace import open_workspace


def import_(
    folder: Annotated[
        Path | None, typer.Argument(help="A run folder, or a folder of them; else the workspace's runs.")
    ] = None,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Import finished runs; importing twice changes nothing."""
    from store.results.importer import import_run, sync

    workspace = open_workspace(home)
    if folder is None:
        imported = sync(workspace)
    else:
        if not folder.is_dir():
            raise BadInput(f"{folder} is not a folder; name a run folder, or a folder of run folders.")
        runs = [folder] if (folder / "run.json").exists() else sorted(p.parent for p in folder.glob("[!.]*/run.json"))
        if not runs:
            raise BadInput(f"{folder} holds no finished run (no run.json).")
        imported = [run.name for run in runs if import_run(workspace, run)]
    emit({"ok": True, "imported": imported}, json, f"{len(imported)} new run(s) imported.")
