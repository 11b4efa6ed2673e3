"""The verbs of `suites`, and what they have in common."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Behavioural suites of our own in 15 languages: list, show, run.")

Languages = Annotated[
    list[str] | None, typer.Option("--lang", help="A language, such as sw; may be repeated. Else all fifteen.")
]
