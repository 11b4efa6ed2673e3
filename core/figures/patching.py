"""What transport patching did to one item: its answers before and after, and the gain of each token alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.data.records import LABELS
from core.figures.frame import frame, light_grid
from core.figures.style import CORRECT, INK, WRONG, tint
from core.notation import plain


def answers(rows: Sequence[tuple[str, NDArray[np.floating]]], gold: int, title: str) -> go.Figure:
    """One bar a row: (name, three probabilities), the gold label in green, the others in orange."""
    names = [plain(name, 48) for name, _ in rows]
    figure = frame(title, "probability ×100; green: the gold label", height=92 + 40 * len(rows))
    order = [gold, *(k for k in range(3) if k != gold)]
    tones = [tint(CORRECT, 0.8), tint(WRONG, 0.75), tint(WRONG, 0.4)]
    for label, tone in zip(order, tones, strict=True):
        values = [100 * float(probabilities[label]) for _, probabilities in rows]
        figure.add_bar(
            y=names,
            x=values,
            orientation="h",
            marker={"color": tone, "line": {"width": 0}},
            text=[f"{LABELS[label]} {value:.0f}" if value >= 12 else "" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate=f"%{{y}}<br>{LABELS[label]}: %{{x:.1f}}<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.35, margin={"b": 18})
    figure.update_xaxes(range=[0, 100], showticklabels=False)
    figure.update_yaxes(autorange="reversed")
    return figure


def token_gains(
    tokens: Sequence[str],
    part: Sequence[int],
    gains: NDArray[np.floating],
    control: NDArray[np.floating],
    gold: str,
) -> go.Figure:
    """Change of the gold label's probability x100 when one token alone is patched: gains [n], control [draws, n].

    part is 1 for the premise's tokens, 2 for the hypothesis's. The control's least and largest draw are a grey line.
    """
    ys, names = [], []
    for k, (token, own) in enumerate(zip(tokens, part, strict=True)):
        ys.append(float(k + (own == 2)))  # a gap between premise and hypothesis
        names.append(plain(token.replace("\u2581", " ").strip() or "␣", 24))
    values = 100 * np.asarray(gains, dtype=np.float64)
    grey = f"; grey: {len(control)} random plans" if len(control) else ""
    figure = frame(
        "Each token alone: does patching it bring the right answer nearer?",
        f"change of the probability of {gold} ×100{grey}; premise above, hypothesis below",
        height=max(220, 130 + 22 * len(tokens)),
    )
    figure.add_bar(
        y=ys,
        x=values,
        orientation="h",
        width=0.62,
        marker={"color": [tint(CORRECT if value >= 0 else WRONG, 0.85) for value in values]},
        hovertext=[f"{name}: {value:+.1f}" for name, value in zip(names, values, strict=True)],
        hoverinfo="text",
    )
    if len(control):
        spread = 100 * np.asarray(control, dtype=np.float64)
        low, high = spread.min(0), spread.max(0)
        middle = (low + high) / 2
        figure.add_scatter(
            x=middle,
            y=ys,
            mode="markers",
            marker={"symbol": "line-ns", "size": 8, "line": {"color": INK, "width": 1.4}},
            error_x={"type": "data", "array": (high - low) / 2, "color": INK, "thickness": 1.4, "width": 0},
            hovertext=[f"{name}, random: {a:+.1f} to {b:+.1f}" for name, a, b in zip(names, low, high, strict=True)],
            hoverinfo="text",
        )
    light_grid(figure, "x")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.update_yaxes(tickvals=ys, ticktext=names, range=[max(ys, default=0) + 0.8, -0.8], showgrid=False)
    return figure
