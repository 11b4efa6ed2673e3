"""What the controls explain: differences from the baseline with intervals, grouped under the question they answer."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.arms.names import BASELINE
from core.figures.frame import frame, light_grid, reference_line
from core.figures.style import arm_style
from core.languages import LOW_RESOURCE, language
from core.notation import plain, plural, rate, signed
from core.verdict.marks import ONE_RUN, p_words

#: Pixels a row takes, and a letter of a name.
_ROW, _LETTER = 27, 5.6


def controls_figure(explained: pd.DataFrame, title: str) -> go.Figure:
    """A forest of `explained` (see `core.verdict.controls.explain`). Marks carry (arm, "") as customdata; one run
    against one run is named so and drawn smaller, with a thin capped bar, apart from means over seeds."""
    places, heads = _places(explained)
    height = 122 + _ROW * (len(explained) + round(1.35 * len(heads)))
    figure = frame(
        title,
        f"low-resource accuracy minus that of english-only, points<br>bars: 95 % intervals{_alone(explained)}",
        height=height,
    )
    for y, row in zip(places, explained.to_dict("records"), strict=True):
        _mark(figure, y, row)
    names = [_name(row) for row in explained.to_dict("records")]
    for y, question in heads:  # from where the longest name begins, so that a telephone shows it whole
        figure.add_annotation(
            x=0, xref="paper", y=y, text=f"<b>{plain(question)}</b>", showarrow=False, xanchor="left", yanchor="middle",
            align="left", font={"size": 13}, xshift=-_LETTER * max(map(len, names)),
        )  # fmt: skip
    light_grid(figure)
    reference_line(figure, 0.0, BASELINE)
    low, high = float(explained["low"].min()), float(explained["high"].max())
    figure.update_xaxes(title_text="difference, points", range=[min(low, 0) - 0.6, max(high, 0) + 0.6])
    figure.update_yaxes(
        tickvals=places,
        ticktext=names,
        range=[max(places) + 0.8, -0.9],
    )
    return figure


def controls_table(explained: pd.DataFrame) -> pd.DataFrame:
    """The same as numbers, with how far the arm that is explained is ahead of each control."""
    table = pd.DataFrame(
        {
            "question": explained["question"],
            "arm": explained["arm"],
            "accuracy ×100": explained["value"],
            "difference": explained["difference"],
            "low": explained["low"],
            "high": explained["high"],
            "p": explained["p"],
            "explained arm ahead by": explained["ahead_by"],
            "ahead, low": explained["ahead_low"],
            "ahead, high": explained["ahead_high"],
            "languages": explained["languages"],
            "seeds": explained["seeds"],
            "test": [p_words(row) for row in explained.to_dict("records")],
            "seeds' variance": explained["seed_variance"],
        }
    )
    return table.astype(dict.fromkeys(table.columns[2:10], float))


def _alone(explained: pd.DataFrame) -> str:
    return f"<br>small with capped bars: {ONE_RUN}" if (explained["seeds"] == 1).any() else ""


def _places(explained: pd.DataFrame) -> tuple[list[float], list[tuple[float, str]]]:
    """A row for each arm, and before each question one for its words."""
    places: list[float] = []
    heads: list[tuple[float, str]] = []
    y, last = -0.35, None
    for question in explained["question"]:
        if question != last:
            heads.append((y, str(question)))
            y, last = y + 0.95, question
        places.append(y)
        y += 1.0
        if len(places) < len(explained) and explained["question"].iloc[len(places)] != question:
            y += 0.4
    return places, heads


def _name(row: dict[Hashable, Any]) -> str:
    codes = str(row["languages"]).split()
    only = "" if len(codes) == len(LOW_RESOURCE) else f" ({', '.join(codes)})"
    alone = ", one run" if int(row["seeds"]) == 1 else ""
    return plain(arm_style(row["arm"]).label, 40) + only + alone


def _mark(figure: go.Figure, y: float, row: dict[Hashable, Any]) -> None:
    style, alone = arm_style(row["arm"]), int(row["seeds"]) == 1
    seeds = plural(int(row["seeds"]), "seed")
    names = ", ".join(language(code).name for code in str(row["languages"]).split())
    lines = [
        f"<b>{plain(style.label)}</b> {rate(row['value'])}, {BASELINE} {rate(row['baseline'])}",
        f"difference {signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])}), {p_words(row)}",
        f"{names}; {seeds}, {plural(int(row['items']), 'item')} a language",
    ]
    if row["seed_variance"] == "pooled":
        lines.append("its interval borrows the variance between seeds from the arms that have several")
    elif row["seed_variance"] == "unknown":
        lines.append("its interval is of the items alone")
    if pd.notna(row["ahead_by"]):
        lines.append(
            f"the arm it explains is ahead of it by {signed(row['ahead_by'])} "
            f"({signed(row['ahead_low'])} to {signed(row['ahead_high'])}"
            f"{f', {ONE_RUN}' if row['ahead_seeds'] == 1 else ''})"
        )
    figure.add_scatter(
        x=[row["difference"]],
        y=[y],
        error_x={
            "type": "data", "symmetric": False, "array": [row["high"] - row["difference"]],
            "arrayminus": [row["difference"] - row["low"]], "color": style.colour,
            "thickness": 0.8 if alone else 1.8, "width": 4 if alone else 0,
        },
        mode="markers",
        cliponaxis=False,
        marker={"symbol": style.symbol, "color": style.colour, "size": 8 if alone else 11, "line": {"width": 1.5}},
        customdata=[[row["arm"], ""]],
        hovertext=["<br>".join(lines)],
        hoverinfo="text",
        name=plain(style.label),
    )  # fmt: skip
