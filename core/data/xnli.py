"""XNLI in the forms it is published in: a TSV a language, the official TSV of all, the Hub's Parquet.

Conneau et al. (2018), XNLI: Evaluating Cross-lingual Sentence Representations. In every form the order of
a language's rows is the same, so an item's id is its row: 3k, 3k+1, 3k+2 share a premise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.data.nli import NLIFile, parse_label, read_nli
from core.data.records import NLIItem
from core.data.text import at, read_rows
from core.errors import BadInput
from core.languages import language as language_of

Items = tuple[NLIItem, ...]


def read_language(paths: Sequence[Path]) -> NLIFile:
    """The items of one language from its TSV, or from the shards of its Parquet in their order."""
    if paths[0].suffix != ".parquet":
        return read_nli(paths[0], "plain", own_ids=True)
    items: list[NLIItem] = []
    offset = 0
    for path in paths:
        records = _parquet_records(path)
        for row, record in enumerate(records):
            label = _label(path, row, record["label"])
            if label is not None:
                items.append(_item(path, row, offset + row, record["premise"], record["hypothesis"], label))
        offset += len(records)
    return NLIFile(tuple(items), offset - len(items))


def read_all_languages(paths: Sequence[Path]) -> dict[str, Items]:
    """Items by language code, from the official TSV or the Hub's `all_languages` Parquet."""
    if paths[0].suffix == ".parquet":
        return _all_languages_parquet(paths)
    return _official(paths[0])


def _official(path: Path) -> dict[str, Items]:
    rows = read_rows(path, "plain")
    line, header = next(rows)
    try:
        tag, gold, first, second = (header.index(name) for name in ("language", "gold_label", "sentence1", "sentence2"))
    except ValueError as error:
        raise BadInput(
            f"{at(path, line)}: XNLI's columns are language, gold_label, sentence1 and sentence2, and more."
        ) from error
    found: dict[str, list[NLIItem]] = {}
    count: dict[str, int] = {}
    for line, row in rows:
        if len(row) != len(header):
            raise BadInput(f"{at(path, line)}: {len(row)} columns where the header has {len(header)}.")
        try:
            code, label = language_of(row[tag]).code, parse_label(row[gold])
        except BadInput as error:
            raise BadInput(f"{at(path, line)}: {error}") from None
        number = count.get(code, 0)
        count[code] = number + 1
        if label is not None:
            found.setdefault(code, []).append(NLIItem(number, row[first], row[second], label))
    return {code: tuple(items) for code, items in found.items()}


def _all_languages_parquet(paths: Sequence[Path]) -> dict[str, Items]:
    found: dict[str, list[NLIItem]] = {}
    offset = 0
    for path in paths:
        records = _parquet_records(path)
        for row, record in enumerate(records):
            label = _label(path, row, record["label"])
            if label is None:
                continue
            premises, hypotheses = _by_language(record["premise"]), _by_language(record["hypothesis"])
            if premises.keys() != hypotheses.keys():
                raise BadInput(f"{path}, row {row + 1}: premise and hypothesis are in different languages.")
            for tag, premise in premises.items():
                item = _item(path, row, offset + row, premise, hypotheses[tag], label)
                found.setdefault(language_of(tag).code, []).append(item)
        offset += len(records)
    return {code: tuple(items) for code, items in found.items()}


def _by_language(value: Any) -> dict[str, Any]:
    """A cell of `all_languages`: {"ar": text, ...} or {"language": [...], "translation": [...]} or a map."""
    if isinstance(value, dict) and {"language", "translation"} <= value.keys():
        return dict(zip(value["language"], value["translation"], strict=True))
    return dict(value)


def _parquet_records(path: Path) -> list[dict[str, Any]]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path)
        missing = [x for x in ("premise", "hypothesis", "label") if x not in file.schema_arrow.names]
        if missing:
            raise BadInput(f"{path} has no column {' and '.join(missing)}.")
        records: list[dict[str, Any]] = file.read(["premise", "hypothesis", "label"]).to_pylist()
    except (arrow.ArrowException, OSError) as error:
        raise BadInput(f"{path} is not a readable Parquet file.") from error
    if not records:
        raise BadInput(f"{path} is empty.")
    return records


def _label(path: Path, row: int, value: object) -> int | None:
    try:
        return parse_label(value)
    except BadInput as error:
        raise BadInput(f"{path}, row {row + 1}: {error}") from None


def _item(path: Path, row: int, number: int, premise: Any, hypothesis: Any, label: int) -> NLIItem:
    if not isinstance(premise, str) or not isinstance(hypothesis, str):
        raise BadInput(
            f"{path}, row {row + 1}: premise and hypothesis must be text; for all languages at once "
            "the folder is named all_languages."
        )
    return NLIItem(number, premise, hypothesis, label)


def texts(items: Iterable[NLIItem]) -> set[str]:
    """Every premise and hypothesis, each once."""
    return {text for item in items for text in (item.premise, item.hypothesis)}
