"""The manifest: what the reference results hold, with the SHA-256 of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, MissingData
from core.reference.layout import FORMAT
from core.shipped import MANIFEST

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
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise BadInput(f"{path} has format {told['format']}, and this Isogloss reads {FORMAT}; update Isogloss.")
        return Manifest(tuple(told["runs"]), dict(told["files"]), bool(told["complete"]))
    except FileNotFoundError as error:
        raise MissingData(f"There are no reference results in {folder} (no {MANIFEST}); {_AGAIN}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} cannot be read; {_AGAIN}.") from error


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
