"""Same training, another reading: a run takes the weights of a finished one that was trained alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.config import RunConfig, content_hash
from core.errors import BadInput
from core.experiment.finished import Finished, run_config
from core.experiment.run_tables import write_json
from core.experiment.studies.seal import read_records
from core.files import atomic_draft
from core.model.weights import SETTINGS, WEIGHTS
from core.progress import Progress, silent
from core.run_folder.files import FILES
from core.training.checkpoint import NAME as CHECKPOINT
from core.workspace import Workspace

#: What training counted, and its curves, until the run is finished; `SOURCE` in it is the run whose weights were taken.
COUNTS, SOURCE = "training.json", "weights_from"
#: Settings of a run that its weights do not depend on.
_NOT_TRAINING = ("evaluation", "label", "warm_start")


def training_identity(config: RunConfig, workspace: Workspace) -> str:
    """Equal for runs that training leaves with the same weights: everything but what is read and what it is called.

    Of the warm start its own training counts. Raises `BadInput` if the warm start's record cannot be read.
    """
    content = {key: value for key, value in config.as_dict().items() if key not in _NOT_TRAINING}
    start = None
    if config.warm_start is not None:
        record = Finished(workspace.run(config.warm_start), True).describe()
        start = training_identity(run_config(record), workspace)
    return content_hash({"recipe": config.recipe, **content, "start": start})


def take_weights(
    config: RunConfig, workspace: Workspace, folder: Path, device: str = "cpu", progress: Progress = silent
) -> str | None:
    """Copy into `folder` what training left of a finished run that was trained alike, and return its identity.

    None where there is no such run, or `folder` has been begun. The weights have to be those that the run's record
    lists, begin at the same weights and come from this version of torch on the same kind of device; else they are not
    taken.
    """
    if (folder / COUNTS).exists() or (folder / CHECKPOINT).exists():
        return None
    try:
        wanted = training_identity(config, workspace)
    except BadInput:  # training says what is wrong with the run that this one begins from
        return None
    for record in read_records(workspace.runs):
        if not _alike(record, config, device) or record.get("run_id") == config.run_id:
            continue
        try:
            source = run_config(record)
            if training_identity(source, workspace) != wanted or not _same_start(source, config, workspace):
                continue
        except BadInput:  # of another version, or its warm start is gone
            continue
        if _copy(workspace.run(str(record["run_id"])), record, folder):
            return str(record["run_id"])
        progress(0, 1, f"the weights of {record['run_id']} are not those of its record; training")
    return None


def _alike(record: Mapping[str, Any], config: RunConfig, device: str) -> bool:
    """Whether the record may be of the same training, from what is quickly compared."""
    own = record.get("config")
    versions = record.get("versions")
    return (
        isinstance(own, dict)
        and (own.get("arm"), own.get("seed"), record.get("recipe")) == (config.arm, config.seed, config.recipe)
        and isinstance(versions, dict)
        and versions.get("torch") == version("torch")
        and (record.get("machine") or {}).get("device", "cpu") == device
    )


def _same_start(source: RunConfig, config: RunConfig, workspace: Workspace) -> bool:
    if source.warm_start == config.warm_start:
        return True
    listed = [_listed(Finished(workspace.run(str(one.warm_start)), True).describe()) for one in (source, config)]
    return listed[0] is not None and listed[0] == listed[1]


def _listed(record: Mapping[str, Any]) -> str | None:
    """The hash of a run's weights as its record has it."""
    entry = (record.get(FILES) or {}).get(WEIGHTS)
    return str(entry["sha256"]) if isinstance(entry, dict) and "sha256" in entry else None


def _copy(source: Path, record: Mapping[str, Any], folder: Path) -> bool:
    try:
        weights = (source / WEIGHTS).read_bytes()
        if hashlib.sha256(weights).hexdigest() != _listed(record):
            return False
        settings = (source / SETTINGS).read_bytes()
        curves = pq.read_table(source / "curves.parquet").to_pylist()
        counts = {
            "update": record["updates"], "forward": record["tokens_forward"], "backward": record["tokens_backward"],
            "seconds": record["training_seconds"],
            "curves": [[row["step"], row["name"], row["value"]] for row in curves],
            SOURCE: record["run_id"],
        }  # fmt: skip
    except (OSError, ValueError, KeyError):  # a file or the record is damaged
        return False
    for name, content in ((WEIGHTS, weights), (SETTINGS, settings)):
        with atomic_draft(folder / name) as draft:
            draft.write_bytes(content)
    with atomic_draft(folder / COUNTS) as draft:
        write_json(draft, counts)
    return True


def weights_from(folder: Path) -> str | None:
    """The run whose weights the unfinished run in `folder` took, None if it trains its own."""
    try:
        source = json.loads((folder / COUNTS).read_text(encoding="utf-8")).get(SOURCE)
    except (OSError, ValueError):
        return None
    return str(source) if source else None
