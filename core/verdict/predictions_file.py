"""Anyone's predictions from a file: which runs had which items right, with columns recognised by their usual names."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import BadInput
from core.verdict.answers import Answers

#: Bytes of a file that are read at most.
LIMIT = 500_000_000
_NAMES = {
    "arm": ("arm", "model", "system", "method", "name"),
    "seed": ("seed", "run", "replicate"),
    "language": ("language", "lang", "locale"),
    "item": ("item_id", "item", "id", "example_id", "example", "idx", "index"),
    "correct": ("correct", "acc", "right", "is_correct"),
    "gold": ("gold", "label", "target", "gold_label"),
    "predicted": ("predicted", "prediction", "pred", "predicted_label"),
}
_PROBABILITIES = ("entailment", "neutral", "contradiction")
_UNSAID = "und"


def read_predictions(path: str | Path) -> Answers:
    """Answers from CSV, TSV, JSONL (gz) or Parquet: one row a run, language and item.

    Needs an item column and either `correct` (0 or 1), or gold and predicted labels, or gold and the probabilities of
    entailment, neutral and contradiction. Arm, seed and language may be absent: then there is one. In the answers gold
    is 0 and a wrong prediction 1. Raises `BadInput` that says what is missing, doubled or not a number.
    """
    path = Path(path).expanduser()
    table = _read(path)
    columns = {role: _find(table, names) for role, names in _NAMES.items()}
    if columns["item"] is None:
        raise BadInput(f"{path.name} has no column of items ({', '.join(_NAMES['item'])}); it has {_listed(table)}.")
    right = _right(path, table, columns)
    keys = pd.DataFrame(
        {
            "arm": _text(table, columns["arm"], "arm"),
            "seed": _whole(path, table, columns["seed"]),
            "language": _text(table, columns["language"], _UNSAID),
            "item": table[columns["item"]].astype(str),
        }
    )
    if (doubled := keys.duplicated()).any():
        row = int(np.flatnonzero(doubled)[0])
        shown = ", ".join(str(value) for value in keys.iloc[row])
        raise BadInput(f"{path.name} has a second row for {shown} (row {row + 1}); give each item once a run.")
    runs = keys[["arm", "seed"]].drop_duplicates().sort_values(["arm", "seed"], ignore_index=True)
    runs.insert(0, "run_id", runs["arm"] + "-" + runs["seed"].astype(str))
    run = pd.MultiIndex.from_frame(runs[["arm", "seed"]]).get_indexer(pd.MultiIndex.from_frame(keys[["arm", "seed"]]))
    languages = tuple(sorted(keys["language"].unique()))
    column = pd.Index(languages).get_indexer(pd.Index(keys["language"]))
    items, place = _numbered(keys["item"])
    predicted = np.full((len(runs), len(languages), len(items)), -1, np.int8)
    predicted[run, column, place] = np.where(right, 0, 1)
    gold = np.where((predicted >= 0).any(0), 0, -1).astype(np.int8)
    return Answers(runs, languages, items, gold, predicted)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise BadInput(f"There is no file {path}; name a CSV, TSV, JSONL or Parquet file of predictions.")
    if path.stat().st_size > LIMIT:
        raise BadInput(f"{path.name} has more than {LIMIT // 1_000_000} MB; give the columns that are needed alone.")
    name = path.name.lower().removesuffix(".gz")
    try:
        if name.endswith(".parquet"):
            table = pd.read_parquet(path)
        else:
            opened = gzip.open if path.name.lower().endswith(".gz") else open
            with opened(path, "rb") as file:
                content = file.read(LIMIT + 1)
            if len(content) > LIMIT:
                raise BadInput(f"{path.name} unpacks to more than {LIMIT // 1_000_000} MB; give it smaller.")
            import io

            text = io.StringIO(content.decode("utf-8-sig"))
            if name.endswith((".jsonl", ".ndjson", ".json")):
                table = pd.read_json(text, lines=True)
            else:
                table = pd.read_csv(text, sep="\t" if name.endswith(".tsv") else ",")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text; save it as UTF-8.") from error
    except (ValueError, OSError, EOFError, ArithmeticError, KeyError, TypeError) as error:
        raise BadInput(f"{path.name} cannot be read as a table ({str(error).splitlines()[0][:120]}).") from error
    if table.empty:
        raise BadInput(f"{path.name} holds no rows.")
    return table


def _find(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    by_name = {str(column).strip().lower(): column for column in table.columns}
    return next((by_name[name] for name in names if name in by_name), None)


def _right(path: Path, table: pd.DataFrame, columns: dict[str, str | None]) -> np.ndarray:
    if columns["correct"] is not None:
        numbers_of = {"true": "1", "false": "0"}
        texts = (
            table[columns["correct"]].astype(str).str.strip().str.lower().map(lambda text: numbers_of.get(text, text))
        )
        values = pd.to_numeric(texts, errors="coerce")
        if not values.isin([0, 1]).all():
            raise BadInput(f"{path.name}: the column {columns['correct']!r} holds something other than 0 and 1.")
        return values.to_numpy(bool)
    gold = columns["gold"]
    if gold is not None and columns["predicted"] is not None:
        return (table[gold].astype(str) == table[columns["predicted"]].astype(str)).to_numpy(bool)
    found = [_find(table, [name]) for name in _PROBABILITIES]
    if gold is not None and all(found):
        labels = table[[name for name in found if name]].to_numpy(float).argmax(1)
        names = {name: str(number) for number, name in enumerate(_PROBABILITIES)}
        numbers = table[gold].astype(str).map(lambda label: names.get(label, label))
        return (numbers == pd.Series(labels, index=table.index).astype(str)).to_numpy(bool)
    raise BadInput(
        f"{path.name} says of no item whether it is right: it needs a column correct, or gold and predicted labels, or "
        f"gold and the probabilities {', '.join(_PROBABILITIES)}; it has {_listed(table)}."
    )


def _text(table: pd.DataFrame, column: str | None, otherwise: str) -> pd.Series:
    return pd.Series(otherwise, index=table.index) if column is None else table[column].astype(str)


def _whole(path: Path, table: pd.DataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series(0, index=table.index)
    values = pd.to_numeric(table[column], errors="coerce")
    if values.isna().any() or (values % 1 != 0).any():
        raise BadInput(f"{path.name}: the column {column!r} holds something other than whole numbers.")
    return values.astype(int)


def _numbered(items: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Item ids as they are where all are whole numbers; else numbered in the order of the file."""
    numbers = pd.to_numeric(items, errors="coerce")
    if numbers.notna().all() and (numbers % 1 == 0).all() and (numbers >= 0).all():
        ids, place = np.unique(numbers.to_numpy(np.int64), return_inverse=True)
        return ids, place
    place, found = pd.factorize(items)
    return np.arange(len(found)), place


def _listed(table: pd.DataFrame) -> str:
    return ", ".join(str(column) for column in table.columns)[:200]
