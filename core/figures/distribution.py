"""How a number is spread over the three labels."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.data.records import LABELS
from core.figures.frame import frame, light_grid
from core.figures.style import arm_style, tint
from core.notation import plain


def cosine_by_label(table: pd.DataFrame, title: str, note: str, arm: str = "untrained") -> go.Figure:
    """One strip and box a gold label: `table` has label (0 to 2), cosine and, for the hover, item_id.

    `note` is a plain sentence under the title.
    """
    style = arm_style(arm)
    figure = frame(title, plain(note, 200), height=330)
    for i, label in enumerate(LABELS):
        own = table[table["label"] == i]
        figure.add_box(
            x=own["cosine"],
            name=label,
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            width=0.62,
            line={"color": style.colour, "width": 1.4},
            fillcolor=tint(style.colour, 0.12),
            marker={"color": tint(style.colour, 0.65), "size": 6, "symbol": "circle"},
            hovertext=[f"item {item}, {label}" for item in own["item_id"]],
            hoverinfo="x+text",
        )
    light_grid(figure)
    figure.update_xaxes(title_text="cosine of premise and hypothesis")
    figure.update_yaxes(autorange="reversed")
    return figure
