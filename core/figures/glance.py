"""Every language at a glance: the baseline as a band, the other arms as points with their intervals."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import plotly.graph_objects as go

from core.arms.names import BASELINE, plain_name, sort_arms
from core.figures.frame import frame, light_grid
from core.figures.style import BAND, arm_style, tint
from core.languages import language, sort_codes
from core.notation import plain, plural, rate


def languages_at_a_glance(
    table: pd.DataFrame, title: str, asked: Collection[str] = (), baseline: str = BASELINE, height: int = 310
) -> go.Figure:
    """`table` has arm, language, items, accuracy, low, high (x100; one row each); languages stand side by side in the
    order of every figure, those of `asked` shaded. Without the baseline all arms are points. Marks carry (arm, code) as
    customdata."""
    arms = sort_arms(table["arm"])
    codes = sort_codes(sorted(set(table["language"])))
    at = {code: i for i, code in enumerate(codes)}
    points = [arm for arm in arms if arm != baseline]
    figure = frame(title, _key(arms, baseline, bool(asked)), height=height)
    for code in codes:
        if code in set(asked):
            figure.add_vrect(x0=at[code] - 0.5, x1=at[code] + 0.5, fillcolor=BAND, line_width=0, layer="below")
    if baseline in arms:
        _band(figure, table[table["arm"] == baseline], at, baseline)
    for i, arm in enumerate(points):
        _points(figure, table[table["arm"] == arm], arm, at, (i - (len(points) - 1) / 2) * 0.24)
    light_grid(figure, "y")
    names = [language(code).name for code in codes]
    figure.update_xaxes(tickvals=list(range(len(codes))), ticktext=[plain(name) for name in names],
                        range=[-0.6, len(codes) - 0.4], autotickangles=[0, -35, -90])  # fmt: skip
    figure.update_yaxes(title_text="right answers, %")
    figure.update_layout(margin={"b": 76})  # names stand upright where the figure is narrow
    return figure


def _key(arms: list[str], baseline: str, shaded: bool) -> str:
    """What band and shade are; the points are named by the numbers above them, in the same colours and shapes."""
    told = [f"band: {plain(plain_name(baseline).split(' (')[0])}"] if baseline in arms else []
    return "<br>".join(told + (["shaded: the languages asked about"] if shaded else []))


def _band(figure: go.Figure, own: pd.DataFrame, at: dict[str, int], arm: str) -> None:
    """A box a language from low to high, with a line at the value."""
    colour = arm_style(arm).colour
    for row in own.to_dict("records"):
        x = at[row["language"]]
        if row["low"] == row["low"]:
            figure.add_shape(type="rect", x0=x - 0.42, x1=x + 0.42, y0=row["low"], y1=row["high"],
                             fillcolor=tint(colour, 0.32), line={"width": 0}, layer="below")  # fmt: skip
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row in own.to_dict("records"):
        x = at[row["language"]]
        xs += [x - 0.42, x + 0.42, None]
        ys += [row["accuracy"], row["accuracy"], None]
    figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip", name="level")
    figure.add_scatter(
        x=[at[code] for code in own["language"]], y=own["accuracy"], mode="markers", name=plain(arm),
        marker={"symbol": "line-ew", "size": 10, "color": colour, "line": {"width": 2, "color": colour}},
        customdata=[[arm, code] for code in own["language"]], hovertext=_hover(own, arm), hoverinfo="text",
    )  # fmt: skip


def _points(figure: go.Figure, own: pd.DataFrame, arm: str, at: dict[str, int], shift: float) -> None:
    style = arm_style(arm)
    figure.add_scatter(
        x=[at[code] + shift for code in own["language"]], y=own["accuracy"], mode="markers", cliponaxis=False,
        error_y={"type": "data", "symmetric": False, "array": own["high"] - own["accuracy"],
                 "arrayminus": own["accuracy"] - own["low"], "color": style.colour, "thickness": 1.3, "width": 0},
        marker={"symbol": style.symbol, "color": style.colour, "size": 9},
        customdata=[[arm, code] for code in own["language"]], hovertext=_hover(own, arm), hoverinfo="text",
        name=plain(arm),
    )  # fmt: skip


def _hover(own: pd.DataFrame, arm: str) -> list[str]:
    return [
        f"{plain(language(row['language']).label)}<br><b>{plain(plain_name(arm))}</b> {rate(row['accuracy'])} "
        f"({rate(row['low'])} to {rate(row['high'])}), {plural(int(row['items']), 'item')}"
        for row in own.to_dict("records")
    ]
