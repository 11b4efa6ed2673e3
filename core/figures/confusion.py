"""Gold label against predicted label, as counts and shares of the gold label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.data.records import LABELS
from core.figures.frame import frame
from core.figures.style import CORRECT, WRONG, tint
from core.notation import plain, plural


def confusion(table: pd.DataFrame, title: str, subtitle: str = "") -> go.Figure:
    """`table` has gold, predicted (0 to 2) and items, one row a cell; cells that are absent hold no item.

    `subtitle` is plain text. The diagonal (right) is green, the rest (wrong) orange; a cell's depth is its share of
    the row. Cells carry (gold, predicted) as customdata on an invisible layer that takes clicks.
    """
    counts = np.zeros((3, 3))
    for gold, predicted, items in table[["gold", "predicted", "items"]].itertuples(index=False):
        counts[int(gold), int(predicted)] += items
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    key = "green right, orange wrong; depth: share of gold"
    figure = frame(title, f"{plain(subtitle, 70)}<br>{key}" if subtitle else key, height=360, wrap=44)
    for right, colour in ((True, CORRECT), (False, WRONG)):
        mask = np.eye(3, dtype=bool) == right
        figure.add_heatmap(
            z=np.where(mask, shares, np.nan),
            x=list(range(3)),
            y=list(range(3)),
            zmin=0,
            zmax=1,
            colorscale=[[0, tint(colour, 0.06)], [1, tint(colour, 0.6)]],
            showscale=False,
            xgap=3,
            ygap=3,
            hoverinfo="skip",
        )
    cells = [(gold, predicted) for gold in range(3) for predicted in range(3)]
    for gold, predicted in cells:
        figure.add_annotation(
            x=predicted,
            y=gold,
            text=f"<b>{counts[gold, predicted]:,.0f}</b><br>{100 * shares[gold, predicted]:.1f} %",
            showarrow=False,
        )
    figure.add_scatter(
        x=[predicted for _, predicted in cells],
        y=[gold for gold, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 60, "opacity": 0},
        customdata=[list(cell) for cell in cells],
        hovertext=[f"gold {LABELS[i]}, predicted {LABELS[j]}: {plural(int(counts[i, j]), 'item')}" for i, j in cells],
        hoverinfo="text",
    )
    # Broken, so that all three fit under narrow cells: plotly leaves out what would overlap.
    across = [f"{label[:6]}-<br>{label[6:]}" if len(label) > 9 else label for label in LABELS]
    figure.update_xaxes(
        title_text="predicted", tickvals=[0, 1, 2], ticktext=across, range=[-0.5, 2.5], tickangle=0, tickfont_size=11
    )
    figure.update_yaxes(title_text="gold", tickvals=[0, 1, 2], ticktext=list(LABELS), range=[2.5, -0.5])
    return figure
