"""`export-reference`: pack a workspace's reference runs into the results that ship with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, emit
from core.reference.export import export
from core.shipped import SHIPPED
from core.workspace import open_workspace


def export_reference(
    out: Annotated[Path, typer.Option("--out", help="Folder to write; its NOTICE and README stay.")] = SHIPPED,
    partial: Annotated[bool, typer.Option("--partial", help="Export what is there, though runs are missing.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Pack the finished runs of the reference preset: predictions, measures, curves, plans, settings, adapters."""
    made = export(open_workspace(home).runs, out.expanduser().resolve(), partial)
    lines = [f"{size / 1e6:8.2f} MB  {name}" for name, size in made.files.items()]
    lines.append(f"{made.megabytes:8.2f} MB  {len(made.runs)} runs in {out}")
    if made.missing:
        lines.append(f"Still missing: {', '.join(made.missing)}.")
    payload = {
        "ok": True, "runs": list(made.runs), "files": made.files, "megabytes": round(made.megabytes, 3),
        "missing": list(made.missing),
    }  # fmt: skip
    emit(payload, json, "\n".join(lines))
