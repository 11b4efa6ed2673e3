"""The list of its files that a run.json carries, so that half a copy of a run folder is not taken for the run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.errors import BadInput
from core.run_folder.tables import RECORD, TABLES

#: The key of run.json: a file's name to `bytes`, `sha256` of those bytes, and `rows` of a table.
FILES = "files"
#: The key of the run.json of a run that was kept without some of its files: what `FILES` held of them.
LEFT_OUT = "left_out"
COPY_AGAIN = "copy the run folder again"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def list_files(folder: Path) -> dict[str, dict[str, Any]]:
    """What `FILES` holds of a finished folder: every file in it, by name, but run.json itself."""
    listed: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        if path.name == RECORD or path.name.startswith(".") or not path.is_file():
            continue
        listed[path.name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        if path.suffix == ".parquet":
            listed[path.name]["rows"] = pq.ParquetFile(path).metadata.num_rows
    return listed


def is_list_of_files(value: object) -> bool:
    """Whether `value` can stand under `FILES`: plain names, sizes and hashes."""
    return isinstance(value, dict) and all(
        bool(_NAME.fullmatch(name))
        and name != RECORD
        and isinstance(entry, dict)
        and _count(entry.get("bytes"))
        and isinstance(entry.get("sha256"), str)
        and bool(_SHA256.fullmatch(entry["sha256"]))
        and ("rows" not in entry or _count(entry["rows"]))
        for name, entry in value.items()
    )


def check_files(folder: Path, record: Mapping[str, Any]) -> None:
    """Compare `folder` with the list in its checked run.json; one that was written without a list passes.

    Raises `BadInput` that names every file that is missing, else the first that is cut short, has another content, or
    is a table that the list does not know.
    """
    listed = record.get(FILES)
    if listed is None:
        return
    missing = [name for name in listed if not (folder / name).is_file()]
    if missing:
        tables = {table.file for table in TABLES}
        shown = [f"{name} ({listed[name]['rows']:,} rows)" if name in tables and "rows" in listed[name] else name
                 for name in missing]  # fmt: skip
        raise BadInput(f"{folder} is not whole: {RECORD} lists {', '.join(shown)}, not there; {COPY_AGAIN}.")
    for name, entry in listed.items():
        path = folder / name
        try:
            size = path.stat().st_size
            if size != entry["bytes"]:
                raise BadInput(
                    f"{path} has {size:,} bytes where {RECORD} lists {entry['bytes']:,}: it was not copied whole, or "
                    f"was changed; {COPY_AGAIN}."
                )
            if _sha256(path) != entry["sha256"]:
                raise BadInput(f"{path} is not the file that {RECORD} lists: its content differs; {COPY_AGAIN}.")
        except OSError as error:
            raise BadInput(f"{path} cannot be read ({error.strerror or 'no reason given'}); {COPY_AGAIN}.") from error
    for table in TABLES:
        if table.file not in listed and (folder / table.file).exists():
            raise BadInput(
                f"{folder / table.file} is not among the files that {RECORD} lists: it is another run's; move it away "
                f"or {COPY_AGAIN}."
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
