"""Where things live at run time: runs, caches and stores under one folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Workspace:
    """The folder that holds everything made at run time; `ISOGLOSS_HOME`, or `workspace/`."""

    home: Path

    @property
    def results(self) -> Path:
        return self.home / "results.duckdb"

    @property
    def user(self) -> Path:
        return self.home / "user.duckdb"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def removed(self) -> Path:
        """Folders of runs that were taken out of the results, where no synchronisation looks."""
        return self.home / "removed"

    @property
    def data(self) -> Path:
        """Where data sets are fetched to unless another folder is named; read where none is named."""
        return self.home / "data"

    @property
    def studies(self) -> Path:
        """Files of studies that were run here, by the names their runs are stored under."""
        return self.home / "studies"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def run(self, run_id: str) -> Path:
        return self.runs / run_id


def named_workspace(home: str | Path | None = None) -> Workspace:
    """The workspace at `home`, else `ISOGLOSS_HOME`, else `workspace/` in the checkout, present or not."""
    return Workspace(Path(home or os.environ.get("ISOGLOSS_HOME") or CHECKOUT / "workspace").expanduser().resolve())


def open_workspace(home: str | Path | None = None) -> Workspace:
    """The workspace of `named_workspace`, made if absent.

    Raises `BadInput` if the folder cannot be made or written.
    """
    workspace = named_workspace(home)
    chosen = workspace.home
    try:
        for folder in (workspace.home, workspace.runs, workspace.cache):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The workspace {chosen} cannot be written ({error.strerror}); name another with --home or ISOGLOSS_HOME."
        ) from error
    if not os.access(chosen, os.W_OK):
        raise BadInput(f"The workspace {chosen} cannot be written; name another with --home or ISOGLOSS_HOME.")
    return workspace
