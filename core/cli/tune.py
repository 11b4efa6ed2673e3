"""`tune`: one form of an arm, read on English validation and on held-out bitext."""

from __future__ import annotations

import csv
import dataclasses
import json as json_
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.common import Data, Device, Home, Json, ReadingEncoder, emit
from core.errors import BadInput
from core.files import refusing
from core.progress import bar
from core.workspace import open_workspace


def tune(
    arm: Annotated[str, typer.Option("--arm")],
    setting: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, a setting of the arm.")] = None,
    updates: Annotated[int, typer.Option("--updates", min=1)] = 150,
    bitext_batch: Annotated[int | None, typer.Option("--bitext-batch", min=1)] = None,
    warm_start: Annotated[str | None, typer.Option("--warm-start", help="A finished run; else the preset's.")] = None,
    preset: Annotated[str, typer.Option("--preset", help="Whose warm start and budget.")] = "reference",
    threads: Annotated[int, typer.Option("--threads", min=1)] = 1,
    table: Annotated[Path | None, typer.Option("--table", help="Append the row to this TSV.")] = None,
    encoder: ReadingEncoder = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Train one form of an arm from the warm start; read English validation and held-out bitext, test never."""
    from core.data.catalog import open_catalog

    workspace, catalog, settings = open_workspace(home), open_catalog(data), _settings(setting or [])
    import torch

    from core.encoder.load import EMBEDDED, load_encoder
    from core.experiment.studies.read import find_preset
    from core.experiment.tuning import trial_config, try_out

    torch.set_num_threads(threads)
    loaded = load_encoder(encoder or EMBEDDED, device)
    config = trial_config(
        find_preset(preset, catalog.kind), catalog, loaded.fingerprint, arm, settings, updates,
        bitext_batch=bitext_batch, warm_start=warm_start, depth=loaded.layers,
    )  # fmt: skip
    row = dataclasses.asdict(try_out(config, settings, workspace, catalog, loaded, bar(f"{arm} {settings}")))
    if table:
        _append(table, row)
    emit(row, json, "\n".join(f"{name:<16}{value}" for name, value in row.items()))


def _settings(given: Iterable[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            settings[name] = json_.loads(value)
        except ValueError:
            equals = ""
        if not equals:
            raise BadInput(f"--set takes NAME=VALUE with a number, true or false, not {text[:60]!r}.")
    return settings


def _append(table: Path, row: dict[str, Any]) -> None:
    new = not table.exists()
    with (
        refusing(f"The table {table}", "name another with --table"),
        table.open("a", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, list(row), delimiter="\t", lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow({name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()})
