"""The preregistration and the trials that led to it: committed files, read as they are."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import BadInput
from core.experiment.studies.read import FIRST_STUDY, study_path
from core.workspace import CHECKOUT

FIXED = study_path(FIRST_STUDY)
TRIALS = CHECKOUT / "core" / "experiment" / "tuning.tsv"
_COLUMNS = ("arm", "settings", "english", "objective", "minutes")


def read_fixed(path: Path = FIXED) -> tuple[str, dict[str, Any]] | None:
    """The text of the file that fixes the experiment and what it says; None where there is none.

    Raises `BadInput` if it is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name} is not valid TOML ({error}).") from error


def flat(content: dict[str, Any], path: str = "") -> pd.DataFrame:
    """setting, value: one row a value, tables in order, the values as they are written."""
    return pd.DataFrame(_leaves(content, path), columns=["setting", "value"])


def read_trials(path: Path = TRIALS) -> pd.DataFrame | None:
    """arm, settings, english (x100), objective, minutes and whatever else was logged; None where there is no log.

    Raises `BadInput`, naming file and line, if a row cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
    except OSError:
        return None
    head, rows = (rows[0], rows[1:]) if rows else ([], [])
    lacking = [name for name in _COLUMNS if name not in head]
    if lacking:
        raise BadInput(f"{path.name}, line 1: no column {lacking[0]!r}; its columns are {', '.join(_COLUMNS)}.")
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise BadInput(f"{path.name}, line {number}: {len(row)} columns where the header has {len(head)}.")
    table = pd.DataFrame(rows, columns=head)
    table = table[[*_COLUMNS, *(name for name in head if name not in _COLUMNS)]]
    for name in ("english", "objective", "minutes"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    return table


def _leaves(content: dict[str, Any], path: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in content.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            rows += _leaves(value, here)
        elif isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
            for number, part in enumerate(value, 1):
                rows += _leaves(part, f"{here}.{part.get('name', number)}")
        else:
            rows.append((here, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return rows
