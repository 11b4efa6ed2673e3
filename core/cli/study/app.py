"""The group of `study`'s verbs, and the argument that they share."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Studies: list, new, check, plan, strengths, lock, run, status, verdict, card, compare, bundle and more.",
)
Named = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped study's name, or a study's file.")]
