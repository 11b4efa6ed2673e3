"""Change in how translations are found against change in accuracy, by language; and what it says, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.arms.names import sort_arms
from core.evaluation.explained import STEP, Slope
from core.figures.frame import arm_key, frame, light_grid
from core.figures.style import INK, arm_style
from core.languages import language
from core.notation import plain, plural, signed, too_few


def explained(table: pd.DataFrame, baseline: str) -> go.Figure:
    """`table` is `core.evaluation.explained.changes`; a point a language and arm, both intervals drawn."""
    arms = sort_arms(table["arm"])
    note = f"{arm_key(arms)}<br>changes against {plain(baseline, 40)}; bars: 95 % intervals"
    figure = frame("Accuracy and translations found", note, height=460)
    for arm in arms:
        own = table[table["arm"] == arm]
        style = arm_style(arm)
        figure.add_scatter(
            x=own["mrr"],
            y=own["difference"],
            error_x=_bars(own["mrr"] - own["mrr_low"], own["mrr_high"] - own["mrr"], style.colour),
            error_y=_bars(own["difference"] - own["low"], own["high"] - own["difference"], style.colour),
            mode="markers+text",
            text=[plain(code, 8) for code in own["language"]],
            textposition="top right",
            textfont={"size": 12},
            marker={"symbol": style.symbol, "color": style.colour, "size": 10},
            hovertext=[_hover(row) for row in own.to_dict("records")],
            hoverinfo="text",
            name=plain(arm),
        )
    light_grid(figure, "y")
    figure.add_vline(x=0, line={"color": INK, "width": 1.2, "dash": "dot"})
    figure.add_hline(y=0, line={"color": INK, "width": 1.2, "dash": "dot"})
    figure.update_xaxes(title_text="change in mean reciprocal rank ×100")
    figure.update_yaxes(title_text="change in accuracy ×100")
    return figure


def told(slopes: Sequence[Slope]) -> list[str]:
    """One sentence an arm: the slope with its interval, and whether it can be told from none."""
    lines = []
    for one in slopes:
        if not math.isfinite(one.low):
            lines.append(f"{one.arm}: {too_few(one.languages, 'language')} for a line.")
            continue
        verdict = (
            "it goes with what languages gained: translations found better, more accuracy"
            if one.low > 0
            else "it goes with what languages gained: translations found better, less accuracy"
            if one.high < 0
            else "alignment does not go with which languages gained, as far as these few languages can tell"
        )
        lines.append(
            f"{one.arm}: {signed(one.slope)} points for each {STEP:g} points of mean reciprocal rank gained "
            f"({signed(one.low)} to {signed(one.high)}; {plural(one.languages, 'language')}, {100 * one.share:.0f} % "
            f"of the variance): {verdict}."
        )
    return lines


def _hover(row: dict[Hashable, Any]) -> str:
    return (
        f"{plain(language(row['language']).label)}, <b>{plain(row['arm'])}</b><br>MRR {signed(row['mrr'])} "
        f"({signed(row['mrr_low'])} to {signed(row['mrr_high'])}), {plural(int(row['sentences']), 'sentence')}<br>"
        f"accuracy {signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])}), "
        f"{plural(int(row['items']), 'item')}"
    )


def _bars(minus: pd.Series, plus: pd.Series, colour: str) -> dict[str, object]:
    return {
        "type": "data", "symmetric": False, "array": plus.fillna(0), "arrayminus": minus.fillna(0),
        "color": colour, "thickness": 1.2, "width": 0,
    }  # fmt: skip
