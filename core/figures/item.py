"""One item in every language as every arm sees it: small multiples of the three probabilities."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.data.records import LABELS
from core.figures.frame import frame
from core.figures.style import CORRECT, WRONG, arm_style, tint
from core.languages import language, sort_codes
from core.notation import plain

COLUMNS = 3
_DEPTH = (0.9, 0.5, 0.2)


def departs(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether each prediction (run_id, language, predicted) is another than the same run's in English."""
    english = rows[rows["language"] == "en"].set_index("run_id")["predicted"]
    return (rows["predicted"] != rows["run_id"].map(english)) & rows["run_id"].isin(english.index)


def item_panels(rows: pd.DataFrame, labels: dict[str, str], title: str) -> go.Figure:
    """One panel a run, one bar a language, parted into the three probabilities, entailment strongest.

    `rows` is `store.results.predictions.item`; `labels` names the runs. At the end of a bar stands the predicted
    label's initial, ticked if right, crossed if wrong, with ≠ where the prediction departs from the one in English.
    """
    shown = [run for run in labels if run in set(rows["run_id"])]
    arms = dict(zip(rows["run_id"], rows["arm"], strict=True))
    codes = sort_codes(sorted(set(rows["language"])))
    rows = rows.assign(departs=departs(rows))
    columns = max(1, min(COLUMNS, len(shown)))
    lines = max(1, -(-len(shown) // columns))
    heads = [_head(arms[run], labels[run]) for run in shown]
    figure = make_subplots(
        rows=lines, cols=columns, subplot_titles=heads, shared_yaxes=True, horizontal_spacing=0.05,
        vertical_spacing=0.12 / lines,
    )  # fmt: skip
    note = (
        f"share of probability: {LABELS[0]} strong, {LABELS[1]} middle, {LABELS[2]} faint. "
        "E, N, C: predicted, ✓ right, ✗ wrong; ≠ other than in English"
    )
    figure.update_layout(frame(title, note, height=(90 + 24 * len(codes)) * lines + 90).layout, barmode="stack")
    figure.layout.margin.t += 26
    figure.update_annotations(font_size=13)
    traces, places = list[Any](), list[tuple[int, int]]()
    for i, run in enumerate(shown):
        own = rows[rows["run_id"] == run].set_index("language").reindex(codes).dropna(subset=["gold"])
        made = _panel(own, [codes.index(str(code)) for code in own.index], arm_style(arms[run]).colour)
        traces += made
        places += [(i // columns + 1, i % columns + 1)] * len(made)
    # All at once: plotly checks the whole figure at every call.
    figure.add_traces(traces, [row for row, _ in places], [column for _, column in places])
    figure.update_xaxes(range=[0, 122], tickvals=[0, 50, 100], fixedrange=True, showgrid=False, zeroline=False)
    figure.update_yaxes(
        range=[len(codes) - 0.4, -0.6], tickvals=list(range(len(codes))), fixedrange=True,
        ticktext=[plain(language(code).label) for code in codes], showgrid=False, automargin=True, zeroline=False,
    )  # fmt: skip
    return figure


def _panel(own: pd.DataFrame, y: list[int], colour: str) -> list[Any]:
    """The traces of one run: three parts of each bar, and the mark at its end; `own` is by language."""
    bars = [
        go.Bar(
            x=100 * own[label], y=y, orientation="h", marker={"color": tint(colour, _DEPTH[k]), "line_width": 0},
            hovertext=[f"{plain(language(str(c)).label)}: {label} {100 * v:.1f}" for c, v in own[label].items()],
            hoverinfo="text", width=0.72,
        )
        for k, label in enumerate(LABELS)
    ]  # fmt: skip
    marks = go.Scatter(
        x=[103] * len(own), y=y, mode="text", text=[_mark(row) for row in own.to_dict("records")],
        textposition="middle right", textfont={"size": 12}, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    return [*bars, marks]


def _head(arm: str, label: str) -> str:
    style = arm_style(arm)
    return f'<span style="color:{style.colour}">{style.glyph}</span> {plain(label, 34)}'


def _mark(row: dict[Hashable, Any]) -> str:
    """The predicted label's initial, a tick or a cross, and ≠ where English has another."""
    sign, colour = ("✓", CORRECT) if row["correct"] else ("✗", WRONG)
    initial = LABELS[int(row["predicted"])][0].upper()
    return f'<b>{initial} <span style="color:{colour}">{sign}</span></b>{" ≠" if row["departs"] else ""}'
