"""Which items a slice has. What is not known of an item (a word list that a language lacks, an empty cell of an own
column) is neither so nor not so: such an item passes neither the test nor its `not`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.data.records import LABELS
from core.errors import BadInput
from core.evaluation.slicing.lexer import fault
from core.evaluation.slicing.matching import matching
from core.evaluation.slicing.negations import has_list
from core.evaluation.slicing.query import (
    FLAGS,
    MEASURES,
    SIDES,
    Both,
    Flag,
    Listed,
    Node,
    Not,
    Number,
    Query,
    Test,
    Text,
)
from core.evaluation.slicing.table import Side, SliceTable
from core.languages import language
from core.notation import plural

Mask = NDArray[np.bool_]
_COMPARE: dict[str, Callable[[NDArray[np.float64], float], Mask]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip
_YES, _NO = frozenset(("1", "true", "yes", "x")), frozenset(("0", "false", "no"))


@dataclass(frozen=True)
class Truth:
    """Where a test holds and where it does not, [n] each; neither where it is not known."""

    yes: Mask
    no: Mask

    def taken(self, rows: NDArray[np.int64]) -> Truth:
        """That of other rows; not known at -1."""
        there = rows >= 0
        return Truth(self.yes[rows] & there, self.no[rows] & there)


@dataclass(frozen=True)
class Sliced:
    """The items that pass, as `mask` [n] over the table's rows, and a sentence on each thing that was not known."""

    mask: Mask
    told: tuple[str, ...]


def evaluate(query: Query, table: SliceTable) -> Sliced:
    """The items of the slice. Raises `BadInput` for a column that is not there and a regular expression that cannot be
    used, each with its place."""
    told: list[str] = []
    found = _truth(query.root, query.english, table, told)
    if query.english and (lost := int((table.english < 0).sum())):
        told.append(f"{plural(lost, 'item')} without an English parallel cannot pass a slice on English.")
    return Sliced(found.yes, tuple(dict.fromkeys(told)))


def _truth(node: Node, english: bool, table: SliceTable, told: list[str]) -> Truth:
    if isinstance(node, Not):
        inner = _truth(node.part, english, table, told)
        return Truth(inner.no, inner.yes)
    if isinstance(node, Both):
        parts = [_truth(part, english, table, told) for part in node.parts]
        yes, no = np.array([part.yes for part in parts]), np.array([part.no for part in parts])
        return Truth(np.all(yes, 0), np.any(no, 0)) if node.all else Truth(np.any(yes, 0), np.all(no, 0))
    found = _test(node, table, english, told)
    return found.taken(table.english) if english and node.name not in ("gold", "language", "item") else found


def _test(test: Test, table: SliceTable, english: bool, told: list[str]) -> Truth:
    if isinstance(test, Flag) and test.name in FLAGS:
        return _flag(test.name, table, english, told)
    if isinstance(test, Text) and test.name in SIDES:
        side = table.sides[test.name]
        return _known(matching(side.texts, test.pattern, test.at)[side.place])
    if isinstance(test, Number) and test.name in MEASURES:
        values = table.item.astype(np.float64) if test.name == "item" else table.measures[test.name]
        return _compared(values, test)
    if isinstance(test, Listed) and test.name == "gold":
        return _known(np.isin(table.gold, [LABELS.index(value) for value in test.values]))
    if isinstance(test, Listed) and test.name == "language":
        return _known(np.isin(table.language, _places(test, table)))
    if test.name not in table.own:
        there = f"there are {', '.join(table.own)}" if table.own else "none has been given"
        raise fault(test.at, f"there is no column “{test.name[:40]}”; of columns of your own {there}")
    return _own(test, table.own[test.name], told)


def _flag(name: str, table: SliceTable, english: bool, told: list[str]) -> Truth:
    sides = SIDES if "." not in name else (name.split(".")[0],)
    kind = name.rsplit(".", 1)[-1]
    found = np.any([table.measures[f"{side}.{kind}"] > 0 for side in sides], axis=0)
    if kind != "negation":
        return _known(found)
    listed = np.array([has_list(code) for code in table.codes], bool)
    shown = ["en"] if english else table.codes
    lacking = [language(code).label for code in shown if not has_list(code)]
    if lacking:
        has = "has" if len(lacking) == 1 else "have"
        told.append(
            f"{', '.join(lacking)} {has} no list of negation words here, and no item passes a test of negation."
        )
    known = listed[table.language]
    return Truth(found & known, ~found & known)


def _places(test: Listed, table: SliceTable) -> list[int]:
    places = []
    for value in test.values:
        code = language(value).code
        if code not in table.codes:
            raise fault(test.at, f"there are no items in “{value[:20]}”; there are {', '.join(table.codes)}")
        places.append(table.codes.index(code))
    return places


def _own(test: Test, side: Side, told: list[str]) -> Truth:
    texts = [str(text) for text in side.texts.to_pylist()]
    if isinstance(test, Text):
        found = _known(matching(pa.array(texts, pa.string()), test.pattern, test.at))
    elif isinstance(test, Number):
        found = _compared(np.array([_number(text) for text in texts], np.float64), test)
    elif isinstance(test, Listed):
        wanted = {value.casefold() for value in test.values}
        numbers = {number for value in test.values if (number := _number(value)) == number}
        found = _known(np.array([text.casefold() in wanted or _number(text) in numbers for text in texts], bool))
    else:
        yes = np.array([text.casefold() in _YES for text in texts], bool)
        found = Truth(yes, np.array([text.casefold() in _NO for text in texts], bool))
        if not (found.yes.any() or found.no.any()):
            raise BadInput(
                f"The column “{test.name[:40]}” (character {test.at + 1}) is not of yes and no; compare it with a "
                "value, as in “= value”."
            )
    known = found.taken(side.place)
    lost = int((~known.yes & ~known.no).sum())
    if lost:
        told.append(
            f"The column {test.name[:40]} has no such value for {lost:,} of {len(side.place):,} pairs of item and "
            "language, which do not pass."
        )
    return known


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _compared(values: NDArray[np.float64], test: Number) -> Truth:
    known = ~np.isnan(values)
    if test.operator == "in":
        found = (values >= test.low) & (values <= test.high)
    else:
        found = _COMPARE[test.operator](values, test.low)
    return Truth(found & known, ~found & known)


def _known(found: Mask) -> Truth:
    return Truth(found, ~found)
