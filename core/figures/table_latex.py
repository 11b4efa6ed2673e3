"""Tables as LaTeX, for booktabs; each says at its top which packages it needs, and under it what its marks mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from core.arms.names import BASELINE
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
    signed_ones = "Differences in points, with their sign." if set(signs) & {str(name) for name in rows.columns} else ""
    return _tabular("".join(kinds), [escape(name) for name in rows.columns], body, caption, signed_ones)


def latex_accuracy(table: AccuracyTable, published: Sequence[Row], caption: str) -> str:
    """The table of accuracies: arms with their marks, a rule, then published rows."""
    heads = ["Arm", "English pairs", *(_short(name) for name in table.columns)]
    body: list[list[str] | None] = [_row(row) for row in table.rows]
    if published:
        body += [None, *(_row(row) for row in published)]
    marked = any(cell.mark for row in table.rows for cell in row.cells)
    told = f"{_MARKS[ABOVE]} above, {_MARKS[BELOW]} below {BASELINE}: $p < .05$ by the study's rule, Holm-corrected."
    return _tabular(
        "lr" + "r" * len(table.columns), [escape(head) for head in heads], body, caption, told if marked else "", marked
    )


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


def _tabular(
    kinds: str, heads: Sequence[str], body: Sequence[list[str] | None], caption: str, told: str = "",
    marked: bool = False,
) -> str:  # fmt: skip
    """`told` is LaTeX that stands under the table; `marked` tables need amssymb."""
    needs = r"\usepackage{booktabs}" + (r" and \usepackage{amssymb}" if marked else "")
    lines = [r"\midrule" if row is None else " & ".join(row) + r" \\" for row in body]
    return "\n".join(
        [
            f"% Needs {needs}.", r"\begin{table}", r"\centering", rf"\caption{{{escape(caption)}}}",
            rf"\begin{{tabular}}{{{kinds}}}",
            r"\toprule", " & ".join(heads) + r" \\", r"\midrule", *lines, r"\bottomrule", r"\end{tabular}",
            *([rf"\par\smallskip\footnotesize {told}"] if told else []),
            r"\end{table}", "",
        ]
    )  # fmt: skip
