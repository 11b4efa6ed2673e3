"""The report's tables, as rows of written cells: the same for the page and for the slides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.exchange.outside.summary import accuracy_by_model
from core.figures.accuracy_table import accuracy_table
from core.figures.style import arm_style
from core.languages import language
from core.notation import count, duration, interval, p_value, rate, signed
from core.report.material import Material
from core.verdict.levels import GAP, LOW, OTHERS
from core.verdict.marks import ABOVE, BELOW, outcome_words

_MARKS = {ABOVE: " ▲", BELOW: " ▼", "": ""}
_UNITS = {LOW: "Low-resource mean", OTHERS: "Mean without English", GAP: "Gap: English minus low-resource mean"}
ACROSS = (LOW, "en", GAP, OTHERS)


@dataclass(frozen=True)
class Table:
    """`heads` over `rows` of text; the first column names the row. `small` is a second line under a cell, or ""."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    small: tuple[tuple[str, ...], ...] = ()


def levels(material: Material) -> pd.DataFrame:
    """The sheet's levels of the arms and languages shown; means across languages and English stay."""
    table = pd.DataFrame(material.sheet["levels"])
    units = {*material.languages, *ACROSS}
    return table[table["arm"].isin(material.arms) & table["unit"].isin(units)].reset_index(drop=True)


def accuracy_rows(material: Material) -> pd.DataFrame:
    """arm, language, items, accuracy, low, high: what the figure of every language draws."""
    own = levels(material)
    own = own[own["arm"].isin(material.drawn)]
    own = own[~own["unit"].isin((LOW, OTHERS, GAP)) & own["unit"].isin(material.languages)]
    return own.rename(columns={"unit": "language", "value": "accuracy"})


def evidence(material: Material) -> Table:
    """One row a language or mean, one column an arm drawn: accuracy x100 with its mark, its interval under it."""
    return _evidence(material, material.drawn)


def others(material: Material) -> Table:
    """The same of the arms shown but not drawn: one row an arm, one column a mean or language that one of them has."""
    turned = _evidence(material, tuple(arm for arm in material.arms if arm not in material.drawn))
    kept = [k for k, row in enumerate(turned.rows) if any(row[1:])]
    heads = (turned.heads[0], *(turned.rows[k][0] for k in kept))
    arms = list(enumerate(turned.heads[1:], 1))
    rows = tuple((name, *(turned.rows[k][at] for k in kept)) for at, name in arms)
    small = tuple(("", *(turned.small[k][at] for k in kept)) for at, _ in arms)
    return Table(heads, rows, small)


def _evidence(material: Material, arms: tuple[str, ...]) -> Table:
    table = levels(material)
    table = table[table["arm"].isin(arms)].reset_index(drop=True)
    if table.empty:
        return Table(("Accuracy ×100",), ())
    pairs = {arm: max(int(run["nli_pairs"]) for run in material.runs if run["arm"] == arm) for arm in arms}
    tests = pd.DataFrame(material.sheet["languages"])
    made = accuracy_table(table, tests, questions(material), pairs)
    by_unit = table.set_index(["arm", "unit"])[["low", "high"]].astype(float).to_dict("index")
    rows, small = [], []
    for place, unit in enumerate(made.units):
        cells = [row.cells[place] for row in made.rows]
        rows.append((_UNITS.get(unit) or language(unit).label, *(c.text + _MARKS[c.mark] for c in cells)))
        bounds = [by_unit.get((row.name, unit), {"low": float("nan"), "high": float("nan")}) for row in made.rows]
        told = [interval(b["low"], b["high"]) for b in bounds]
        small.append(("", *("" if text == "n/a" else text for text in told)))
    return Table(("Accuracy ×100", *(row.name for row in made.rows)), tuple(rows), tuple(small))


def outside(material: Material) -> Table:
    """One row a model whose predictions somebody brought, one column a language: described, without marks."""
    if not material.outside:
        return Table((), ())
    made = accuracy_by_model(pd.DataFrame(material.outside))
    codes = [name for name in made.columns if name not in ("model", "predictions")]
    rows = tuple(
        (
            str(row["model"]),
            count(int(row["predictions"])),
            *(rate(row[code]) if row[code] == row[code] else "" for code in codes),
        )
        for row in made.to_dict("records")
    )
    return Table(("Model", "Predictions", *(language(code).label for code in codes)), rows)


def questions(material: Material) -> list[dict[str, Any]]:
    """The primary question, whatever is shown, and every other whose two arms are shown."""
    shown = set(material.arms)
    return [q for q in material.sheet["questions"] if q["primary"] or {q["first"], q["second"]} <= shown]


def answers(material: Material) -> Table:
    """Every question with its difference, interval, p and outcome."""
    rows = tuple(
        (
            f"{q['name']}{' (primary)' if q['primary'] else ''}: {q['first']} minus {q['second']}",
            signed(q["difference"]),
            f"{signed(q['low'])} to {signed(q['high'])}",
            p_value(q["p"]) if q["tested"] else "not tested",
            outcome_words(q),
        )
        for q in questions(material)
    )
    return Table(("Question", "Difference", "95 % interval", "p", "Outcome"), rows)


def cost(material: Material) -> Table:
    """One row an arm shown: what its runs took, on average."""
    rows = []
    for arm in material.arms:
        own = [run for run in material.runs if run["arm"] == arm]
        mean = {key: sum(float(run[key]) for run in own) / len(own) for key in _COST}
        rows.append((arm, str(len(own)), duration(mean["seconds"]), *(count(mean[key]) for key in _COST[1:])))
    heads = (
        "Arm",
        "Runs",
        "Time a run",
        "Updates",
        "Tokens forward",
        "Tokens backward",
        "English pairs",
        "Bitext pairs",
    )
    return Table(heads, tuple(rows))


_COST = ("seconds", "updates", "tokens_forward", "tokens_backward", "nli_pairs", "bitext_pairs")


def probabilities(values: tuple[float, float, float]) -> tuple[str, ...]:
    """Probabilities x100."""
    return tuple(rate(100.0 * value) for value in values)


def glyph(arm: str) -> tuple[str, str]:
    """An arm's shape and colour."""
    style = arm_style(arm)
    return style.glyph, style.colour
