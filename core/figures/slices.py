"""Slices as a forest: what two arms differ by in each, with intervals; filled where the difference stands."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.evaluation.slicing.family import OWN
from core.figures.frame import frame, light_grid, reference_line
from core.figures.style import arm_style
from core.languages import language
from core.notation import p_value, plain, plural, signed
from core.verdict.marks import mark, p_words

#: Rows that are drawn; the table has all.
MOST = 40
_ROW = 24


def slice_name(name: str, value: str) -> str:
    """A slice as a person reads it.

    >>> slice_name("language", "sw"), slice_name("gold label", "neutral")
    ('Swahili (sw)', 'gold label: neutral')
    """
    if name in ("language", "language and gold label"):
        code, *rest = str(value).split(", ")
        return ", ".join([language(code).label, *rest])
    return f"{name}: {value}"


def slice_p(row: Mapping[Any, Any]) -> str:
    """The study's own p of a language, the one over slices, or why there is none."""
    if row["p_holm"] == row["p_holm"]:
        return f"p {p_value(row['p_holm'])} over slices"
    return p_words(row)


def slice_mark(row: Mapping[Any, Any]) -> str:
    """ "above" or "below" for a slice in which the difference stands after correction, else "" (see
    `core.verdict.marks`)."""
    over_slices = row["p_holm"] == row["p_holm"]
    p = float(row["p_holm"] if over_slices else row["p"])
    return mark(float(row["difference"]), p, over_slices or bool(row["tested"]))


def drawn_slices(table: pd.DataFrame) -> pd.DataFrame:
    """Of a family (`core.evaluation.slices.compare_slices`, ranked) the rows of the figure: a person's slices, then the
    fixed ones, those that differ most surely first; at most `MOST`."""
    own = table["slice"] == OWN
    return pd.concat([table[own], table[~own]]).head(MOST).reset_index(drop=True)


def slice_forest(table: pd.DataFrame, arm: str, against: str) -> go.Figure:
    """`table` is `drawn_slices`; a row for each."""
    style = arm_style(arm)
    note = (
        f"accuracy of {plain(arm, 40)} minus {plain(against, 40)}, points; bars: 95 % intervals; "
        "filled: stands after correction"
    )
    figure = frame("In which slices do the two arms differ?", note, height=150 + _ROW * len(table))
    for y, row in enumerate(table.to_dict("records")):
        stands = bool(slice_mark(row))
        figure.add_scatter(
            x=[row["difference"]], y=[y],
            error_x={
                "type": "data", "symmetric": False, "array": [row["high"] - row["difference"]],
                "arrayminus": [row["difference"] - row["low"]], "color": style.colour,
                "thickness": 1.8 if stands else 1.0, "width": 0,
            },
            mode="markers", cliponaxis=False,
            marker={
                "symbol": "circle" if stands else "circle-open", "color": style.colour, "size": 10,
                "line": {"width": 1.6, "color": style.colour},
            },
            hovertext=[_hover(row)], hoverinfo="text", showlegend=False,
        )  # fmt: skip
    light_grid(figure)
    reference_line(figure, 0.0, against)
    figure.update_xaxes(title_text="difference, points")
    figure.update_yaxes(
        tickvals=list(range(len(table))), range=[len(table) + 0.2, -0.8],
        ticktext=[plain(slice_name(r["slice"], r["value"]), 44) for r in table.to_dict("records")],
    )  # fmt: skip
    return figure


def _hover(row: Mapping[Hashable, Any]) -> str:
    return (
        f"<b>{plain(slice_name(row['slice'], row['value']))}</b><br>{signed(row['difference'])} "
        f"({signed(row['low'])} to {signed(row['high'])}), {slice_p(row)}<br>{plural(int(row['items']), 'item')}, "
        f"{plural(int(row['premises']), 'premise')}"
    )
