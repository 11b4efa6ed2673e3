"""Which column of a file holds the item, the language, the label and the scores: proposed by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.records import LABELS
from core.errors import BadInput
from core.exchange.outside.rows import HARNESS_SCORES, Rows

_ITEM = ("item_id", "item", "doc_id", "id", "index", "idx", "example_id")
_LANGUAGE = ("language", "lang", "locale")
_LABEL = ("prediction", "predicted", "pred", "argmax", "predicted_label", "answer", "label")
_LIST = ("probabilities", "probs", "probability", "logits", "log_probabilities", "logprobs", "log_probs", "scores",
         HARNESS_SCORES)  # fmt: skip
#: What may stand before a class's name in the name of its column.
_BEFORE = ("", "p", "prob", "probability", "probabilities", "logit", "logits", "log_prob", "logprob",
           "log_probability", "score")  # fmt: skip
_NAMES: tuple[tuple[str, ...], ...] = (
    ("entailment", "entail", "entails", "entailed", "e", "0", "label_0", "class_0"),
    ("neutral", "n", "1", "label_1", "class_1"),
    ("contradiction", "contradict", "contradicts", "contradictory", "c", "2", "label_2", "class_2"),
)
_LABEL_OF = {name: label for label, names in enumerate(_NAMES) for name in names}


@dataclass(frozen=True)
class Columns:
    """Names of columns; `scores` is one column that holds a list, or three, in the order of `LABELS`, or none."""

    item: str
    language: str
    label: str
    scores: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is read where."""
        parts = [f"items from {self.item!r}"]
        parts += [f"languages from {self.language!r}"] if self.language else []
        parts += [f"scores from {', '.join(repr(name) for name in self.scores)}"] if self.scores else []
        parts += [f"labels from {self.label!r}"] if self.label else []
        return f"Read: {', '.join(parts)}."


def propose_columns(found: Rows) -> Columns:
    """The columns by their names. Raises `BadInput`, naming what is there, where items or answers have none."""
    names = {_plain(name): name for name in reversed(found.columns)}
    shown = ", ".join(repr(name[:40]) for name in found.columns[:12])
    item = _first(names, _ITEM)
    if not item:
        raise BadInput(f"No column names the items; call one of them item_id, id, doc_id or index. There are {shown}.")
    label = _first(names, _LABEL)
    scores = tuple(name for name in (_first(names, _LIST),) if name)
    if not scores:
        for before in _BEFORE:
            by_class = [_first(names, [_joined(before, name) for name in of_class]) for of_class in _NAMES]
            if all(by_class):
                scores = tuple(by_class)
                break
    if not label and not scores:
        raise BadInput(
            "No column holds predictions; call it prediction or label, or give a column of scores for each of "
            f"{', '.join(LABELS)}. There are {shown}."
        )
    return Columns(item, _first(names, _LANGUAGE), label, scores)


def label_of(value: Any) -> int | None:
    """The label that a cell says, 0, 1 or 2 as in `LABELS`; None where it says none.

    >>> label_of(" ENTAILMENT."), label_of("LABEL_2"), label_of(1.0), label_of("maybe")
    (0, 2, 1, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[:40].strip().strip(".\"'").lower()
    return _LABEL_OF.get(text.removesuffix(".0"))


def scores_of(row: dict[str, Any], columns: Sequence[str]) -> list[float] | None:
    """The three numbers of a row; None where they are not there."""
    values: Any = row.get(columns[0]) if len(columns) == 1 else [row.get(name) for name in columns]
    if isinstance(values, str):
        try:
            values = json.loads(values[:1000])
        except (ValueError, RecursionError):
            return None
    if isinstance(values, dict):  # by the names of the labels
        by_label = {label_of(name): value for name, value in values.items()}
        values = [by_label.get(label) for label in range(3)]
    if not isinstance(values, list | tuple) or len(values) != 3:
        return None
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError):
        return None


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _joined(before: str, name: str) -> str:
    return f"{before}_{name}" if before else name


def _first(names: dict[str, str], wanted: Iterable[str]) -> str:
    return next((names[_plain(name)] for name in wanted if _plain(name) in names), "")
