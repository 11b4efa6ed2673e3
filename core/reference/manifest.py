"""The manifest: what the reference results hold, with the SHA-256 of every file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, MissingData
from core.reference.layout import FORMAT
from core.shipped import MANIFEST
from core.strict_json import read_json

_AGAIN = "get the reference results again"


@dataclass(frozen=True)
class Manifest:
    """`runs` are the identities in their order, `files` maps a file's path in the folder to its SHA-256."""

    runs: tuple[str, ...]
    files: Mapping[str, str]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        return {"format": FORMAT, "complete": self.complete, "runs": list(self.runs), "files": dict(self.files)}


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`. Raises `MissingData` if there is none, `BadInput` if it cannot be used."""
    path = folder / MANIFEST
    if not os.path.lexists(path):
        raise MissingData(f"There are no reference results in {folder} (no {MANIFEST}); {_AGAIN}.")
    content = read_json(path, _AGAIN)
    if not isinstance(content, dict):
        raise BadInput(f"{path} cannot be read: it holds no JSON object; {_AGAIN}.")
    given = content.get("format")
    if given != FORMAT or isinstance(given, bool):
        raise BadInput(f"{path} has format {str(given)[:40]}, and this Isogloss reads {FORMAT}; update Isogloss.")
    runs, files = content.get("runs"), content.get("files")
    if not isinstance(runs, list) or not all(isinstance(run, str) for run in runs):
        raise BadInput(f"{path} cannot be read: 'runs' should be a list of identifiers; {_AGAIN}.")
    if not isinstance(files, dict) or not all(isinstance(sum_, str) for sum_ in files.values()):
        raise BadInput(f"{path} cannot be read: 'files' should give each file's SHA-256; {_AGAIN}.")
    if not isinstance(content.get("complete"), bool):
        raise BadInput(f"{path} cannot be read: 'complete' should be true or false; {_AGAIN}.")
    return Manifest(tuple(runs), files, content["complete"])


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes. Raises `BadInput` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); {_AGAIN}.") from error


def check_sums(folder: Path, names: list[str] | None = None) -> list[str]:
    """One sentence for each file (of `names`, else of all) that is missing or not the one of the manifest."""
    files = read_manifest(folder).files
    problems = []
    for name in files if names is None else names:
        path = folder / name
        if name not in files:
            problems.append(f"{name} is not in the manifest of {folder}; {_AGAIN}.")
        elif not path.is_file():
            problems.append(f"{path} is missing; {_AGAIN}.")
        elif sha256_of(path) != files[name]:
            problems.append(f"{path} is not the file that the manifest names; {_AGAIN}.")
    return problems


def content_of(run_id: str, file_sha256: str) -> str:
    """What names a run's rows of a packed file: another hash than any file of a run folder has."""
    return hashlib.sha256(f"reference {run_id} {file_sha256}".encode()).hexdigest()
