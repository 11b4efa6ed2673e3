"""One model's accuracy on the behavioural suites: a cell for each language and category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.data.records import LABELS
from core.figures.frame import frame
from core.figures.style import arm_style, tint
from core.languages import language, sort_codes
from core.notation import interval, plain, plural, rate
from core.suites.items import CATEGORIES


def suite_heatmap(summary: pd.DataFrame, arm: str, title: str) -> go.Figure:
    """`summary` is `core.suites.summary.by_language` of one model; depth is accuracy, 0 to 100, in the arm's colour.

    Cells carry (category, language code) as customdata on an invisible layer that takes clicks.
    """
    categories = [name for name in CATEGORIES if name in set(summary["category"])]
    codes = sort_codes(sorted(set(summary["language"])))
    colour = arm_style(arm).colour
    note = "accuracy ×100, deeper is higher; click a cell for its items"
    figure = frame(title, note, height=150 + 30 * len(codes), wrap=40)
    cells = summary.to_dict("records")
    x = [categories.index(cell["category"]) for cell in cells]
    y = [codes.index(cell["language"]) for cell in cells]
    figure.add_heatmap(
        x=x, y=y, z=summary["accuracy"], zmin=0, zmax=100, showscale=False, hoverinfo="skip", xgap=3, ygap=2,
        colorscale=[[0, tint(colour, 0.04)], [1, tint(colour, 0.6)]],
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=y, mode="text", text=[rate(cell["accuracy"]) for cell in cells], textfont={"size": 12},
        hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": 30, "opacity": 0},
        customdata=[[cell["category"], cell["language"]] for cell in cells],
        hovertext=[_told(cell) for cell in cells],
        hoverinfo="text",
    )
    figure.update_xaxes(
        tickvals=list(range(len(categories))), ticktext=categories, range=[-0.5, len(categories) - 0.5], side="top"
    )
    names = [plain(language(code).label) for code in codes]
    names = [f"<b>{name}</b>" if language(code).low_resource else name for code, name in zip(codes, names, strict=True)]
    figure.update_yaxes(tickvals=list(range(len(codes))), ticktext=names, range=[len(codes) - 0.5, -0.5])
    figure.layout.margin.t += 26
    return figure


def _told(cell: Mapping[Any, Any]) -> str:
    said = ", ".join(f"{name} {cell[f'said {name}']}" for name in LABELS)
    where = plain(language(cell["language"]).label)
    between = interval(cell["low"], cell["high"])
    return (
        f"{where}, <b>{plain(cell['category'])}</b>: {rate(cell['accuracy'])}<br>{between}, "
        f"{plural(cell['items'], 'item')} of {plural(cell['groups'], 'group')}<br>said: {said}"
    )
