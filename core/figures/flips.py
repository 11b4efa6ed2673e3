"""What one run fixed and broke of another's answers, as a 2 x 2 table to click."""

from __future__ import annotations

import plotly.graph_objects as go

from core.evaluation.flips import Flips
from core.figures.frame import frame
from core.figures.style import CORRECT, INK, WRONG, tint
from core.notation import plain, plural, signed
from core.verdict.marks import ONE_RUN

#: The four cells: name, is the first run right, is the second; rows are the first run, columns the second.
CELLS = {
    "both right": (True, True),
    "broken": (True, False),
    "fixed": (False, True),
    "both wrong": (False, False),
}


def flip_table(flips: Flips, first: str, second: str) -> go.Figure:
    """Cells carry (first right, second right) as customdata; `fixed` is green, `broken` orange."""
    counts = {
        "both right": flips.both_right,
        "broken": flips.broken,
        "fixed": flips.fixed,
        "both wrong": flips.both_wrong,
    }
    figure = frame("What the second run fixed and broke of the first", "click a cell: its items", height=330)
    colours = {"fixed": tint(CORRECT, 0.4), "broken": tint(WRONG, 0.4)}
    x, y, hover, data = [], [], [], []
    for name, (right_a, right_b) in CELLS.items():
        column, row = int(not right_b), int(not right_a)
        box = {"x0": column - 0.48, "x1": column + 0.48, "y0": row - 0.48, "y1": row + 0.48}
        figure.add_shape(type="rect", **box, fillcolor=colours.get(name, tint(INK, 0.12)), line_width=0, layer="below")
        share = 100 * counts[name] / max(flips.items, 1)
        figure.add_annotation(
            x=column, y=row, text=f"<b>{counts[name]:,}</b><br>{name}, {share:.1f} %", showarrow=False
        )
        x.append(column)
        y.append(row)
        hover.append(f"{name}: {plural(counts[name], 'item')}")
        data.append([right_a, right_b])
    figure.add_scatter(
        x=x, y=y, mode="markers", marker={"symbol": "square", "size": 90, "opacity": 0},
        customdata=data, hovertext=hover, hoverinfo="text",
    )  # fmt: skip
    labels = ["right", "wrong"]
    figure.update_xaxes(title_text=plain(second, 50), tickvals=[0, 1], ticktext=labels, range=[-0.5, 1.5])
    figure.update_yaxes(title_text=plain(first, 50), tickvals=[0, 1], ticktext=labels, range=[1.5, -0.5])
    return figure


def flip_sentence(flips: Flips, first: str, second: str, descriptive: str) -> str:
    """What changed; one run against one run is described. `descriptive` says what else forbids a test, or is ""."""
    if not flips.items:
        return "The two runs have no item in common under these filters."
    return (
        f"Of {plural(flips.items, 'item')}, {second} fixes {flips.fixed:,} that {first} has wrong and breaks "
        f"{flips.broken:,} that it has right: {signed(flips.difference)} points "
        f"({signed(flips.low)} to {signed(flips.high)}); {ONE_RUN}{f' ({descriptive})' if descriptive else ''}."
    )
