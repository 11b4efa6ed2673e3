"""Calibration curves: accuracy against confidence, one panel an arm on the same axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.frame import frame, light_grid
from core.figures.style import INK, arm_style
from core.notation import plain, plural, rate
from core.statistics.intervals import wilson

COLUMNS = 3


def expected_error(bins: pd.DataFrame) -> float:
    """Expected calibration error (x100) of one run's bins: items, confidence, accuracy."""
    return float(np.average((bins["accuracy"] - bins["confidence"]).abs(), weights=bins["items"]))


def reliability_curves(bins: pd.DataFrame, labels: dict[str, str], arms: dict[str, str], title: str) -> go.Figure:
    """`bins` has run_id, items, confidence, accuracy (x100); `labels` and `arms` name the runs and their arms.

    Bars are Wilson's 95 % intervals; the dotted line is where confidence is accuracy.
    """
    shown = [run for run in labels if run in set(bins["run_id"])]
    columns = max(1, min(COLUMNS, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    heads = [f"{plain(labels[run], 34)}<br>ECE {rate(expected_error(bins[bins['run_id'] == run]))}" for run in shown]
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=heads, shared_xaxes=True, shared_yaxes=True,
        horizontal_spacing=0.05, vertical_spacing=0.3 / rows,
    )  # fmt: skip
    note = "below the dotted line: surer than right. ECE ×100: mean distance from it. 15 bins; bars: 95 % intervals"
    outer = frame(title, note, height=138 + 280 * rows)
    figure.update_layout(outer.layout)
    figure.layout.margin.t += 44
    figure.update_annotations(font_size=13)
    for i, run in enumerate(shown):
        place = {"row": i // columns + 1, "col": i % columns + 1}
        own = bins[bins["run_id"] == run]
        style = arm_style(arms[run])
        between = [wilson(round(a * n / 100), int(n)) for a, n in zip(own["accuracy"], own["items"], strict=True)]
        figure.add_scatter(
            x=[33, 100], y=[33, 100], mode="lines", line={"color": INK, "width": 1.2, "dash": "dot"},
            hoverinfo="skip", **place,
        )  # fmt: skip
        figure.add_scatter(
            x=own["confidence"],
            y=own["accuracy"],
            error_y={
                "type": "data", "symmetric": False, "color": style.colour, "thickness": 1.2, "width": 0,
                "array": [max(high - a, 0) for (_, high), a in zip(between, own["accuracy"], strict=True)],
                "arrayminus": [max(a - low, 0) for (low, _), a in zip(between, own["accuracy"], strict=True)],
            },
            mode="lines+markers",
            line={"color": style.colour, "width": 1.6},
            marker={"symbol": style.symbol, "color": style.colour, "size": 8},
            hovertext=[
                f"confidence {rate(c)}, accuracy {rate(a)} ({rate(b[0])} to {rate(b[1])}), {plural(int(n), 'item')}"
                for c, a, b, n in zip(own["confidence"], own["accuracy"], between, own["items"], strict=True)
            ],
            hoverinfo="text",
            **place,
        )  # fmt: skip
    light_grid(figure, "y")
    figure.update_xaxes(range=[30, 101], showgrid=False, fixedrange=True, showticklabels=True)
    figure.update_yaxes(range=[0, 101], fixedrange=True, zeroline=False)
    for column in range(1, columns + 1):
        figure.update_xaxes(title_text="confidence ×100", row=rows, col=column)
    for row in range(1, rows + 1):
        figure.update_yaxes(title_text="accuracy ×100", row=row, col=1)
    return figure
