"""A pair through all layers: cost, entropy and, where gold links are known, error, a line an arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.figures.style import BAND, CLEAR, INK, RULE, arm_style
from core.notation import plain

_GAP = 0.07


@dataclass(frozen=True)
class Strip:
    """One arm's values by layer from 0: cost, entropy (share of maximum), AER x100 or nothing.

    `frozen` is the last layer whose states training left as they were; None where nothing was trained.
    """

    name: str
    arm: str
    cost: Sequence[float]
    entropy: Sequence[float]
    error: Sequence[float] | None = None
    frozen: int | None = None


def layer_strip(strips: Sequence[Strip], layer: int, height: int = 250) -> go.Figure:
    """Small multiples over the layers; the chosen layer has a line, frozen layers a grey band.

    Every mark carries its layer as customdata. The figure is made in one piece from plain values, because it is drawn
    again at every move of a slider.
    """
    panels = [("cost", "cost (mean distance)"), ("entropy", "entropy (% of its maximum)")]
    if any(strip.error is not None for strip in strips):
        panels.append(("error", "AER ×100"))
    layers = max(len(strip.cost) for strip in strips)
    frozen = max((strip.frozen for strip in strips if strip.frozen is not None), default=None)
    note = f"; grey: layers 0 to {frozen}, frozen in training" if frozen is not None else ""
    subtitle = "   ".join(_key(strip, place) for place, strip in enumerate(strips))
    layout: dict[str, Any] = {
        "title": {
            "text": "<b>The same pair at every layer</b>",
            "subtitle": {"text": f"{subtitle}<br>line: the layer shown{note}", "font": {"size": 13}},
            "font": {"size": 16}, "x": 0, "xref": "container", "xanchor": "left", "yref": "container", "y": 1,
            "yanchor": "top", "pad": {"t": 6, "l": 4},
        },
        "height": height + 40, "margin": {"t": 118, "l": 20, "r": 24, "b": 40},
        "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "showlegend": False, "dragmode": False,
        "hoverlabel": {"align": "left"}, "modebar": {"bgcolor": CLEAR, "color": INK, "activecolor": INK},
        "annotations": [], "shapes": [],
    }  # fmt: skip
    data: list[dict[str, Any]] = []
    width = (1 - _GAP * (len(panels) - 1)) / len(panels)
    for place, (what, title) in enumerate(panels):
        end = str(place + 1) if place else ""
        left = place * (width + _GAP)
        layout[f"xaxis{end}"] = {
            "domain": [left, left + width], "anchor": f"y{end}", "range": [-0.5, layers - 0.5], "dtick": 2,
            "showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "showline": False,
            "title": {"text": "layer", "standoff": 4, "font": {"size": 13}},
        }  # fmt: skip
        layout[f"yaxis{end}"] = {
            "anchor": f"x{end}", "rangemode": "tozero", "showgrid": True, "gridcolor": RULE, "gridwidth": 1,
            "zeroline": False, "fixedrange": True, "automargin": True, "ticks": "", "showline": False,
        }  # fmt: skip
        layout["annotations"].append(
            {
                "text": title, "x": left + width / 2, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "center",
                "yanchor": "bottom", "showarrow": False, "font": {"size": 13},
            }
        )  # fmt: skip
        shape = {"xref": f"x{end}", "yref": f"y{end} domain", "y0": 0, "y1": 1}
        if frozen is not None:
            band = {"type": "rect", "x0": -0.5, "x1": frozen + 0.5, "fillcolor": BAND, "line": {"width": 0}}
            layout["shapes"].append(shape | band | {"layer": "below"})
        line = {"type": "line", "x0": layer, "x1": layer, "line": {"color": INK, "width": 1.4}}
        layout["shapes"].append(shape | line)
        data += [
            _line(strip, order, getattr(strip, what), what, end)
            for order, strip in enumerate(strips)
            if getattr(strip, what) is not None
        ]
    return go.Figure({"data": data, "layout": layout})


def _line(strip: Strip, order: int, values: Sequence[float], what: str, end: str) -> dict[str, Any]:
    style = arm_style(strip.arm)
    layers = list(range(len(values)))
    return {
        "type": "scatter", "x": layers, "y": [100 * v for v in values] if what == "entropy" else list(values),
        "mode": "lines+markers", "xaxis": f"x{end}", "yaxis": f"y{end}", "name": plain(strip.name),
        "line": {"color": style.colour, "width": 1.8, "dash": "dot" if order else "solid"},
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 8},
        "customdata": [[layer] for layer in layers],
        "hovertemplate": f"{plain(strip.name)}<br>layer %{{x}}: %{{y:.3f}}<extra></extra>",
    }  # fmt: skip


def _key(strip: Strip, order: int) -> str:
    style = arm_style(strip.arm)
    dash = "┄" if order else "─"
    return f'<span style="color:{style.colour}">{dash}{style.glyph}{dash}</span> {plain(strip.name, 40)}'
