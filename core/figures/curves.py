"""Training curves: one panel a quantity, one line a run, in the arm's colour."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.arms.names import sort_arms
from core.figures.frame import arm_key, fitting, frame, light_grid
from core.figures.style import arm_style
from core.notation import plain

#: What the logged names mean, for the panels' titles.
NAMES = {
    "task_loss": "task loss (nats)",
    "kl": "KL to the prior (nats)",
    "train_accuracy": "accuracy on training batches ×100",
    "transport_token": "token transport",
    "transport_posterior": "posterior transport, pairs",
    "transport_batch": "posterior transport, batch",
    "transport_anchor": "anchor to English",
    "plan_entropy": "plan entropy (share of maximum)",
    "discriminator_accuracy": "language discriminator's accuracy ×100",
    "discriminator_loss": "language discriminator's loss (nats)",
    "adversarial_language": "loss of fooling the discriminator",
    "perturbed_loss": "task loss, perturbed (nats)",
    "token_cost": "token cost",
    "gradient_norm": "gradient norm",
    "plan_residual": "plan residual",
}
COLUMNS = 2


def training_curves(curves: pd.DataFrame, title: str, limit: int = 12) -> go.Figure:
    """`curves` has run_id, arm, step, name, value. The first `limit` quantities, known ones first."""
    present = list(dict.fromkeys(curves["name"]))
    names = sorted(present, key=lambda n: (list(NAMES).index(n) if n in NAMES else len(NAMES), n))[:limit]
    columns = max(1, min(COLUMNS, len(names)))
    rows = max(1, -(-len(names) // columns))
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[fitting(plain(NAMES.get(n, n), 48), 24) for n in names],
        vertical_spacing=0.32 / rows,
    )
    outer = frame(title, arm_key(sort_arms(curves["arm"])), height=140 + 210 * rows)
    figure.update_layout(outer.layout)
    figure.layout.margin.t += 26  # the panels' own titles stand above the axes
    figure.update_annotations(font_size=13)
    for i, name in enumerate(names):
        own = curves[curves["name"] == name]
        for _, run in own.groupby("run_id", sort=False):
            _line(figure, run.sort_values("step"), i // columns + 1, i % columns + 1)
    light_grid(figure, "y")
    figure.update_xaxes(showgrid=False, fixedrange=True)
    figure.update_yaxes(fixedrange=True, automargin=True, zeroline=False)
    for column in range(1, columns + 1):
        figure.update_xaxes(title_text="update", row=rows, col=column)
    return figure


def _line(figure: go.Figure, run: pd.DataFrame, row: int, column: int) -> None:
    style = arm_style(str(run["arm"].iloc[0]))
    figure.add_scatter(
        x=run["step"],
        y=run["value"],
        mode="lines",
        line={"color": style.colour, "width": 1.8, "dash": "dot" if style.control else "solid"},
        name=plain(style.label),
        hovertemplate=f"{plain(style.label)}<br>update %{{x}}: %{{y:.4g}}<extra></extra>",
        row=row,
        col=column,
    )
