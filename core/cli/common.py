"""What the verbs share: options and output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with the data sets; else ISOGLOSS_DATA, else the starter set."),
]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="Workspace for runs and results; else ISOGLOSS_HOME, else workspace/."),
]
#: For the verbs that read no data set, and for those that keep nothing in a workspace: every verb takes every option.
NoData = Annotated[Path | None, typer.Option("--data", help="Has no effect in this verb.")]
NoHome = Annotated[Path | None, typer.Option("--home", help="Has no effect in this verb.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def emit(payload: dict[str, Any], as_json: bool, text: str) -> None:
    """Print the result: the document, or the text for people."""
    print(json.dumps(payload, ensure_ascii=False) if as_json else text)


def tell(message: str) -> None:
    """A message on standard error."""
    print(message, file=sys.stderr, flush=True)
