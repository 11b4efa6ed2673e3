"""The model of a stored run: from the workspace that made it, or from the results that ship with the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.encoder.identity import encoder_identity
from core.errors import MissingData
from core.recent import Recent
from core.reference.layout import ADAPTERS
from core.shipped import reference_folder
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.nli import NLIModel

_WEIGHTS = "adapter.safetensors"
#: Models held in memory: two arms beside each other, and the two looked at before them. They share the frozen weights.
KEPT = 4
_models = Recent(KEPT)


def weights_folder(workspace: Workspace, run_id: str) -> Path | None:
    """The folder that holds the run's weights, the workspace's own first; None where they are not on this machine."""
    folders = [workspace.run(run_id)]
    shipped = reference_folder()
    if shipped is not None and run_id.isalnum():
        folders.append(shipped / ADAPTERS / run_id)
    return next((folder for folder in folders if (folder / _WEIGHTS).is_file()), None)


def load_run(workspace: Workspace, run_id: str, encoder: Encoder) -> NLIModel:
    """The model of a stored run for inference, its frozen weights shared with `encoder`; kept in memory for the next.

    It is read again when its file changes. Raises `MissingData` if its weights are not on this machine, `BadInput` if
    they cannot be read or are another encoder's.
    """
    from core.model.weights import load_arm

    folder = weights_folder(workspace, run_id)
    if folder is None:
        raise MissingData(
            f"The weights of run {run_id[:40]} are not in this workspace; copy its folder there or choose another run."
        )
    key = (folder, _stamp(folder / _WEIGHTS), encoder_identity(encoder))
    model: NLIModel = _models.get(key, lambda: load_arm(folder, encoder))
    return model


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
