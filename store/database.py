"""The DuckDB files of a workspace: where each lies, its migrations, and what to do when one is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.workspace import Workspace

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


#: How every store is opened: nothing is downloaded, and no file is read but the store itself.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "python_enable_replacements": False,
    "lock_configuration": True,
}


@dataclass(frozen=True)
class Database:
    """One DuckDB file. `title` names it in a sentence; `remedy` says how to replace a damaged one. `irreplaceable`: it
    is copied before a migration changes it (`store.backups`)."""

    path: Path
    migrations: Path
    title: str
    remedy: str
    irreplaceable: bool = False


def results_database(workspace: Workspace) -> Database:
    """Runs, scores, curves, predictions, plans and rankings: rebuildable from the run folders."""
    return Database(
        path=workspace.results.resolve(),
        migrations=MIGRATIONS / "results",
        title="results store",
        remedy="move it away and rebuild it with `python -m core import`",
    )


def results_stamp(workspace: Workspace) -> str:
    """A text that changes whenever the results do, and is "" while there are none: a key for caches."""
    try:
        status = workspace.results.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}"
