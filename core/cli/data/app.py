"""The group of `data`'s verbs; `data` alone lists."""

from __future__ import annotations

import typer

from core.cli.common import Data, Json, NoHome
from core.errors import BadInput

app = typer.Typer()


@app.callback(invoke_without_command=True)
def data(context: typer.Context, data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """List the data sets that were found, with their items, and say how to get the missing ones.

    `data get` fetches them. `data list` is the listing too.
    """
    if context.invoked_subcommand is None:
        from core.cli.data.listing import list_

        list_(data, home, json)
    elif data is not None or home is not None or json:
        verb = context.invoked_subcommand
        raise BadInput(f"Options of `data {verb}` stand after its name: `python -m core data {verb} --data FOLDER`.")
