"""Where a run's weights lie: in the workspace that made it, or among the reference results."""

from __future__ import annotations

from pathlib import Path

from core.reference.layout import ADAPTERS
from core.shipped import reference_folder
from core.workspace import Workspace

_WEIGHTS = "adapter.safetensors"


def weights_folder(workspace: Workspace, run_id: str) -> Path:
    """The folder to load the run's model from; the workspace's own, present or not, where none has weights."""
    own = workspace.run(run_id)
    shipped = reference_folder()
    if shipped is None or (own / _WEIGHTS).is_file() or not run_id.isalnum():
        return own
    folder = shipped / ADAPTERS / run_id
    return folder if (folder / _WEIGHTS).is_file() else own
