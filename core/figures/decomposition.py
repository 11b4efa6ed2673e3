"""What stands behind a difference: how often two arms answer each label in each language, and how sure they are."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.arms.names import sort_arms
from core.data.records import LABELS
from core.figures.frame import frame, light_grid
from core.figures.style import CLEAR, INK, RULE, arm_style
from core.languages import language, sort_codes
from core.notation import plain, rate, signed

#: Pixels of one label's row of bars, and of what stands above and below all rows.
_ROW, _AROUND = 120, 190


def answer_figure(table: pd.DataFrame, title: str) -> go.Figure:
    """A row a label: how often each arm answers it, x100, as bars by language, gold as a line across them. `table` has
    arm, language, answered_0 to 2 and gold_0 to 2, one row an arm and language."""
    arms, codes = sort_arms(table["arm"]), sort_codes(sorted(set(table["language"])))
    names = [plain(language(code).name) for code in codes]
    made = make_subplots(rows=len(LABELS), cols=1, shared_xaxes=True, vertical_spacing=0.09, subplot_titles=LABELS)
    base = frame(title, f"{_key(arms)}<br>line: gold; share of answers, %", height=_ROW * len(LABELS) + _AROUND)
    made.update_layout(base.layout)
    most = max(float(table[f"{kind}_{k}"].max()) for kind in ("answered", "gold") for k in range(len(LABELS)))
    for k, label in enumerate(LABELS):
        place = {"row": k + 1, "col": 1}
        for arm in arms:
            own = table[table["arm"] == arm].set_index("language").reindex(codes)[f"answered_{k}"]
            made.add_bar(
                x=names, y=own, name=plain(arm), marker={"color": arm_style(arm).colour}, **place,
                hovertext=[f"<b>{plain(arm)}</b><br>{n}: {label} {rate(v)} %" for n, v in zip(names, own, strict=True)],
                hoverinfo="text",
            )  # fmt: skip
        gold = table.groupby("language")[f"gold_{k}"].mean().reindex(codes)
        made.add_scatter(
            x=names, y=gold, mode="markers",
            marker={"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": INK}},
            hovertext=[f"{n}: {rate(v)} % are {label}" for n, v in zip(names, gold, strict=True)], hoverinfo="text",
            **place,
        )  # fmt: skip
    made.update_yaxes(range=[0, 1.08 * most], fixedrange=True, showgrid=True, gridcolor=RULE, zeroline=False)
    made.update_xaxes(fixedrange=True, showgrid=False, tickangle=-45)
    for note in made.layout.annotations[: len(LABELS)]:
        note.update(font={"size": 13}, x=0, xanchor="left")
    made.update_layout(
        barmode="group", bargap=0.25, showlegend=False, paper_bgcolor=CLEAR, plot_bgcolor=CLEAR,
        margin={"t": base.layout.margin.t + 26, "b": 76},
    )  # fmt: skip
    return made


def confidence_figure(table: pd.DataFrame, title: str) -> go.Figure:
    """How much surer each arm is than it is right, in points, by language. `table` has arm, language, accuracy,
    confidence and over_confidence (x100), one row an arm and language."""
    arms, codes = sort_arms(table["arm"]), sort_codes(sorted(set(table["language"])))
    made = frame(title, f"{_key(arms)}<br>mean largest probability minus accuracy; 0 is calibrated", height=330)
    for arm in arms:
        own, style = table[table["arm"] == arm].set_index("language").reindex(codes), arm_style(arm)
        told = [
            f"<b>{plain(arm)}</b><br>{plain(language(str(code)).name)}: sure {rate(row['confidence'])}, right "
            f"{rate(row['accuracy'])}, {signed(row['over_confidence'])}"
            for code, row in own.to_dict("index").items()
        ]
        made.add_scatter(
            x=[plain(language(code).name) for code in codes], y=own["over_confidence"], mode="markers", name=plain(arm),
            marker={"symbol": style.symbol, "size": 10, "color": style.colour}, hovertext=told, hoverinfo="text",
        )  # fmt: skip
    light_grid(made, "y")
    made.update_xaxes(tickangle=-45)
    made.update_yaxes(title_text="over-confidence, points", rangemode="tozero", zeroline=True, zerolinecolor=RULE)
    made.update_layout(margin={"b": 76})
    return made


def _key(arms: list[str]) -> str:
    styles = [arm_style(arm) for arm in arms]
    return ", ".join(
        f'<span style="color:{style.colour}">{style.glyph}</span> {plain(style.label)}' for style in styles
    )
