"""Where the results lie that ship with the project, or those that are used in their place."""

from __future__ import annotations

import os
from pathlib import Path

from core.workspace import CHECKOUT

#: A folder of reference results to use instead of the shipped one, or "off" for none.
SETTING = "ISOGLOSS_REFERENCE"
SHIPPED = CHECKOUT / "store" / "reference"
#: Query encoders of the retrieval experiment, packed beside the rest.
RETRIEVAL = "retrieval"
MANIFEST = "manifest.json"


def reference_folder() -> Path | None:
    """The folder of the reference results: `ISOGLOSS_REFERENCE`, else the shipped one; None where there are none."""
    folder = _named()
    return folder if folder and (folder / MANIFEST).is_file() else None


def retrieval_folder() -> Path | None:
    """Where the retrieval experiment's packed runs lie, in the same place; None where there are none."""
    folder = _named()
    return folder / RETRIEVAL if folder and (folder / RETRIEVAL).is_dir() else None


def _named() -> Path | None:
    named = os.environ.get(SETTING, "").strip()
    if named.lower() == "off":
        return None
    return Path(named).expanduser().resolve() if named else SHIPPED
