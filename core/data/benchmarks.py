"""NLI test sets that are declared, not known: any languages, two or three labels, columns and labels by any names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from core.data.nli import COLUMNS, json_records, parse_label
from core.data.records import LABELS, NLIItem, NLISet
from core.data.registry import DataFile, Declared, find
from core.data.text import at, read_rows
from core.errors import BadInput, MissingData
from core.languages import sort_codes

ROLES = ("premise", "hypothesis", "label", "id")
_Row = tuple[str, Mapping[str, object]]


@dataclass(frozen=True)
class DeclaredBenchmark:
    """`files` is a pattern in the data folder with {lang} and perhaps {split}; `columns` maps roles to columns' names.

    `labels` are two or three names, entailment first; `values` maps what the files write to one of them.
    """

    name: str
    files: str
    columns: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = LABELS
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeclaredSplit:
    """A split of a declared benchmark, as a study reads it."""

    benchmark: DeclaredBenchmark
    split: str


@dataclass(frozen=True)
class ReadBenchmark:
    """The items by language, and by language what was left out: reason to number of rows."""

    sets: dict[str, NLISet]
    left_out: dict[str, dict[str, int]]

    @property
    def notes(self) -> list[str]:
        """What was left out, a sentence a language."""
        return [
            f"{code}: {', '.join(f'{count} row(s) {reason}' for reason, count in reasons.items())} left out."
            for code, reasons in self.left_out.items()
        ]


def benchmark_files(declared: DeclaredBenchmark, root: Path, split: str) -> dict[str, Path]:
    """The file of each language for a split, in the order of languages. Raises `MissingData`, `BadInput`."""
    source = Declared(declared.name, "nli", "other", (declared.files,))
    found = find(source, root)
    files: list[DataFile] = [file for file in (found.files if found else ()) if file.split in (split, None)]
    if not files:
        raise MissingData(
            f"The benchmark {declared.name} has no {split} files at {declared.files} in {root}; put them there, or "
            "change its files."
        )
    by_code: dict[str, Path] = {}
    for file in files:
        code = file.language or ""
        if code in by_code:
            raise BadInput(
                f"{file.path} and {by_code[code]} are both {code} of {declared.name}; name one by its files."
            )
        by_code[code] = file.path
    return {code: by_code[code] for code in sort_codes(list(by_code))}


def read_benchmark(declared: DeclaredBenchmark, root: Path, split: str) -> ReadBenchmark:
    """The items of every language; a label's number is its place in `labels`. Raises `MissingData`, `BadInput`.

    Rows without a label or with an empty side are left out and counted.
    """
    sets: dict[str, NLISet] = {}
    left_out: dict[str, dict[str, int]] = {}
    for code, path in benchmark_files(declared, root, split).items():
        lost: Counter[str] = Counter()
        sets[code] = NLISet(declared.name, split, code, _items(declared, path, lost))
        if lost:
            left_out[code] = dict(lost)
    return ReadBenchmark(sets, left_out)


def count_items(path: Path) -> int:
    """How many items a file holds that has the usual columns, rows without a label or a side left out."""
    return len(_items(DeclaredBenchmark(path.name, path.name), path, Counter()))


def hash_items(sets: Mapping[str, Sequence[NLIItem]]) -> str:
    """Twelve hexadecimal digits of the content of items by language: their ids, texts and labels, in their order."""
    digest = sha256()
    for code in sorted(sets):
        digest.update(f"\n{code}\n".encode())
        for item in sets[code]:
            row = json.dumps([item.id, item.premise, item.hypothesis, item.label], ensure_ascii=True)
            digest.update(f"{row}\n".encode())
    return digest.hexdigest()[:12]


def _items(declared: DeclaredBenchmark, path: Path, lost: Counter[str]) -> tuple[NLIItem, ...]:
    items: list[NLIItem] = []
    columns: dict[str, str] | None = None
    seen: set[int] = set()
    for number, (where, row) in enumerate(_rows(path)):
        columns = columns or _columns(declared, list(row), where)
        label = _label(declared, row[columns["label"]], where)
        if label is None:
            lost["without a label"] += 1
            continue
        premise, hypothesis = (str(row[columns[side]] or "") for side in ("premise", "hypothesis"))
        if not premise.strip() or not hypothesis.strip():
            lost["with an empty premise or hypothesis"] += 1
            continue
        identity = _identity(row, columns, number, where)
        if identity in seen:
            raise BadInput(f"{where}: the id {identity} occurs twice.")
        seen.add(identity)
        items.append(NLIItem(identity, premise, hypothesis, label))
    if not items:
        raise BadInput(f"{path} holds no labelled pair.")
    return tuple(items)


def _rows(path: Path) -> Iterator[_Row]:
    if path.suffix.lower() in (".jsonl", ".json"):
        for line, record in json_records(path):
            yield at(path, line), record
        return
    if path.suffix.lower() == ".parquet":
        yield from _parquet(path)
        return
    rows = read_rows(path)
    line, header = next(rows)
    names = [name.strip() for name in header]
    for line, row in rows:
        if len(row) != len(names):
            raise BadInput(f"{at(path, line)}: {len(row)} columns where the header has {len(names)}.")
        yield at(path, line), dict(zip(names, row, strict=True))


def _parquet(path: Path) -> Iterator[_Row]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        records = parquet.ParquetFile(path).read().to_pylist()
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise BadInput(f"{path} is not a readable Parquet file.") from error
    for number, record in enumerate(records, 1):
        yield f"{path}, row {number}", record


def _columns(declared: DeclaredBenchmark, names: list[str], where: str) -> dict[str, str]:
    """The column of each role: those declared, else the usual names."""
    by_fold = {name.casefold(): name for name in names}
    found = {role: name for role, name in declared.columns.items() if role in ROLES}
    for role, name in found.items():
        if name not in names:
            raise BadInput(f"{where}: no column {name[:40]!r} for {role}; there are {', '.join(names)[:200]}.")
    if not {"premise", "hypothesis", "label"} <= found.keys():
        usual = next((triple for triple in COLUMNS if all(name in by_fold for name in triple)), None)
        if usual is None:
            raise BadInput(
                f"{where}: no premise, hypothesis and label among the columns ({', '.join(names)[:200]}); name them in "
                f"the benchmark's columns."
            )
        for role, name in zip(ROLES, usual, strict=False):
            found.setdefault(role, by_fold[name])
    if "id" not in found and "id" in by_fold:
        found["id"] = by_fold["id"]
    return found


def _label(declared: DeclaredBenchmark, value: object, where: str) -> int | None:
    text = str(value).strip()
    mapped = declared.values.get(text, text)
    by_fold = {label.casefold(): number for number, label in enumerate(declared.labels)}
    if mapped.casefold() in by_fold:
        return by_fold[mapped.casefold()]
    if declared.labels == LABELS and not declared.values:
        try:
            return parse_label(value)
        except BadInput as error:
            raise BadInput(f"{where}: {error}") from None
    if mapped.isascii() and mapped.isdigit() and int(mapped) < len(declared.labels):
        return int(mapped)
    if mapped in ("-", "-1"):
        return None
    raise BadInput(
        f"{where}: the label {text[:40]!r} is none of {', '.join(declared.labels)}; map it in the benchmark's values."
    )


def _identity(row: Mapping[str, object], columns: Mapping[str, str], number: int, where: str) -> int:
    """The id column where there is one; else the row, counted from 0 with unlabelled rows included."""
    if "id" not in columns:
        return number
    text = str(row[columns["id"]]).strip()
    if not (text.isascii() and text.isdigit() and int(text) < 2**31):
        raise BadInput(f"{where}: the id {text[:40]!r} is not a whole number below 2^31; leave the id column out.")
    return int(text)
