"""Figures of representations: sentences as points, and spread, rank and retrieval by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from core.data.records import LABELS
from core.evaluation.collapse import LEAST_DEVIATION, LEAST_DISTANCE
from core.figures.frame import arm_key, frame, light_grid
from core.figures.style import CLEAR, INK, RULE, arm_style, tint
from core.languages import language, sort_codes
from core.notation import plain

#: Colours that stay apart for colour-blind eyes (Okabe and Ito), each with two shapes before one comes again.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#B8A800")
_SHAPES = ("circle", "diamond")
#: Measure of the states, its name on an axis, and whether it is a share of the reference.
MEASURES = (
    ("deviation", "spread, % of reference"), ("distance", "unrelated apart, % of reference"),
    ("rank", "effective rank"), ("retrieval", "translations found ×100"),
)  # fmt: skip
_SHARES = ("deviation", "distance")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a map: `group` is that of its translations, `label` an index of `LABELS` or -1."""

    text: str
    code: str
    group: int
    label: int = -1


def map_figure(
    sentences: Sequence[Sentence], points: NDArray[np.floating], title: str, subtitle: str, by: str, reach: float,
    marked: Sequence[int] = (),
) -> go.Figure:  # fmt: skip
    """Sentences at `points` [n, 2], coloured `by` "language" or "label". Both axes run from -reach to reach about the
    middle, the same for maps beside each other, so that one that has drawn together looks so. `marked` are ringed.
    Marks carry the sentence's index as customdata."""
    figure = frame(title, subtitle, height=430)
    for name, colour, shape, own in _kinds(sentences, by):
        figure.add_scatter(
            x=points[own, 0], y=points[own, 1], mode="markers", name=plain(name),
            marker={"color": colour, "symbol": shape, "size": 6, "opacity": 0.8},
            customdata=[[i] for i in own], hovertext=[_hover(sentences[i]) for i in own], hoverinfo="text",
            selected={"marker": {"opacity": 1.0}}, unselected={"marker": {"opacity": 0.35}},
        )  # fmt: skip
    many = len(marked) > 16
    if len(marked):
        figure.add_scatter(
            x=points[list(marked), 0], y=points[list(marked), 1], mode="markers", name="chosen", hoverinfo="skip",
            marker={"symbol": "circle-open", "size": 9 if many else 14, "color": INK,
                    "line": {"width": 1.2 if many else 2.5}},
        )  # fmt: skip
    bare = {"showticklabels": False, "zeroline": False, "showgrid": False, "fixedrange": False}
    figure.update_xaxes(range=[-reach, reach], **bare)
    figure.update_yaxes(range=[-reach, reach], **bare)
    figure.update_layout(dragmode="pan", margin={"b": 12, "l": 8, "r": 8})
    return figure


def map_key(sentences: Sequence[Sentence], by: str) -> list[tuple[str, str, str]]:
    """Name, colour and shape as text of every kind of point."""
    glyphs = {"circle": "●", "diamond": "◆"}
    return [(name, colour, glyphs[shape]) for name, colour, shape, _ in _kinds(sentences, by)]


def reach_of(maps: Sequence[NDArray[np.floating]]) -> float:
    """How far axes go that hold all of these maps, each about its middle."""
    return 1.08 * max(float(np.abs(points).max()) for points in maps) or 1.0


