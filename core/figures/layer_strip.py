"""A pair through all layers: cost, entropy and, where gold links are known, error, a line an arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.formats import plain
from core.figures.frame import frame, light_grid
from core.figures.style import BAND, INK, arm_style


@dataclass(frozen=True)
class Strip:
    """One arm's values by layer from 0: cost, entropy (share of maximum), AER x100 or nothing.

    `frozen` is the last layer whose states are those of the untrained encoder, None if every layer's are (nothing was
    trained).
    """

    name: str
    arm: str
    cost: Sequence[float]
    entropy: Sequence[float]
    error: Sequence[float] | None = None
    frozen: int | None = None


def layer_strip(strips: Sequence[Strip], layer: int, first: str = "", height: int = 250) -> go.Figure:
    """Small multiples over the layers; the chosen layer has a line, frozen layers a grey band.

    Every mark carries its layer as customdata.
    """
    with_gold = any(strip.error is not None for strip in strips)
    panels = [("cost", "cost (mean distance)"), ("entropy", "entropy (% of its maximum)")]
    panels += [("error", "AER ×100")] if with_gold else []
    figure = make_subplots(rows=1, cols=len(panels), subplot_titles=[name for _, name in panels])
    frozen = max((strip.frozen for strip in strips if strip.frozen is not None), default=None)
    note = f"; grey: layers 0 to {frozen}, frozen in training, where arms cannot differ" if frozen is not None else ""
    names = "   ".join(_key(strip, k) for k, strip in enumerate(strips))
    outer = frame("The same pair at every layer", f"{names}<br>line: the layer shown{note}", height=height, wrap=90)
    figure.update_layout(outer.layout)
    figure.layout.margin.t += 24
    figure.update_annotations(font_size=13)
    for column, (what, _) in enumerate(panels, start=1):
        for k, strip in enumerate(strips):
            values = getattr(strip, what)
            if values is None:
                continue
            style = arm_style(strip.arm)
            shown = [100 * v for v in values] if what == "entropy" else list(values)
            figure.add_scatter(
                x=list(range(len(shown))),
                y=shown,
                mode="lines+markers",
                line={"color": style.colour, "width": 1.8, "dash": "dot" if k else "solid"},
                marker={"color": style.colour, "symbol": style.symbol, "size": 8},
                customdata=[[at] for at in range(len(shown))],
                hovertemplate=f"{plain(strip.name)}<br>layer %{{x}}: %{{y:.3f}}<extra></extra>",
                name=plain(strip.name),
                row=1,
                col=column,
            )
        if frozen is not None:
            figure.add_vrect(x0=-0.4, x1=frozen + 0.5, fillcolor=BAND, line_width=0, layer="below", row=1, col=column)
        figure.add_vline(x=layer, line={"color": INK, "width": 1.4}, row=1, col=column)
    layers = max(len(strip.cost) for strip in strips)
    light_grid(figure, "y")
    figure.update_xaxes(showgrid=False, fixedrange=True, dtick=2, range=[-0.5, layers - 0.5], zeroline=False)
    figure.update_yaxes(fixedrange=True, automargin=True, zeroline=False, rangemode="tozero")
    figure.update_xaxes(title_text="layer", title_standoff=4)
    return figure


def _key(strip: Strip, place: int) -> str:
    style = arm_style(strip.arm)
    dash = "┄" if place else "─"
    return f'<span style="color:{style.colour}">{dash}{style.glyph}{dash}</span> {plain(strip.name, 40)}'
