"""NLI files: tables (TSV, CSV; plain or quoted) and JSON Lines, with the names their authors use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.records import LABELS, NLIItem
from core.data.text import Quoting, at, read_lines, read_rows
from core.errors import BadInput

#: Names of the columns premise, hypothesis and label, in the sets they come in.
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("premise", "hypothesis", "label"),
    ("prem", "hyp", "label"),
    ("sentence1", "sentence2", "gold_label"),
    ("premise", "hypothesis", "gold_label"),
    ("sentence1", "sentence2", "label"),
    ("sentence1_en", "sentence2_en", "label"),
)
_NAMES = {name: index for index, name in enumerate(LABELS)}
_LABELS = {
    **_NAMES, "contradictory": 2, "e": 0, "n": 1, "c": 2, "0": 0, "1": 1, "2": 2, "-": None, "-1": None,
}  # fmt: skip


@dataclass(frozen=True)
class NLIFile:
    """What one file held: its items, and how many rows had no agreed label and were left out."""

    items: tuple[NLIItem, ...]
    unlabelled: int


def parse_label(value: object) -> int | None:
    """The index of a label in `LABELS`; None for a pair without one ("-" or -1).

    Words in any case, their initials, and 0, 1, 2 are read. Raises `BadInput` for anything else.

    >>> parse_label("Neutral"), parse_label("c"), parse_label(0), parse_label("-")
    (1, 2, 0, None)
    """
    key = str(value).strip().casefold()
    if isinstance(value, bool) or key not in _LABELS:
        raise BadInput(
            f"the label {str(value)[:40]!r} is not one of entailment, neutral, contradiction "
            "(or e, n, c, or 0, 1, 2, or - for none)"
            + (
                "; a set of two labels can be a study's benchmark, not trained on."
                if key[:3] in ("not", "non")
                else "."
            )
        )
    return _LABELS[key]


def read_nli(path: Path, quoting: Quoting = "auto", own_ids: bool = False) -> NLIFile:
    """Read one NLI file by its ending: `.jsonl` / `.json` as JSON Lines, anything else as a table.

    `own_ids` takes the item ids from the column `id` (whole numbers, each once); otherwise an item's id
    is its row, counted from 0 with unlabelled rows included. Raises `BadInput` with file and line.
    """
    rows = _json_rows(path) if path.suffix.lower() in (".jsonl", ".json") else _table_rows(path, quoting)
    items: list[NLIItem] = []
    seen: set[int] = set()
    unlabelled = 0
    for row, (line, premise, hypothesis, raw_label, raw_id) in enumerate(rows):
        try:
            label = parse_label(raw_label)
        except BadInput as error:
            raise BadInput(f"{at(path, line)}: {error}") from None
        if label is None:
            unlabelled += 1
            continue
        if not premise.strip() or not hypothesis.strip():
            raise BadInput(f"{at(path, line)}: the premise or the hypothesis is empty.")
        number = _own_id(path, line, raw_id, seen) if own_ids and raw_id is not None else row
        items.append(NLIItem(number, premise, hypothesis, label))
    if not items:
        raise BadInput(f"{path} holds no labelled pair.")
    return NLIFile(tuple(items), unlabelled)


def columns_of(names: Sequence[str], where: str) -> tuple[str, str, str]:
    """Which of `COLUMNS` a header or a JSON object has. Raises `BadInput` that says what was found."""
    for columns in COLUMNS:
        if all(column in names for column in columns):
            return columns
    found = ", ".join(str(name)[:30] for name in list(names)[:8])
    raise BadInput(f"{where}: no premise, hypothesis and label among the columns ({found}).")


_Row = tuple[int, str, str, object, object]


def _table_rows(path: Path, quoting: Quoting) -> Iterator[_Row]:
    rows = read_rows(path, quoting)
    line, header = next(rows)
    names = [name.strip().casefold() for name in header]
    p, h, c = (names.index(name) for name in columns_of(names, at(path, line)))
    i = names.index("id") if "id" in names else None
    for line, row in rows:
        if len(row) != len(names):
            raise BadInput(
                f"{at(path, line)}: {len(row)} columns where the header has {len(names)}; "
                "look for a tab or a quote inside a sentence."
            )
        yield line, row[p], row[h], row[c], row[i] if i is not None else None


def _json_rows(path: Path) -> Iterator[_Row]:
    for line, record in json_records(path):
        p, h, c = columns_of(list(record), at(path, line))
        if not isinstance(record[p], str) or not isinstance(record[h], str):
            raise BadInput(f"{at(path, line)}: {p} and {h} must be text.")
        yield line, record[p], record[h], record[c], record.get("id")


def json_records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers. Raises `BadInput`."""
    for line, raw in enumerate(read_lines(path), start=1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (json.JSONDecodeError, RecursionError) as error:
            raise BadInput(f"{at(path, line)}: this line is not JSON.") from error
        if not isinstance(record, dict):
            raise BadInput(f"{at(path, line)}: this line is not a JSON object.")
        yield line, record


def _own_id(path: Path, line: int, raw: object, seen: set[int]) -> int:
    text = str(raw).strip()
    if not (text.isascii() and text.isdigit()):
        raise BadInput(f"{at(path, line)}: the id {text[:40]!r} is not a whole number.")
    number = int(text)
    if number in seen:
        raise BadInput(f"{at(path, line)}: the id {number} occurs twice.")
    seen.add(number)
    return number
