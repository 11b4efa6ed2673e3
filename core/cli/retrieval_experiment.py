"""`retrieval-experiment`: OPTICAL's own setting, run for real."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Home, Json, emit
from core.progress import bar
from core.workspace import open_workspace


def retrieval_experiment(
    updates: Annotated[int | None, typer.Option("--updates", min=1, help="At most so many an arm (to try it).")] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="At most so many an arm (to try it).")] = None,
    held_out_pairs: Annotated[int | None, typer.Option("--held-out-pairs", min=10, help="At most (to try it).")] = None,
    pool_questions: Annotated[int | None, typer.Option("--pool-questions", min=1, help="At most (to try it).")] = None,
    export: Annotated[Path | None, typer.Option("--export", help="Make nothing: pack the finished runs here.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads to use.")] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Query encoders trained on bitext alone, documents left frozen: every run not there yet."""
    from core.data.catalog import open_catalog

    workspace, catalog = open_workspace(home), open_catalog(data)
    if export is not None:
        from core.query_encoders.export import export_runs

        packed = export_runs(workspace, export)
        emit({"exported": packed}, json, f"{len(packed)} runs in {export}")
        return
    import torch

    from core.encoder.load import load_encoder
    from core.query_encoders.experiment import Scale, run_experiment

    if threads:
        torch.set_num_threads(threads)
    scale = Scale(updates, seeds, held_out_pairs, pool_questions)
    runs = run_experiment(workspace, catalog, load_encoder(), bar, scale)
    rows = [run.describe() | {"cached": run.cached} for run in runs]
    lines = [
        f"{row['arm']:<20}{row['seed']:>3}  held-out MRR {row['held_out']['reciprocal_rank']:6.1f}"
        f"  {row['seconds']:7.0f} s  {row.get('took_sentence', '')}"
        for row in rows
    ]
    emit({"runs": rows}, json, "\n".join(lines))
