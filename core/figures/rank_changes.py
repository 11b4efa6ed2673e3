"""Two or more ranked lists side by side, equal hits joined by lines."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.figures.frame import frame
from core.figures.style import CORRECT, INK, arm_style
from core.notation import plain


def rank_changes(lists: Sequence[pd.DataFrame], names: Sequence[str], arms: Sequence[str], top: int) -> go.Figure:
    """Ranks 1 to `top` of each list, best on top; a line joins a candidate's places, the right answer's is green.

    Each list is a `ranked_table`. A hit that the next list has not among its first ends in a short dashed line below;
    the words of a list between two others show on pointing. Marks carry (list, candidate) as customdata.
    """
    moved = sum(_moved(a, b) for a, b in zip(lists, lists[1:], strict=False))
    title = f"Where the first {top} hits go from list to list"
    figure = frame(title, f"{moved} of them change rank or leave; the right answer is green", height=150 + 30 * top)
    for k, table in enumerate(lists):
        style = arm_style(arms[k])
        right = table["right"].to_numpy(bool)
        figure.add_scatter(
            x=[k] * len(table), y=table["rank"],
            # Between two others a list's words would lie under the lines.
            mode="markers+text" if k in (0, len(lists) - 1) else "markers",
            marker={"symbol": style.symbol, "size": 11, "color": [CORRECT if r else style.colour for r in right]},
            text=[plain(str(text), 26) for text in table["text"]],
            textposition="middle left" if k == 0 else "middle right", textfont={"size": 11}, cliponaxis=False,
            customdata=[[k, int(c)] for c in table["candidate"]],
            hovertext=[f"{names[k]}: rank {rank}<br>{plain(str(text), 120)}"
                       for rank, text in zip(table["rank"], table["text"], strict=True)],
            hoverinfo="text",
        )  # fmt: skip
        mark = f'<span style="color:{style.colour}">{style.glyph}</span>'
        figure.add_annotation(
            x=k, y=0.2, text=f"{mark} <b>{plain(names[k], 30)}</b>", showarrow=False, yanchor="bottom"
        )
    for k, (before, after) in enumerate(zip(lists, lists[1:], strict=False)):
        places = dict(zip(after["candidate"], after["rank"], strict=True))
        for row in before.to_dict("records"):
            end = places.get(row["candidate"])
            figure.add_scatter(
                x=[k + 0.03, k + (0.97 if end else 0.18)], y=[row["rank"], end or row["rank"] + 0.45], mode="lines",
                hoverinfo="skip",
                line={"color": CORRECT if row["right"] else INK, "width": 2.6 if row["right"] else 1.1,
                      "dash": "solid" if end else "dot"},
            )  # fmt: skip
    figure.update_yaxes(range=[top + 0.8, -0.6], tickvals=list(range(1, top + 1)), title="rank")
    figure.update_xaxes(range=[-0.95, len(lists) - 0.05], visible=False)
    return figure


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> int:
    places = dict(zip(after["candidate"], after["rank"], strict=True))
    return sum(places.get(c) != r for c, r in zip(before["candidate"], before["rank"], strict=True))
