"""Languages by arms at a glance: accuracy, change against a baseline, and whether the change stands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.arms.names import sort_arms
from core.figures.frame import arm_key, frame
from core.figures.style import CORRECT, WRONG, arm_style, tint
from core.languages import language, sort_codes
from core.notation import interval, plain, plural, rate, signed
from core.verdict.marks import mark, p_words

#: Arms whose names fit over their columns; of more, a key names the shapes and a cell takes two lines.
FEW = 4


def seed_means(accuracy: pd.DataFrame) -> pd.DataFrame:
    """arm, language, seeds, items, accuracy (x100): means over seeds of one row a run and language."""
    grouped = accuracy.groupby(["arm", "language"], as_index=False, sort=False)
    return grouped.agg(seeds=("accuracy", "size"), items=("items", "max"), accuracy=("accuracy", "mean"))


def accuracy_heatmap(accuracy: pd.DataFrame, changes: pd.DataFrame, baseline: str, title: str) -> go.Figure:
    """A cell for each language and arm, clickable (customdata: arm, language code).

    `accuracy` is one row a run and language, as the store gives it; `changes` is
    `core.evaluation.slices.by_language` against `baseline`, and may be empty. A star marks a change that
    the study tests and shows; colour is the size of the change. More than `FEW` arms are named by a key.
    """
    means = seed_means(accuracy)
    arms, codes = sort_arms(means["arm"]), sort_codes(sorted(set(means["language"])))
    cells: dict[tuple[str, str], Any] = {(row["arm"], row["language"]): row for row in means.to_dict("records")}
    against: dict[tuple[str, str], Any] = {(row["arm"], row["value"]): row for row in changes.to_dict("records")}
    depth = np.full((len(codes), len(arms)), np.nan)
    many = len(arms) > FEW
    where = "below" if many else "beside"
    key = (
        f"change against {plain(baseline, 30)} {where} the accuracy<br>★ p &lt; .05 (the study's)"
        if len(changes)
        else ""
    )
    note = "<br>".join(part for part in (arm_key(arms) if many else "", key) if part)
    figure = frame(title, note, height=120 + (44 if many else 38) * len(codes) + 40 * bool(note))
    x, y, written, hover, data = list[int](), list[int](), list[str](), list[str](), list[list[str]]()
    for i, code in enumerate(codes):
        for j, arm in enumerate(arms):
            cell = cells.get((arm, code))
            if cell is None:
                continue
            change = against.get((arm, code))
            text = f"<b>{rate(cell['accuracy'])}</b>"
            told = [f"{plain(language(code).label)}, <b>{plain(arm)}</b>: {rate(cell['accuracy'])}"]
            told.append(f"{plural(int(cell['items']), 'item')}, {plural(int(cell['seeds']), 'seed')}")
            if change is not None:
                depth[i, j] = change["difference"]
                star = " ★" if mark(change["difference"], change["p"], bool(change["tested"])) else ""
                between = "<br>" if many else " "
                text += f"{between}{signed(change['difference'])}{star.strip() if many else star}"
                told.append(f"change {signed(change['difference'])} ({_between(change['low'], change['high'])})")
                told.append(p_words(change))
            written.append(text)
            x.append(j)
            y.append(i)
            hover.append("<br>".join(told))
            data.append([arm, code])
    _colour(figure, depth)
    # One trace of texts: an annotation a cell takes plotly a hundred times as long.
    size = 11 if many else 13
    figure.add_scatter(x=x, y=y, mode="text", text=written, textfont={"size": size}, hoverinfo="skip", cliponaxis=False)
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"symbol": "square", "size": 34, "opacity": 0},
        customdata=data,
        hovertext=hover,
        hoverinfo="text",
    )
    heads = [
        f'<span style="color:{arm_style(a).colour}">{arm_style(a).glyph}</span>{"" if many else f" {plain(a, 26)}"}'
        for a in arms
    ]
    figure.update_xaxes(tickvals=list(range(len(arms))), ticktext=heads, range=[-0.5, len(arms) - 0.5], side="top")
    names = [
        f"<b>{plain(language(code).label)}</b>" if language(code).low_resource else plain(language(code).label)
        for code in codes
    ]
    figure.update_yaxes(tickvals=list(range(len(codes))), ticktext=names, range=[len(codes) - 0.5, -0.5])
    figure.layout.margin.t += 26
    return figure


def table(accuracy: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """The figure's numbers, one row a language and arm: accuracy, change, low, high, p, items, seeds."""
    means = seed_means(accuracy)
    if changes.empty:
        return means[["language", "arm", "accuracy", "items", "seeds"]]
    own = changes.rename(columns={"value": "language", "difference": "change"})
    joined = means.merge(own[["arm", "language", "change", "low", "high", "p"]], "left")
    return joined[["language", "arm", "accuracy", "change", "low", "high", "p", "items", "seeds"]]


def worst(accuracy: pd.DataFrame) -> tuple[str, str, float]:
    """The language and arm with the lowest accuracy, and that accuracy."""
    means = seed_means(accuracy)
    row = means.sort_values("accuracy", kind="stable").iloc[0]
    return str(row["language"]), str(row["arm"]), float(row["accuracy"])


def _colour(figure: go.Figure, depth: NDArray[np.float64]) -> None:
    """Gains green, losses orange, full at the largest change."""
    most = float(np.nanmax(np.abs(depth))) if np.isfinite(depth).any() else math.nan
    for sign, colour in ((1, CORRECT), (-1, WRONG)):
        values = np.where(sign * depth > 0, np.abs(depth), np.nan)
        if np.isfinite(values).any():
            figure.add_heatmap(
                z=values, zmin=0, zmax=max(most, 1e-9), showscale=False, hoverinfo="skip", xgap=3, ygap=2,
                colorscale=[[0, tint(colour, 0.05)], [1, tint(colour, 0.55)]],
            )  # fmt: skip


def _between(low: float, high: float) -> str:
    return interval(low, high).replace("-", "−")
