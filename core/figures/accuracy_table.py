"""The table of every arm in every language, with marks for what differs from the baseline, and published rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.arms.names import BASELINE, sort_arms
from core.languages import LOW_RESOURCE, XNLI_CODES, language, sort_codes
from core.notation import count, interval, plural, rate, signed
from core.verdict.levels import GAP, LOW, OTHERS
from core.verdict.marks import ABOVE, BELOW, mark, p_words

#: Units across languages in front, by the name of the question that tests them.
_ACROSS = {
    LOW: ("Low-5", "low-resource accuracy"),
    "en": ("English (en)", "English accuracy"),
    GAP: ("Gap", "transfer gap"),
    OTHERS: ("Mean", "mean accuracy without English"),
}


@dataclass(frozen=True)
class Cell:
    """`value` x100 (None where unknown); `mark` is "", `ABOVE` or `BELOW` the baseline; `told` is its tooltip."""

    value: float | None
    mark: str = ""
    told: str = ""

    @property
    def text(self) -> str:
        return rate(self.value) if self.value is not None else ""


@dataclass(frozen=True)
class Row:
    """One arm, or one published model (`source` not ""); `pairs` says how many labelled pairs it saw."""

    name: str
    pairs: str
    cells: tuple[Cell, ...]
    source: str = ""


@dataclass(frozen=True)
class AccuracyTable:
    """`columns` name the cells of every row; `units` are the same as levels name them."""

    columns: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[Row, ...]

    def frame(self) -> pd.DataFrame:
        """The same as numbers: Arm, English pairs, then a column a cell (NaN where unknown)."""
        return pd.DataFrame(
            [[row.name, _number(row.pairs), *(cell.value for cell in row.cells)] for row in self.rows],
            columns=["Arm", "English pairs", *self.columns],
        ).astype({"English pairs": "Int64"} | dict.fromkeys(self.columns, float))


def _number(pairs: str) -> int | None:
    """A count as a number again; None where none is known."""
    plain = pairs.replace(",", "")
    return int(plain) if plain.isdecimal() else None


def accuracy_table(
    levels: pd.DataFrame, languages: pd.DataFrame, questions: Sequence[dict[str, Any]], pairs: dict[str, int]
) -> AccuracyTable:
    """Arms as rows from the parts of an answer sheet; `pairs` are the labelled pairs each arm saw.

    A language is marked where p of its difference from the baseline, by the study's rule and Holm-corrected over
    languages, is below .05; English and what is across languages where the verdict says that one is ahead. One run
    against one run carries no mark.
    """
    known = set(levels["unit"])
    codes = [c for c in sort_codes(sorted(known - {LOW, OTHERS, GAP})) if c != "en"]
    units = [unit for unit in _ACROSS if unit in known] + codes
    rows = []
    for arm in sort_arms(levels["arm"]):
        own = levels[levels["arm"] == arm].set_index("unit").to_dict("index")
        tests = (
            languages[(languages["first"] == arm) & (languages["second"] == BASELINE)] if len(languages) else languages
        )
        by_code = tests.set_index("language").to_dict("index") if len(tests) else {}
        cells = [_cell(arm, unit, own.get(unit), by_code.get(unit), _asked(questions, arm, unit)) for unit in units]
        rows.append(Row(arm, count(pairs.get(arm)), tuple(cells)))
    names = [_ACROSS[unit][0] if unit in _ACROSS else language(unit).label for unit in units]
    return AccuracyTable(tuple(names), tuple(units), tuple(rows))


def published_rows(table: AccuracyTable, published: pd.DataFrame) -> tuple[Row, ...]:
    """Published models in the columns of `table`; means and gap are computed from their own languages."""
    rows = []
    for model in published.to_dict("records"):
        value: dict[str, float] = {code: float(model[code]) for code in XNLI_CODES}
        low = sum(value[code] for code in LOW_RESOURCE) / len(LOW_RESOURCE)
        others = [value[code] for code in XNLI_CODES if code != "en"]
        value |= {LOW: low, GAP: value["en"] - low, OTHERS: sum(others) / len(others)}
        bitext = f" and bitext, {model['bitext']}" if str(model["bitext"]) != "0" else ""
        cells = [
            Cell(value.get(unit), told=f"{model['model']}, {model['source']}: {model['pairs']} English pairs{bitext}")
            for unit in table.units
        ]
        rows.append(Row(str(model["model"]), str(model["pairs"]), tuple(cells), str(model["source"])))
    return tuple(rows)


def _asked(questions: Sequence[dict[str, Any]], arm: str, unit: str) -> dict[str, Any] | None:
    if unit not in _ACROSS:
        return None
    wanted = (_ACROSS[unit][1], arm, BASELINE)
    return next((q for q in questions if (q["name"], q["first"], q["second"]) == wanted), None)


def _cell(
    arm: str,
    unit: str,
    level: dict[Hashable, Any] | None,
    test: dict[Hashable, Any] | None,
    asked: dict[str, Any] | None,
) -> Cell:
    if level is None:
        return Cell(None, told=f"{arm} was not read here.")
    name = {LOW: "low-resource mean", OTHERS: "mean without English", GAP: "English minus low-resource mean"}.get(unit)
    told = (
        f"{name or language(unit).label}: {arm} {rate(level['value'])} ({interval(level['low'], level['high'])}), "
        f"{plural(int(level['items']), 'item')} a language, {plural(int(level['seeds']), 'seed')}"
    )
    shown = ""
    if asked is not None:
        told += f"; {signed(asked['difference'])} against {BASELINE}, {p_words(asked)}"
        told += " (Holm)" if asked["tested"] else ""
        if asked["outcome"] == "ahead":
            shown = ABOVE if asked["difference"] > 0 else BELOW
    elif test is not None:
        told += f"; {signed(test['difference'])} against {BASELINE}, {p_words(test)}"
        told += " (Holm over languages)" if test["tested"] else ""
        shown = mark(float(test["difference"]), test["p"], bool(test["tested"]))
    return Cell(float(level["value"]), shown, told)
