"""`trial`: what is trained and how, compared by English validation accuracy per minute and file size."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Device, Json, NoHome, ReadingEncoder, emit
from core.errors import BadInput
from core.files import refusing
from core.progress import bar


def trial(
    tuning: Annotated[str, typer.Option("--tuning", help="lora or full")] = "lora",
    rank: Annotated[int, typer.Option("--rank", min=1)] = 16,
    first_layer: Annotated[int, typer.Option("--first-layer", min=0, help="Layers before it stay frozen.")] = 0,
    learning_rate: Annotated[float, typer.Option("--learning-rate")] = 8e-4,
    updates: Annotated[int, typer.Option("--updates", min=1)] = 150,
    threads: Annotated[int, typer.Option("--threads", min=1)] = 1,
    precision: Annotated[str, typer.Option("--precision", help="float32 or bfloat16")] = "float32",
    repeat: Annotated[
        list[str] | None, typer.Option("--repeat", help="NAME=N: a pass goes N times through that training set.")
    ] = None,
    table: Annotated[Path | None, typer.Option("--table", help="Append the row to this TSV.")] = None,
    encoder: ReadingEncoder = None,
    device: Device = "auto",
    data: Data = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Train the English task once under the given settings and read English validation."""
    from core.data.catalog import open_catalog

    catalog, repeats = open_catalog(data), _repeats(repeat or [])
    import torch

    from core.config import ModelConfig, TrainingConfig
    from core.encoder.load import EMBEDDED, load_encoder
    from core.experiment.trials import run_trial

    torch.set_num_threads(threads)
    model = ModelConfig(tuning=tuning, rank=rank, alpha=2 * rank, first_layer=first_layer)
    training = TrainingConfig(updates=updates, learning_rate=learning_rate, precision=precision)
    loaded = load_encoder(encoder or EMBEDDED, device)
    done = run_trial(loaded, catalog, model, training, progress=bar("trial"), repeats=repeats)
    row = dataclasses.asdict(done)
    if table:
        new = not table.exists()
        with (
            refusing(f"The table {table}", "name another with --table"),
            table.open("a", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, list(row), delimiter="\t", lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow({k: round(v, 3) if isinstance(v, float) and v > 0.01 else v for k, v in row.items()})
    emit(row, json, "\n".join(f"{name:<14}{value}" for name, value in row.items()))


def _repeats(given: Iterable[str]) -> dict[str, int]:
    repeats = {}
    for text in given:
        name, _, count = text.rpartition("=")
        if not name or not count.isdigit():
            raise BadInput(f"--repeat takes NAME=N with a whole number, not {text[:60]!r}.")
        repeats[name] = int(count)
    return repeats
