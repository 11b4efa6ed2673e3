"""`restore`: put a backup of what people made in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, NoData, emit
from core.errors import BadInput, MissingData
from core.workspace import open_workspace


def restore(
    backup: Annotated[str, typer.Argument(help="A file, or a name that `backup --list` shows; the newest else.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Put a backup of what people made in its place; what is there is backed up, or set aside if damaged."""
    from store.backups import FOLDER, list_backups
    from store.backups import restore as put_back
    from store.user.database import user_database

    database = user_database(open_workspace(home))
    found = list_backups(database)
    if not backup and not found:
        raise MissingData(f"There is no backup beside {database.path}; `python -m core backup` makes one.")
    named = database.path.parent / FOLDER / Path(backup).name
    source = found[0].path if not backup else Path(backup) if Path(backup).is_file() else named
    if not yes:
        if json:
            raise BadInput("restore replaces what is there; say --yes with --json.")
        typer.confirm(f"Put {source} in the place of {database.path}?", abort=True)
    before = put_back(database, source)
    kept = f" What was there is now {before}." if before else ""
    emit(
        {"ok": True, "restored": str(source), "before": str(before) if before else None}, json,
        f"Restored {database.path} from {source}.{kept}",
    )  # fmt: skip
