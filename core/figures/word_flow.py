"""One word through the layers: where its mass goes, as a heat map, and what lies near it, as a table and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.alignment.word_by_layer import WordAtLayer
from core.figures.style import CLEAR, INK, arm_style, tint
from core.notation import plain


def word_flow(
    shares: NDArray[np.floating], word: str, others: Sequence[str], arm: str, label: str, layer: int
) -> go.Figure:
    """Share of the word's mass x100 that each word of the other sentence gets [others], by layer: [others, layers].

    The figure is made in one piece from plain values, because it is drawn again at every move of a slider.
    """
    percent = 100.0 * np.asarray(shares, dtype=np.float64)
    rows, layers = percent.shape
    style = arm_style(arm)
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "showline": False}
    layout: dict[str, Any] = {
        "title": {
            "text": f"<b>Where the mass of “{plain(word, 24)}” goes</b>",
            "subtitle": {
                "text": f"share of its mass ×100, by layer; {plain(label or style.label, 40)}", "font": {"size": 13},
            },
            "font": {"size": 16}, "x": 0, "xref": "container", "xanchor": "left", "yref": "container", "y": 1,
            "yanchor": "top", "pad": {"t": 6, "l": 4},
        },
        "height": max(240, 150 + 20 * rows), "margin": {"t": 70, "l": 20, "r": 24, "b": 40},
        "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "dragmode": False, "hoverlabel": {"align": "left"},
        "modebar": {"bgcolor": CLEAR, "color": INK, "activecolor": INK},
        "xaxis": axis | {
            "dtick": 2, "range": [-0.5, layers - 0.5], "automargin": True,
            "title": {"text": "layer", "standoff": 4, "font": {"size": 13}},
        },
        "yaxis": axis | {
            "tickvals": list(range(rows)), "ticktext": [plain(word, 24) for word in others],
            "range": [rows - 0.5, -0.5], "automargin": True,
        },
        "shapes": [
            {
                "type": "rect", "x0": layer - 0.5, "x1": layer + 0.5, "y0": -0.5, "y1": rows - 0.5,
                "line": {"color": INK, "width": 1.4},
            }
        ],
    }  # fmt: skip
    cells = {
        "type": "heatmap", "z": percent, "x": list(range(layers)), "y": list(range(rows)), "zmin": 0, "zmax": 100,
        "colorscale": [[0, tint(style.colour, 0.04)], [1, tint(style.colour, 1)]], "showscale": False, "xgap": 1,
        "ygap": 1, "hovertemplate": "%{y}, layer %{x}: %{z:.1f} %<extra></extra>",
    }  # fmt: skip
    return go.Figure({"data": [cells], "layout": layout})


def word_table(told: Sequence[tuple[str, Sequence[WordAtLayer]]], others: Sequence[str]) -> pd.DataFrame:
    """One row a layer; for each (label, its layers): nearest words with distances, and shares of mass and cost x100."""
    table = pd.DataFrame({"layer": [at.layer for at in told[0][1]]})
    for label, layers in told:
        table[f"{label}: nearest"] = [
            ", ".join(f"{others[k]} {distance:.3f}" for k, distance in at.nearest) for at in layers
        ]
        table[f"{label}: sends most to"] = [others[at.sends_to[0][0]] if at.sends_to else "" for at in layers]
        table[f"{label}: cost ×100"] = [100 * at.cost_share for at in layers]
        table[f"{label}: mass ×100"] = [100 * at.mass_share for at in layers]
    return table


def tell_word(word: str, others: Sequence[str], told: Sequence[tuple[str, WordAtLayer]]) -> str:
    """One word at one layer under each arm, in a sentence."""
    parts = []
    for label, at in told:
        nearest, distance = at.nearest[0]
        sent = ""
        if at.sends_to and at.sends_to[0][0] != nearest:
            sent = f", yet sends most of its mass to “{others[at.sends_to[0][0]]}”"
        parts.append(
            f"with {label} “{word}” lies nearest to “{others[nearest]}” (distance {distance:.3f}){sent} and pays "
            f"{100 * at.cost_share:.1f} % of the cost for {100 * at.mass_share:.1f} % of the mass"
        )
    return f"At layer {told[0][1].layer}, {'; '.join(parts)}."
