"""`import`: put finished run folders into the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Home, Json, emit, tell
from core.data.catalogue_gold import CatalogueGold
from core.errors import BadInput
from core.progress import silent
from core.workspace import open_workspace


def import_(
    folder: Annotated[
        Path | None, typer.Argument(help="A run folder, or a folder of them; else the workspace's runs.")
    ] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Import finished runs; importing twice changes nothing, and one that cannot be read keeps no other out."""
    from core.run_folder.tables import RECORD
    from store.results.importer import import_folders, import_run, sync

    workspace, gold = open_workspace(home), CatalogueGold(data)
    skipped: list[str] = []
    sealed: list[str] = []
    if folder is None:
        imported = sync(workspace, silent, skipped.append, gold, sealed.append)
    elif not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; name a run folder, or a folder of run folders.")
    elif (folder / RECORD).exists():
        imported = [folder.name] if import_run(workspace, folder, gold) else []
    else:
        runs = sorted(path.parent for path in folder.glob(f"[!.]*/{RECORD}"))
        if not runs:
            raise BadInput(f"{folder} holds no finished run (no {RECORD}).")
        imported = import_folders(workspace, runs, silent, skipped.append, gold, sealed.append)
    for sentence in [*skipped, *sealed]:
        tell(sentence)
    payload = {"ok": not skipped, "imported": imported} | ({"skipped": skipped} if skipped else {})
    left = f", {len(skipped)} left out" if skipped else ""
    emit(payload, json, f"{len(imported)} new run(s) imported{left}.")
    if skipped:
        raise typer.Exit(BadInput.exit_code)