def _kinds(sentences: Sequence[Sentence], by: str) -> list[tuple[str, str, str, list[int]]]:
    if by == "label":
        names = [*LABELS, "no label"]
        kinds = [(name, [i for i, one in enumerate(sentences) if one.label == k]) for k, name in enumerate(LABELS)]
        kinds.append((names[-1], [i for i, one in enumerate(sentences) if not 0 <= one.label < len(LABELS)]))
    else:
        codes = sort_codes(sorted({one.code for one in sentences if one.code}))
        kinds = [(language(code).label, [i for i, one in enumerate(sentences) if one.code == code]) for code in codes]
        kinds.append(("typed", [i for i, one in enumerate(sentences) if not one.code]))
    return [
        (name, _COLOURS[k % len(_COLOURS)], _SHAPES[k // len(_COLOURS) % len(_SHAPES)], own)
        for k, (name, own) in enumerate(kinds)
        if own
    ]


def _hover(one: Sentence) -> str:
    head = language(one.code).label if one.code else "typed"
    label = f", {LABELS[one.label]}" if 0 <= one.label < len(LABELS) else ""
    return f"<b>{plain(head)}</b>{label}<br>{plain(one.text, 90)}"


def diagnostics_figure(table: pd.DataFrame, title: str) -> go.Figure:
    """Four small figures by layer, two beside each other so that a phone holds them: a line an arm (mean over
    languages), the reference as a band from its lowest to its highest language.

    `table` has arm, language, layer, and each of `MEASURES` with its `_reference`.
    """
    titles = [plain(name).replace(", ", "<br>") for _, name in MEASURES]
    made = make_subplots(rows=2, cols=2, subplot_titles=titles, horizontal_spacing=0.12, vertical_spacing=0.2)
    key = f"{arm_key(table['arm'].unique())}<br>means over languages; grey: the reference"
    base = frame(title, key, height=560, wrap=38)
    made.update_layout(base.layout)
    for k, (measure, _) in enumerate(MEASURES):
        place = {"row": k // 2 + 1, "col": k % 2 + 1}
        _band(made, table, measure, place)
        for arm, own in table.groupby("arm", sort=False):
            values = own.assign(value=_value(own, measure)).groupby("layer")["value"].mean()
            style = arm_style(str(arm))
            made.add_scatter(
                x=values.index, y=values, mode="lines+markers", name=plain(arm), **place,
                line={"color": style.colour, "width": 2}, marker={"symbol": style.symbol, "size": 7},
                hovertemplate=f"<b>{plain(arm)}</b><br>layer %{{x}}: %{{y:.1f}}<extra></extra>",
            )  # fmt: skip
    light_grid(made, "y")
    step = 1 if table["layer"].nunique() < 5 else 2 if table["layer"].nunique() < 9 else 4
    made.update_xaxes(dtick=step, showline=False, zeroline=False, gridcolor=RULE, fixedrange=True)
    made.update_yaxes(zeroline=False, fixedrange=True, rangemode="tozero")
    for note in made.layout.annotations:
        note.font.size = 12
    made.update_xaxes(title_text="layer", row=2)
    made.update_layout(margin={"t": made.layout.margin.t + 34}, height=made.layout.height + 34)
    made.update_layout(paper_bgcolor=CLEAR, plot_bgcolor=CLEAR, showlegend=False)
    return made


def _value(own: pd.DataFrame, measure: str) -> pd.Series:
    share = measure in _SHARES
    return 100.0 * own[measure] / own[f"{measure}_reference"] if share else own[measure]


def _band(made: go.Figure, table: pd.DataFrame, measure: str, place: dict[str, int]) -> None:
    """Between the reference's languages; of a share, whose reference is 100, lines at 100 and at collapse's limit."""
    layers = sorted(table["layer"].unique())
    if measure in _SHARES:
        made.add_scatter(x=layers, y=[100.0] * len(layers), mode="lines", name="reference", **place,
                         line={"color": INK, "width": 1.5}, hoverinfo="skip")  # fmt: skip
        limit = 100.0 * (LEAST_DEVIATION if measure == "deviation" else LEAST_DISTANCE)
        made.add_scatter(x=layers, y=[limit] * len(layers), mode="lines", name="limit of collapse", **place,
                         line={"color": INK, "width": 1.2, "dash": "dot"}, hoverinfo="skip")  # fmt: skip
        return
    ends = table.groupby("layer")[f"{measure}_reference"].agg(["min", "max"]).loc[layers]
    made.add_scatter(
        x=[*layers, *layers[::-1]], y=[*ends["max"], *ends["min"][::-1]], fill="toself", mode="lines", **place,
        line={"width": 0}, fillcolor=tint("#7F7F7F", 0.3), hoverinfo="skip", name="reference",
    )  # fmt: skip
