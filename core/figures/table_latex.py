"""Tables as LaTeX, for booktabs: `\\usepackage{booktabs}` is all they need."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from core.figures.accuracy_table import AccuracyTable, Row
from core.notation import signed
from core.verdict.marks import ABOVE, BELOW

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "×": r"$\times$", "<": "$<$", ">": "$>$",
}  # fmt: skip
_MARKS = {ABOVE: r"$^{\blacktriangle}$", BELOW: r"$^{\blacktriangledown}$", "": ""}


def escape(text: object) -> str:
    """Text that LaTeX prints as it is.

    >>> escape("50 % of a_b")
    '50 \\\\% of a\\\\_b'
    """
    return "".join(_SPECIAL.get(character, character) for character in str(text))


def latex_table(rows: pd.DataFrame, caption: str, signs: Sequence[str] = ()) -> str:
    """Any table: text left, numbers right with one decimal (whole ones as they are), columns of `signs` signed."""
    kinds = ["r" if pd.api.types.is_numeric_dtype(kind) else "l" for kind in rows.dtypes]
    body = [
        [_cell(value, str(name) in signs) for name, value in zip(rows.columns, row, strict=True)]
        for row in rows.to_numpy(object)
    ]
    return _tabular("".join(kinds), [escape(name) for name in rows.columns], body, caption)


def latex_accuracy(table: AccuracyTable, published: Sequence[Row], caption: str) -> str:
    """The table of accuracies: arms with their marks, a rule, then published rows. Needs amssymb for the marks."""
    heads = ["Arm", "English pairs", *(_short(name) for name in table.columns)]
    body: list[list[str] | None] = [_row(row) for row in table.rows]
    if published:
        body += [None, *(_row(row) for row in published)]
    return _tabular("lr" + "r" * len(table.columns), [escape(head) for head in heads], body, caption)


def _row(row: Row) -> list[str]:
    return [escape(row.name), escape(row.pairs), *(cell.text + _MARKS[cell.mark] for cell in row.cells)]


def _short(name: str) -> str:
    """`Swahili (sw)` as `sw`."""
    return name[name.rindex("(") + 1 : -1] if name.endswith(")") and "(" in name else name


def _cell(value: object, sign: bool) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "--"
    if isinstance(value, float):
        return escape(signed(value)) if sign else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else escape(value)


def _tabular(kinds: str, heads: Sequence[str], body: Sequence[list[str] | None], caption: str) -> str:
    lines = [r"\midrule" if row is None else " & ".join(row) + r" \\" for row in body]
    return "\n".join(
        [
            r"\begin{table}", r"\centering", rf"\caption{{{escape(caption)}}}", rf"\begin{{tabular}}{{{kinds}}}",
            r"\toprule", " & ".join(heads) + r" \\", r"\midrule", *lines, r"\bottomrule", r"\end{tabular}",
            r"\end{table}", "",
        ]
    )  # fmt: skip
