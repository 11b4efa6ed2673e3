"""A file's rows as predictions: languages, items, labels and probabilities, with everything told that was left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.records import LABELS
from core.errors import BadInput
from core.exchange.outside.columns import Columns, label_of, propose_columns, scores_of
from core.exchange.outside.rows import read_rows
from core.languages import language
from core.notation import plural

NO_LANGUAGE = "The file names no language; say which one with --language, such as --language sw."
NO_PROBABILITIES = (
    "The file has labels without probabilities: each is stored as certain (1 and 0), so calibration and confidence "
    "mean nothing for this model."
)
#: How far a row of probabilities may be from summing to one before it is divided by its sum.
_TOLERANCE = 0.02


@dataclass(frozen=True)
class Predictions:
    """`table`: language, item_id and the probabilities of `LABELS`, one row for each of the file that could be read.

    `told` are sentences on how it was read and what was left out; `certain`: there were labels alone.
    """

    form: str
    columns: Columns
    table: pd.DataFrame
    certain: bool
    told: tuple[str, ...]


def read_predictions(path: str | Path, code: str = "") -> Predictions:
    """The predictions in a file; `code` is the language of a file that names none.

    Raises `BadInput` where no row can be read, or a language is missing.
    """
    found = read_rows(Path(path).expanduser())
    columns = propose_columns(found)
    if not columns.language and not code:
        raise BadInput(NO_LANGUAGE)
    told = [f"Recognised as {found.form}. {columns.sentence}"]
    if columns.language and code:
        told.append(f"The file names its languages in {columns.language!r}; {code} was not used.")
    if found.unread:
        told.append(f"{plural(found.unread, 'line')} could not be read as a row and were left out.")
    codes: dict[str, str] = {"": language(code).code if code else ""}
    rows: list[tuple[str, int, list[float]]] = []
    labels: list[int] = []
    left = {"no whole number as item": 0, "no language": 0, "no label or score that is known": 0}
    example = ""
    for row in found.rows:
        item = _item(row.get(columns.item))
        where = _code(row.get(columns.language), codes) if columns.language else codes[""]
        scores = scores_of(row, columns.scores) if columns.scores else None
        label = label_of(row.get(columns.label)) if columns.label else None
        if columns.scores and (scores is None or not np.isfinite(scores).all()):
            scores, label = None, None
        if item is None:
            left["no whole number as item"] += 1
        elif not where:
            left["no language"] += 1
        elif scores is None and label is None:
            left["no label or score that is known"] += 1
            example = example or str(row.get(columns.label or columns.scores[0], ""))[:40]
        else:
            rows.append((where, item, scores or [float(k == label) for k in range(3)]))
            labels.append(-1 if label is None else label)
    for reason, count in left.items():
        if count:
            such = f", such as {example!r}" if reason.startswith("no label") and example else ""
            told.append(f"{plural(count, 'row')} left out: {reason}{such}.")
    if not rows:
        raise BadInput(f"No row of {Path(path).name} could be read. {' '.join(told)}")
    numbers = np.array([scores for _, _, scores in rows], np.float64)
    if columns.scores:
        numbers, how = _probabilities(numbers)
        told.append(how)
        other = int(((np.array(labels) >= 0) & (np.array(labels) != numbers.argmax(1))).sum())
        if other:
            told.append(
                f"On {plural(other, 'row')} {columns.label!r} is not the likeliest label; the scores were read."
            )
    else:
        told.append(NO_PROBABILITIES)
    table = pd.DataFrame({"language": [row[0] for row in rows], "item_id": [row[1] for row in rows]})
    for k, label_name in enumerate(LABELS):
        table[label_name] = numbers[:, k]
    return Predictions(found.form, columns, table, not columns.scores, tuple(told))


def _item(value: Any) -> int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if np.isfinite(number) and number.is_integer() and abs(number) < 2**31 - 1 else None


def _code(value: Any, codes: dict[str, str]) -> str:
    text = "" if value is None else str(value).strip()
    if text not in codes and len(codes) < 1000:
        try:
            codes[text] = language(text).code
        except BadInput:
            codes[text] = ""
    return codes.get(text, "") if text else ""


def _probabilities(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    """Scores [n, 3] as probabilities, and how they were read: as they are, or through a softmax."""
    sums = scores.sum(1)
    if (scores >= 0).all() and (np.abs(sums - 1) <= _TOLERANCE).all():
        return scores / sums[:, None], "The scores were read as probabilities."
    exponents = np.exp(scores - scores.max(1, keepdims=True))
    return exponents / exponents.sum(1, keepdims=True), (
        "The scores do not sum to 1: they were read as logits or log-likelihoods, through a softmax."
    )
