"""`rankings fuse`: several run files as one, by the ranks of their candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Json, NoData, NoHome, emit
from core.cli.rankings.app import app
from core.errors import BadInput
from core.files import atomic_write
from core.notation import plural


@app.command()
def fuse(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Two TREC run files or more.")],
    out: Annotated[Path, typer.Option("--out", help="Write the fused run here.")],
    depth: Annotated[int, typer.Option("--depth", min=1, max=10_000, help="Candidates of each query.")] = 1000,
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Fuse TREC run files by reciprocal ranks: a candidate's score is the sum of 1 / (60 + its rank) over the runs."""
    from core.retrieval.ranked import fuse as fused
    from core.retrieval.ranked import read_run, run_lines

    if len(runs) < 2:
        raise BadInput("One run has nothing to be fused with; name two or more.")
    found = fused([read_run(path) for path in runs], depth)
    text = "".join(f"{line}\n" for line in run_lines(found, "fused"))
    atomic_write(out, text, what=f"The run file {out}", advice="name another with --out")
    told = f"{plural(len(found.rankings), 'query')} of {plural(len(runs), 'run')} fused in {out.name}."
    emit({"queries": len(found.rankings), "runs": [path.name for path in runs], "out": str(out)}, json, told)
