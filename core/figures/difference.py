"""Two plans of one pair: which mass moved, as a heat map, a table and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.frame import frame
from core.figures.plan import clickable_cells, word_axes
from core.figures.style import tint
from core.notation import plain, signed

#: Moves of less than this share of all mass are not listed.
LEAST = 0.002


def difference_map(
    change: NDArray[np.floating],
    source_words: Sequence[str],
    target_words: Sequence[str],
    colours: tuple[str, str],
    names: tuple[str, str],
    target_rtl: bool = False,
) -> go.Figure:
    """Second plan minus first [n, m], x100: mass that left in the first one's colour, mass that came in the second's.

    An invisible layer of squares carries (i, j) as customdata, as in the heat map of a plan.
    """
    moved = 100.0 * np.asarray(change, dtype=np.float64)
    rows, columns = moved.shape
    title = f"{names[1]} minus {names[0]}"
    subtitle = "mass ×100 that moved; each colour where that arm puts more"
    figure = frame(title, subtitle, height=max(320, 190 + 28 * rows), wrap=44)
    most = float(max(np.abs(moved).max(initial=0.0), 1e-9))
    figure.add_heatmap(
        z=moved,
        x=list(range(columns)),
        y=list(range(rows)),
        zmin=-most,
        zmax=most,
        colorscale=[
            [0, tint(colours[0], 1)],
            [0.5, tint("#808080", 0.04)],
            [1, tint(colours[1], 1)],
        ],
        colorbar={"thickness": 8, "outlinewidth": 0, "len": 0.9, "ticks": "", "x": 1.01},
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
    name = [[f"{plain(i)} → {plain(j)}" for j in target_words] for i in source_words]
    clickable_cells(
        figure, [[f"{name[i][j]}<br>{_points(moved[i, j])} ×100" for j in range(columns)] for i in range(rows)]
    )
    word_axes(figure, source_words, target_words, target_rtl)
    return figure


def moved_mass(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """The share of all mass that lies elsewhere in the second plan: half the L1 distance of the plans (0 to 1)."""
    return 0.5 * float(np.abs(np.asarray(second) - np.asarray(first)).sum())


def moves(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    source_words: Sequence[str],
    target_words: Sequence[str],
    names: tuple[str, str],
) -> pd.DataFrame:
    """One row a cell that changed, largest first: words, mass under each arm and the difference, x100."""
    change = np.asarray(second) - np.asarray(first)
    cells = [(int(i), int(j)) for i, j in zip(*np.nonzero(np.abs(change) >= LEAST), strict=True)]
    cells.sort(key=lambda cell: -abs(change[cell]))
    left, right = names if names[0] != names[1] else (f"{names[0]} (left)", f"{names[1]} (right)")
    rows = [
        (source_words[i], target_words[j], 100 * float(first[i, j]), 100 * float(second[i, j]), 100 * change[i, j])
        for i, j in cells
    ]
    return pd.DataFrame(rows, columns=["source word", "target word", left, right, "difference"])


def _points(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}" if abs(value) < 10 else signed(value)
