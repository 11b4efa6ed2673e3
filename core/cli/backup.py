"""`backup`: copy what people made, while the app runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, NoData, emit
from core.notation import plural
from core.workspace import open_workspace


def backup(
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; else one in backups/.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Make none: show those in backups/.")] = False,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Copy what people made (marks, bitexts' reports, drawn links) to a file of its own, while the app runs."""
    from store.backups import back_up, list_backups
    from store.user.database import user_database

    database = user_database(open_workspace(home))
    made = None if list_ else back_up(database, out)
    found = list_backups(database)
    rows = [
        {"name": one.path.name, "path": str(one.path), "made": one.made.isoformat(), "schema": one.version,
         "bytes": one.size}
        for one in found
    ]  # fmt: skip
    lines = [f"{row['name']}  {row['bytes']:,} bytes" for row in rows] if list_ else [f"Written: {made}"]
    if list_:
        lines.append(f"{plural(len(rows), 'backup')} beside {database.path}")
    emit({"ok": True, "written": str(made) if made else None, "backups": rows}, json, "\n".join(lines))
