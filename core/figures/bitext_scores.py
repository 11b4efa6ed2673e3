"""The histogram of a bitext's scores with its cut, beside that of planted damage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.bitext.cut import DetectionMetrics
from core.bitext.noise import MEANING
from core.figures.frame import frame, light_grid, reference_line
from core.figures.style import CORRECT, INK, WRONG, tint
from core.notation import plain, plural

#: How a score, turned so that higher is worse, is called on an axis.
AXES = {
    "transport": "transport distance (balanced; higher is further apart)",
    "leftover": "mass that unbalanced transport leaves untransported, share of 1",
    "cosine": "1 − cosine of sentence vectors",
    "length": "distance of log length ratio from the typical one",
    "margin": "1 − ratio margin over nearest neighbours",
    "combined": "log odds of damage, from the five scores together",
}
_BINS = 60


def score_histogram(
    bad: NDArray[np.floating], synthetic: NDArray[np.floating], name: str, cut: float, title: str, kind: str
) -> go.Figure:
    """Shares of pairs by noise score [n]: the bitext's own above, what was planted below, the cut as a line.

    Both histograms are in percent of their own pairs, so that they compare whatever their sizes.
    """
    both = np.concatenate([bad, synthetic]) if len(synthetic) else bad
    low, high = np.quantile(both, [0.001, 0.999]) if len(both) else (0.0, 1.0)
    edges = np.linspace(low, max(high, low + 1e-6), _BINS + 1)
    middle, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    key = f'<span style="color:{CORRECT}">■</span> this bitext, {plural(len(bad), "pair")}'
    if len(synthetic):
        key += f'   <span style="color:{WRONG}">■</span> planted: {plain(kind)}, {plural(len(synthetic), "pair")}'
    figure = frame(title, key, height=340)
    for values, colour, sign in ((bad, CORRECT, 1.0), (synthetic, WRONG, -1.0)):
        if not len(values):
            continue
        share = 100.0 * np.histogram(np.clip(values, low, high), edges)[0] / len(values)
        figure.add_bar(
            x=middle,
            y=sign * share,
            width=width,
            marker={"color": tint(colour, 0.75), "line": {"width": 0}},
            customdata=share,
            hovertemplate="%{x:.3f}: %{customdata:.1f} % of pairs<extra></extra>",
        )
    figure.update_layout(barmode="overlay", bargap=0)
    light_grid(figure, "y")
    reference_line(figure, cut, f"cut {cut:.3f}")
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    figure.update_xaxes(title_text=AXES[name])
    figure.update_yaxes(title_text="% of pairs; planted ones below", tickformat="~g")
    return figure


#: Columns of `detection_table` that hold numbers.
NUMBERS = ("found ×100", "95 % from", "95 % to", "with filters", "precision ×100", "from", "to")


def detection_table(metrics: dict[str, DetectionMetrics], with_filters: dict[str, DetectionMetrics]) -> pd.DataFrame:
    """One row a kind of damage: recall x100 with its interval, that of cut and filters together, precision x100 with
    its bounds, and of how many planted pairs; nothing where none could be planted."""
    return pd.DataFrame(
        [
            {
                "damage": kind,
                "found ×100": found.recall,
                "95 % from": found.recall_low,
                "95 % to": found.recall_high,
                "with filters": with_filters[kind].recall,
                "precision ×100": found.precision,
                "from": found.precision_low,
                "to": found.precision_high,
                "planted": found.planted,
                "what it is": MEANING.get(kind, ""),
            }
            for kind, found in metrics.items()
        ]
    )
