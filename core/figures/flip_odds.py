"""Odds associations of a flip with the change in an item's own premise's cost: a forest, and what it says."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.figures.frame import frame, light_grid, reference_line
from core.figures.style import arm_style
from core.notation import p_value, plain, plural


def odds_forest(table: pd.DataFrame, baseline: str) -> go.Figure:
    """`table` is `core.evaluation.flip_odds.flip_odds`; a row for each arm, layer and kind of flip, on a log axis."""
    shown = table[table["odds"].notna()].reset_index(drop=True)
    note = f"odds ratio for each standard deviation of cost saved against {plain(baseline, 40)}. Bars: 95 % intervals."
    height = 150 + 30 * len(shown)
    figure = frame("Odds associations of a flip with its premise coming nearer to English", note, height=height)
    for y, row in enumerate(shown.to_dict("records")):
        style = arm_style(str(row["arm"]))
        figure.add_scatter(
            x=[row["odds"]], y=[y],
            error_x={
                "type": "data", "symmetric": False, "array": [row["high"] - row["odds"]],
                "arrayminus": [row["odds"] - row["low"]], "color": style.colour, "thickness": 1.6, "width": 0,
            },
            mode="markers",
            marker={
                "symbol": style.symbol if row["flip"] == "fixed" else f"{style.symbol}-open", "color": style.colour,
                "size": 11, "line": {"width": 2, "color": style.colour},
            },
            hovertext=_hover(row), hoverinfo="text", showlegend=False,
        )  # fmt: skip
    light_grid(figure)
    reference_line(figure, 1.0, "no relation", log=True)
    figure.update_xaxes(type="log", title_text="odds ratio<br>(above 1: flips go with cost saved)")
    figure.update_yaxes(
        tickvals=list(range(len(shown))), range=[len(shown) - 0.4, -0.9],
        ticktext=[f"{plain(r['arm'])}, {r['flip']}, layer {r['layer']}" for r in shown.to_dict("records")],
    )  # fmt: skip
    return figure


def told_odds(table: pd.DataFrame) -> list[str]:
    """One sentence a row that has an estimate."""
    return [odds_sentence(row) for row in table.to_dict("records") if math.isfinite(row["odds"])]


def odds_finding(table: pd.DataFrame) -> str:
    """What the rows show together: those told apart from no association, and how many are not; "" without an estimate.

    Each interval is its own: they are not corrected for their number, which is said.
    """
    rows = [row for row in table.to_dict("records") if math.isfinite(row["odds"])]
    if not rows:
        return ""
    apart = [odds_sentence(row) for row in rows if _is_apart(row)]
    if not apart:
        number = plural(len(rows), "odds association")
        return f"None of {number}, for each standard deviation of cost saved, can be told apart from none."
    return f"{' '.join(apart)} That is {len(apart)} of {len(rows)}, each by its own 95 % interval, not corrected."


def odds_sentence(row: dict[Hashable, Any]) -> str:
    """The odds ratio with its interval, and whether it can be told from 1."""
    kind = "being fixed" if row["flip"] == "fixed" else "being broken"
    verdict = "associated" if _is_apart(row) else "not told apart from no association"
    return (
        f"{row['arm']}, layer {row['layer']}: odds association of {kind} {row['odds']:.2f} ({row['low']:.2f} "
        f"to {row['high']:.2f}) for each standard deviation of cost saved: {verdict}."
    )


def _is_apart(row: dict[Hashable, Any]) -> bool:
    return bool(row["low"] > 1 or row["high"] < 1)


def _hover(row: dict[Hashable, Any]) -> str:
    return (
        f"<b>{plain(row['arm'])}</b>, layer {row['layer']}, {row['flip']}<br>odds ratio {row['odds']:.2f} "
        f"({row['low']:.2f} to {row['high']:.2f}), p {p_value(row['p'])}<br>{plural(int(row['flips']), 'flip')} of "
        f"{plural(int(row['items']), 'item')}, {plural(int(row['premises']), 'premise')}"
    )
