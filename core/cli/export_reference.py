"""`export-reference`: pack a workspace's reference runs into the results that ship with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, NoData, emit
from core.shipped import SHIPPED
from core.workspace import open_workspace


def export_reference(
    out: Annotated[Path, typer.Option("--out", help="Folder to write; its NOTICE and README stay.")] = SHIPPED,
    partial: Annotated[bool, typer.Option("--partial", help="Export what is there, though runs are missing.")] = False,
    verdict: Annotated[
        bool, typer.Option("--verdict", help="Make the answer sheet in --out again, and change nothing else.")
    ] = False,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Pack the finished runs of the reference preset into the results that ship with the project.

    Predictions, measures, curves, plans, settings and adapters go along.
    """
    from core.reference.export import export

    if verdict:
        from core.reference.stored_verdict import remake_verdict

        folder = out.expanduser().resolve()
        size = remake_verdict(folder)
        emit({"ok": True, "verdict": size}, json, f"{size / 1e6:8.2f} MB  verdict.json in {out}")
        return
    packed = export(open_workspace(home).runs, out.expanduser().resolve(), partial)
    lines = [f"{size / 1e6:8.2f} MB  {name}" for name, size in packed.files.items()]
    lines.append(f"{packed.megabytes:8.2f} MB  {len(packed.runs)} runs in {out}")
    if packed.missing:
        lines.append(f"Still missing: {', '.join(packed.missing)}.")
    payload = {
        "ok": True, "runs": list(packed.runs), "files": packed.files, "megabytes": round(packed.megabytes, 3),
        "missing": list(packed.missing),
    }  # fmt: skip
    emit(payload, json, "\n".join(lines))
