"""The frame every figure shares: a title that states its content, clear background, few gridlines.

No template and no font is set here, so that the page's theme (light or dark) decides both.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable

import plotly.graph_objects as go

from core.figures.style import CLEAR, INK, RULE, arm_style
from core.notation import plain

#: Pixels of a line above the plot, and of each after the third.
_LINE, _FURTHER = 24, 18
#: Characters of a title that a telephone shows in one line.
WIDEST = 46
#: Characters of a line of the key or of a note that a telephone shows.
_KEY = 54


def frame(title: str, subtitle: str = "", height: int = 420, wrap: int = WIDEST) -> go.Figure:
    """An empty figure of `height` pixels with `title` (plain text) and `subtitle` (plotly's markup).

    Lines longer than a telephone shows are broken, since plotly breaks none itself; `wrap` is the title's characters.
    `height` is of a figure with up to three lines above the plot; each further one adds its own.
    """
    subtitle = fitting(subtitle, _KEY)
    broken = textwrap.wrap(title, wrap, max_lines=3, placeholder="…") or [""]
    title_lines = [f"<b>{plain(line, wrap)}</b>" for line in broken]
    lines = len(title_lines) + (subtitle.count("<br>") + 1 if subtitle else 0)
    axis = {
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "ticks": "",
        "showline": False,
        "title": {"font": {"size": 13}},
    }
    above, further = _LINE * min(lines, 3), _FURTHER * max(0, lines - 3)
    layout = {
        "title": {
            "text": "<br>".join(title_lines),
            "subtitle": {"text": subtitle, "font": {"size": 13}},
            "font": {"size": 16},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 6 if len(title_lines) == 1 else 17, "l": 4},  # plotly lifts a broken title by half a line
        },
        "height": height + further,
        "margin": {"t": 22 + above + further, "l": 20, "r": 24, "b": 44},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"align": "left"},
        "modebar": {"bgcolor": CLEAR, "color": INK, "activecolor": INK},
        "xaxis": axis,
        "yaxis": axis,
    }
    # In one piece: plotly checks a whole layout in the time of a few single settings.
    return go.Figure(layout=layout)


def light_grid(figure: go.Figure, axis: str = "x") -> None:
    """Thin gridlines on one axis, the one that numbers are read from."""
    update = figure.update_xaxes if axis == "x" else figure.update_yaxes
    update(showgrid=True, gridcolor=RULE, gridwidth=1)


def arm_key(arms: Iterable[str]) -> str:
    """The arms' names in their colours with their shapes: a key in the subtitle, in place of a legend.

    Many arms take several lines.
    """
    lines: list[list[str]] = [[]]
    used = 0
    for style in map(arm_style, arms):
        label = plain(style.label, 40)
        used += len(label) + 5
        if lines[-1] and used > _KEY:
            lines.append([])
            used = len(label) + 5
        lines[-1].append(f'<span style="color:{style.colour}">{style.glyph}</span> {label}')
    return "<br>".join("   ".join(line) for line in lines)


def fitting(text: str, width: int) -> str:
    """`text` (plotly's markup) with its lines broken at `width` characters; a line with colours in it stays whole.

    >>> fitting("bars: 95 % intervals<br>small with capped bars: one run", 26)
    'bars: 95 % intervals<br>small with capped bars:<br>one run'
    """
    return "<br>".join(
        line if "<" in line else "<br>".join(textwrap.wrap(line, width, break_long_words=False) or [""])
        for line in text.split("<br>")
    )


def reference_line(figure: go.Figure, x: float, text: str, log: bool = False) -> None:
    """A dotted vertical line, named at its foot: chance, or zero; `log` on a logarithmic axis."""
    figure.add_vline(x=x, line={"color": INK, "width": 1.2, "dash": "dot"})
    figure.add_annotation(
        x=math.log10(x) if log else x, y=0, yref="paper", text=plain(text), showarrow=False, xanchor="left",
        yanchor="bottom", xshift=4,
        font={"size": 11, "color": INK},
    )  # fmt: skip


def picture(name: str, picture_format: str = "png") -> dict[str, object]:
    """Plotly's configuration: the camera saves `name` as "png" (twice the screen's density) or "svg"."""
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "responsive": True,
        "modeBarButtonsToRemove": [
            "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d",
            "hoverClosestCartesian", "hoverCompareCartesian", "toggleSpikelines",
        ],
        "toImageButtonOptions": {
            "format": picture_format, "filename": name, "scale": 2 if picture_format == "png" else 1,
        },
    }  # fmt: skip
