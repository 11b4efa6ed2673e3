"""`report`: what is stored as one HTML file that opens offline, or as slides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Home, Json, emit, tell
from core.errors import BadInput
from core.files import atomic_write
from core.workspace import open_workspace

FORMATS = (".html", ".pptx")


def report(
    out: Annotated[Path, typer.Option("--out", help="The file to write; it ends in .html or .pptx.")],
    title: Annotated[str, typer.Option("--title", help="The report's title.")] = "",
    languages: Annotated[str, typer.Option("--languages", help="Languages shown, between commas; else all.")] = "",
    arms: Annotated[list[str] | None, typer.Option("--arms", help="Arms shown; else all.")] = None,
    item: Annotated[
        list[str] | None, typer.Option("--item", help="An item as sw:155; repeat for several. Else picked by rule.")
    ] = None,
    plan: Annotated[
        list[str] | None, typer.Option("--plan", help="A kept plan by its name; repeat for several. Else a stored one.")
    ] = None,
    group: Annotated[str, typer.Option("--group", help="A group of comparable runs; else the newest.")] = "",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write a report of the stored results: verdict, figures, tables, examples, method, limits, provenance."""
    from core.data.catalog import open_catalog
    from core.languages import language
    from core.report.material import Choices, read_item
    from store.report.material import gather

    if out.suffix.lower() not in FORMATS:
        raise BadInput(f"The report {out.name!r} ends in neither .html nor .pptx; name the file so.")
    codes = tuple(language(code).code for code in languages.split(",") if code.strip())
    items = tuple(read_item(text) for text in item or ())
    choices = Choices(title, codes, tuple(arms or ()), items, tuple(plan or ()), group)
    workspace, catalog = open_workspace(home), open_catalog(data) if data else None
    tell("Reading the stored results; comparing them takes some seconds the first time.")
    material = gather(workspace, choices, catalog)
    for sentence in material.missing:
        tell(sentence)
    if out.suffix.lower() == ".html":
        from core.report.page import report_page

        content = report_page(material).encode()
    else:
        from core.report.slides import report_slides

        content = report_slides(material)
    atomic_write(out, content, what=f"The report {out}", advice="name another file")
    payload = {
        "ok": True,
        "out": str(out),
        "bytes": len(content),
        "title": material.title,
        "split": material.split,
        "data": material.data_kind,
        "runs": [str(run["run_id"]) for run in material.runs],
        "arms": list(material.arms),
        "languages": list(material.languages),
        "items": [{"language": example.language, "item": example.item_id} for example in material.examples],
        "plans": len(material.plans),
        "missing": list(material.missing),
    }
    emit(payload, json, f"Wrote {out} ({len(content) / 1e6:.1f} MB).")
