"""The verbs of `rankings`, and what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="TREC run files: measure, compare, fuse.")

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A TREC run file: query, Q0, candidate, rank, score, name.")]
