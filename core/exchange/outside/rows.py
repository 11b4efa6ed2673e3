"""A file of predictions as rows: CSV, TSV, JSONL, Parquet, and the samples that lm-eval-harness logs.

Forms are told apart by content; bytes, rows, columns and lines are bounded.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInput
from core.notation import plural

MAX_BYTES = 200 * 2**20
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
#: Characters of one line: the samples of a harness carry whole prompts.
MAX_LINE = 1_000_000
#: Columns of the rows made of the samples of lm-eval-harness.
HARNESS_ID, HARNESS_SCORES, HARNESS_ANSWER = "doc_id", "log-likelihoods", "prediction"
_READ = "give CSV, TSV, JSONL, Parquet, or the samples JSONL of lm-eval-harness"
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """`rows` by column name; `unread` counts lines that are no row; `form` is what the file was recognised as."""

    form: str
    rows: list[Row]
    columns: tuple[str, ...]
    unread: int = 0


def read_rows(path: Path) -> Rows:
    """The rows of a file. Raises `BadInput` for a file that is absent, too large, empty, or of no known form."""
    if not path.is_file():
        raise BadInput(f"There is no file {path}; {_READ}.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadInput(f"{path.name} has more than {MAX_BYTES // 2**20} MB; keep the columns that are needed alone.")
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        found = _parquet(path)
    elif head[:2] == b"\x1f\x8b" or head[:4] in (b"PK\x03\x04", b"\x28\xb5\x2f\xfd"):
        raise BadInput(f"{path.name} is compressed; unpack it first, then {_READ}.")
    else:
        found = _text(path)
    if not found.rows:
        raise BadInput(f"{path.name} holds no rows that can be read; {_READ}.")
    return found


def _too_many(path: Path) -> BadInput:
    return BadInput(f"{path.name} has more than {plural(MAX_ROWS, 'row')}; bring one benchmark and split at a time.")


def _parquet(path: Path) -> Rows:
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > MAX_ROWS:
                raise _too_many(path)
            schema = file.schema_arrow
            names = [name for name in schema.names if schema.names.count(name) == 1][:MAX_COLUMNS]
            table = file.read(columns=names)
        rows = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
        raise BadInput(f"{path.name} is not a readable Parquet file; write it again.") from error
    return Rows("Parquet", rows, tuple(names))


def _text(path: Path) -> Rows:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text; save it as UTF-8, or {_READ}.") from error
    first = text.lstrip()[:1]
    if first == "[":
        raise BadInput(f"{path.name} is one JSON list; give JSONL, one object a line, instead.")
    return _jsonl(path, text) if first == "{" else _delimited(path, text)


def _jsonl(path: Path, text: str) -> Rows:
    rows: list[Row] = []
    columns: dict[str, None] = {}
    unread = harness = 0
    for line in io.StringIO(text):
        if not line.strip():
            continue
        if len(rows) + unread >= MAX_ROWS:
            raise _too_many(path)
        try:
            found = json.loads(line) if len(line) <= MAX_LINE else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            unread += 1
            continue
        if "doc_id" in found and ("filtered_resps" in found or "resps" in found):
            harness += 1
            found = _harness(found)
        rows.append(found)
        for name in found:
            if len(columns) < MAX_COLUMNS:
                columns[str(name)] = None
    form = "samples of lm-eval-harness" if harness else "JSONL"
    return Rows(form, rows, tuple(columns), unread)


def _harness(sample: Row) -> Row:
    """doc_id with the log-likelihood of each choice, or the answer where one was generated, and the file's own gold."""
    made: Row = {HARNESS_ID: sample["doc_id"]}
    document = sample.get("doc")
    for name in ("language", "lang", "locale"):
        if isinstance(document, dict) and isinstance(document.get(name), str):
            made["language"] = document[name]
    answers = _flat(sample.get("filtered_resps")) or _flat(sample.get("resps"))
    scores = [answer[0] for answer in answers if isinstance(answer, list | tuple) and len(answer) == 2]
    if scores and len(scores) == len(answers):
        made[HARNESS_SCORES] = scores
    elif len(answers) == 1:
        made[HARNESS_ANSWER] = answers[0]
    if "target" in sample:
        made["target"] = sample["target"]
    return made


def _flat(answers: Any) -> list[Any]:
    """One answer a request: `[[["-1.2", "False"]], …]` and `[["-1.2", "False"], …]` alike."""
    if not isinstance(answers, list):
        return []
    return [one[0] if isinstance(one, list) and len(one) == 1 else one for one in answers]


def _delimited(path: Path, text: str) -> Rows:
    head = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max("\t,;", key=head.count)
    if separator not in head:
        raise BadInput(f"{path.name} has no columns in its first line; {_READ}.")
    names: list[str] = []
    rows: list[Row] = []
    unread = 0
    for cells in _records(io.StringIO(text, newline=""), separator):
        if cells is None:
            unread += 1
        elif not names:
            names = [cell.strip() for cell in cells]
            if len(names) > MAX_COLUMNS:
                raise BadInput(f"{path.name} has {len(names):,} columns; keep those that are needed alone.")
            if len(set(names)) < len(names):
                raise BadInput(f"{path.name} names a column twice; give each a name of its own.")
        elif len(cells) != len(names):
            unread += bool(cells)
        else:
            rows.append(dict(zip(names, cells, strict=True)))
        if len(rows) + unread > MAX_ROWS:
            raise _too_many(path)
    return Rows("TSV" if separator == "\t" else "CSV", rows, tuple(names), unread)


def _records(lines: io.StringIO, separator: str) -> Iterator[list[str] | None]:
    """The records of a delimited file; None for one that breaks the form, as a cell without an end."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None
