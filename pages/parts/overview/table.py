"""The overview's tables: every arm in every language with published rows, and every question with its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, sort_arms
from core.figures.accuracy_table import AccuracyTable, Cell, Row, accuracy_table, published_rows
from core.figures.answer import questions_table
from core.figures.definitions import definition
from core.figures.published import published
from core.figures.style import CHANCE, arm_style
from core.figures.table_latex import latex_accuracy, latex_table
from core.languages import sort_codes
from core.notation import p_value
from core.verdict.levels import GAP, LOW, OTHERS
from core.verdict.marks import ABOVE, BELOW
from pages.parts import show
from pages.parts.cards import defined
from pages.parts.text import caption, escape

_MARKS = {
    ABOVE: '<sup class="iso-above">▲</sup>',
    BELOW: '<sup class="iso-below">▼</sup>',
    "": "",
}
_HEADS = {
    "Low-5": "low-resource accuracy",
    "English (en)": "English accuracy",
    "Gap": "transfer gap",
    "Mean": "mean accuracy without English",
}


def accuracies(
    levels: pd.DataFrame, sheet: Mapping[str, Any], runs: pd.DataFrame, xnli: bool, floors: str = ""
) -> None:
    """Arms as rows, marks for what differs from the baseline; published rows beside real numbers alone. `floors` says
    between what accuracies lie."""
    st.subheader("Every arm in every language", anchor=False)
    pairs = {str(arm): int(own.max()) for arm, own in runs.groupby("arm")["nli_pairs"]}
    table = accuracy_table(levels, pd.DataFrame(sheet["languages"]), sheet["questions"], pairs)
    beside: tuple[Row, ...] = published_rows(table, published()) if xnli else ()
    st.html(f'<div class="iso-scroll">{_html(table, beside)}</div>')
    title = "Accuracy x100 by arm and language"
    with show.side_by_side("accuracy"):
        show.download(table.frame(), "accuracy")
        show.download(_long(levels), "accuracy-intervals", "CSV with intervals")
        show.latex(latex_accuracy(table, beside, title), "accuracy")
    marked = (
        f"▲ above, ▼ below {BASELINE} with p < .05 after Holm's correction; one run against one run is described and "
        "carries no mark. "
        if BASELINE in set(levels["arm"])
        else ""
    )
    caption(
        f"Accuracy ×100; chance is {CHANCE:.1f}. {marked}Hover over a number for its interval, its size and its test."
        + (
            " Published models saw 393k labelled English pairs; no row here is comparable with theirs."
            if beside
            else ""
        )
        + (f" {floors}" if floors else "")
    )


def questions(asked: Sequence[Mapping[str, Any]], unanswerable: Sequence[Mapping[str, Any]] = ()) -> None:
    """Every question of the verdict, with difference, interval, p and outcome; and those that have no answer."""
    if not asked:
        return
    st.subheader("Every question and its answer", anchor=False)
    table = questions_table(asked)
    columns = {
        "question": st.column_config.TextColumn("question", width=285),
        "first ×100": show.number("first ×100", definition("accuracy")),
        "second ×100": show.number("second ×100", definition("accuracy")),
        "difference": show.difference("difference", "First minus second, in points."),
        "low": show.difference("low", definition("interval of a difference")),
        "high": show.difference("high", definition("interval of a difference")),
        "p": st.column_config.TextColumn("p", help=definition("p")),
        "outcome": st.column_config.TextColumn("outcome", help=definition("outcome")),
        "after prior": show.difference("after correction of the prior", definition("label prior")),
        "smallest": show.number("minimum detectable effect (80 % power)", definition("smallest")),
    }
    shown = table.assign(p=[p_value(p) for p in table["p"]])
    # What a narrow screen cuts off comes last.
    front = ("question", "first", "second", "outcome", "difference", "low", "high", "p")
    order = [*front, *(name for name in shown if name not in front)]
    show.dataframe(shown, columns, column_order=order)
    with show.side_by_side("questions"):
        show.download(table, "questions")
        show.latex(
            latex_table(shown, "Questions and answers", ("difference", "low", "high", "after prior")), "questions"
        )
    if unanswerable:
        caption(" ".join(str(one["sentence"]) for one in unanswerable))
    with st.expander("The same in words, and what each measure is"):
        for name in dict.fromkeys(str(q["name"]) for q in asked):
            told = "".join(f"<li>{escape(q['sentence'])}</li>" for q in asked if q["name"] == name)
            st.html(
                f'<p class="iso-caption">{escape(name)}: {escape(definition(name))}</p><ul class="iso-list">{told}</ul>'
            )


def _html(table: AccuracyTable, beside: Sequence[Row]) -> str:
    pairs = defined("Pairs", definition("pairs"))
    heads = "".join(f'<th class="{_class(i, table)}">{_head(name)}</th>' for i, name in enumerate(table.columns))
    rows = "".join(_row(row, table, arm_style(row.name)) for row in table.rows)
    if beside:
        width = len(table.columns) + 2
        rows += (
            f'<tr class="iso-rule"><td colspan="{width}">Published, XNLI test, 393k labelled English pairs</td></tr>'
        )
        rows += "".join(_row(row, table, None) for row in beside)
    head = f"<thead><tr><th>Arm</th><th>{pairs}</th>{heads}</tr></thead>"
    return f'<table class="iso-figures">{head}<tbody>{rows}</tbody></table>'


def _head(name: str) -> str:
    """Languages by their code, with the name one hover away."""
    if name in _HEADS:
        return defined("en" if name == "English (en)" else name, definition(_HEADS[name]))
    code = name[name.rindex("(") + 1 : -1] if "(" in name else name
    return f'<span title="{escape(name)}: {escape(definition("accuracy"))}">{escape(code)}</span>'


def _row(row: Row, table: AccuracyTable, style: Any) -> str:
    cells = "".join(_cell(cell, _class(i, table)) for i, cell in enumerate(row.cells))
    if style is None:
        name = f'<span title="{escape(row.source)}">{escape(row.name)}</span>'
        return f'<tr class="iso-published"><td>{name}</td><td>{escape(row.pairs)}</td>{cells}</tr>'
    mark = f'<span style="color:{style.colour}">{style.glyph}</span>'
    name = f'{mark} <span title="{escape(style.meaning)}">{escape(row.name[:60])}</span>'
    return f"<tr><td>{name}</td><td>{escape(row.pairs)}</td>{cells}</tr>"


def _cell(cell: Cell, kind: str) -> str:
    return f'<td class="{kind}" title="{escape(cell.told)}">{escape(cell.text)}{_MARKS[cell.mark]}</td>'


def _class(i: int, table: AccuracyTable) -> str:
    """The means stand out; a line before the first language."""
    across = sum(name in _HEADS for name in table.columns)
    return "iso-strong" if i < across else "iso-first" if i == across else ""


def _long(levels: pd.DataFrame) -> pd.DataFrame:
    """The levels in reading order: arms as everywhere, the means before the languages."""
    units = [LOW, "en", GAP, OTHERS]
    codes = sort_codes([str(unit) for unit in levels["unit"].unique() if unit not in units])
    arms = {arm: i for i, arm in enumerate(sort_arms(levels["arm"]))}
    places = {unit: i for i, unit in enumerate([*units, *codes])}
    order = levels["arm"].map(arms) * (len(places) + 1) + levels["unit"].map(places)
    rows = levels.loc[order.sort_values(kind="stable").index].rename(
        columns={"unit": "language or mean", "value": "accuracy", "interval": "kind of interval"}
    )
    first = ["arm", "language or mean", "accuracy", "low", "high", "items", "seeds"]
    return rows[[*first, *(name for name in rows if name not in first)]]
