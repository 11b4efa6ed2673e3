"""Where a scoring that runs says how far it is, for whoever watches from another process."""

from __future__ import annotations

from pathlib import Path

from core.workspace import Workspace


def progress_file(workspace: Workspace, bitext_id: str) -> Path:
    """A JSON file while a scoring runs: {"done", "total", "pid", "began", "now"}, times in seconds since 1970."""
    return workspace.cache / "bitext" / f"scoring-{bitext_id}.json"
