"""A transport plan between the words of two sentences: heat map, caption and table of cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.alignment.gold_links import Judged
from core.figures.drawn_plan import DrawnPlan
from core.figures.frame import frame
from core.figures.style import CORRECT, INK, WRONG, arm_style, tint
from core.notation import plain, plural

Links = Sequence[tuple[int, int]]


def plan_heat_map(
    plan: NDArray[np.floating],
    source_words: Sequence[str],
    target_words: Sequence[str],
    arm: str,
    links: Links = (),
    target_rtl: bool = False,
    label: str = "",
    judged: Judged | None = None,
) -> go.Figure:
    """Mass x100 of the plan [n, m] in the arm's colour; links are outlined, and where gold links are known in the
    colours of right and wrong, missed ones dashed.

    Source words run down, target words across, from the right where the target reads so. The map itself returns no
    clicks, so an invisible layer of squares carries (i, j) as customdata.
    """
    mass = 100.0 * np.asarray(plan, dtype=np.float64)
    rows, columns = mass.shape
    style = arm_style(arm)
    title = f"{label or style.label}: plan between words"
    subtitle = "depth: share of all mass ×100; outlined: links"
    if judged:
        subtitle += "<br>green: in the gold links; orange: not; dashed: missed"
    figure = frame(title, subtitle, height=max(320, 190 + 28 * rows), wrap=44)
    figure.add_heatmap(
        z=mass,
        x=list(range(columns)),
        y=list(range(rows)),
        zmin=0,
        zmax=float(max(mass.max(), 1e-9)),
        colorscale=[[0, tint(style.colour, 0.04)], [1, tint(style.colour, 1)]],
        colorbar={"thickness": 8, "outlinewidth": 0, "len": 0.9, "ticks": "", "x": 1.01},
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
    figure.layout.shapes = [
        {"type": "rect", "x0": j - 0.46, "x1": j + 0.46, "y0": i - 0.46, "y1": i + 0.46, "line": line}
        for (i, j), line in _outlines(links, judged, style.colour)
    ]
    name = [[f"{plain(i)} → {plain(j)}" for j in target_words] for i in source_words]
    clickable_cells(
        figure, [[f"{name[i][j]}<br>mass ×100: {mass[i, j]:.2f}" for j in range(columns)] for i in range(rows)]
    )
    word_axes(figure, source_words, target_words, target_rtl)
    return figure


def clickable_cells(figure: go.Figure, told: Sequence[Sequence[str]]) -> None:
    """An unseen mark on every cell of a heat map, which answers a click with (row, column) and tells `told` of it."""
    cells = [(i, j) for i, row in enumerate(told) for j in range(len(row))]
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 22, "opacity": 0},
        customdata=[list(cell) for cell in cells],
        hovertext=[told[i][j] for i, j in cells],
        hoverinfo="text",
    )


def word_axes(
    figure: go.Figure, source_words: Sequence[str], target_words: Sequence[str], target_rtl: bool = False
) -> None:
    """Source words down, target words across, from the right where the target reads so."""
    rows, columns = len(source_words), len(target_words)
    across = [columns - 0.5, -0.5] if target_rtl else [-0.5, columns - 0.5]
    words = [plain(word, 24) for word in target_words]
    down = [plain(word, 24) for word in source_words]
    figure.layout.update(
        xaxis={
            "tickvals": list(range(columns)),
            "ticktext": words,
            "range": across,
            "tickangle": -45,
            "side": "bottom",
        },
        yaxis={"tickvals": list(range(rows)), "ticktext": down, "range": [rows - 0.5, -0.5]},
    )


def _outlines(links: Links, judged: Judged | None, colour: str) -> list[tuple[tuple[int, int], dict[str, Any]]]:
    if judged is None:
        return [(link, {"color": colour, "width": 1.6}) for link in links]
    told = [(judged.hit, {"color": CORRECT, "width": 2.4}), (judged.spurious, {"color": WRONG, "width": 2.4})]
    told.append((judged.missed, {"color": INK, "width": 1.6, "dash": "dot"}))
    return [(link, line) for found, line in told for link in sorted(found)]


def plan_caption(
    cost: float, entropy: float, links: int, epsilon: float, tokens: tuple[int, int], kind: str = "cosine"
) -> str:
    """What the plan's two numbers say, in a sentence.

    `entropy` is the share of its maximum over `tokens` [n, m] subwords; a plan that sends each subword of the
    longer side to one place only has log max(n, m) / log nm of it.
    """
    n, m = tokens
    least = math.log(max(n, m)) / math.log(n * m) if n * m > 1 else 1.0
    warning = " Nearly uniform: the links mean little." if entropy > 0.95 else ""
    at = f"at ε {epsilon:g}" if epsilon else "without regularisation"
    return (
        f"Cost {cost:.3f} ({kind} distance the mass travels; lower is nearer). Entropy {100 * entropy:.1f} % of its "
        f"maximum {at}; one place for each word would have {100 * least:.1f} %, a uniform plan 100 %. "
        f"{plural(links, 'link')}.{warning}"
    )


def compare_plans(left: DrawnPlan, right: DrawnPlan, collapsed: bool = False) -> str:
    """Two plans of one pair at a layer in a sentence that can be said aloud, told apart only as far as the numbers of
    `plan_numbers` differ. Where one of the two has `collapsed` at the layer neither is said to be nearer."""
    costs, entropies = (
        [f"{p.cost:.3f}" for p in (left, right)],
        [f"{100 * p.entropy:.1f}" for p in (left, right)],
    )
    nearer = left.label if left.cost < right.cost else right.label
    sharper = left.label if left.entropy < right.entropy else right.label
    if collapsed:
        near = "One of the two has collapsed, so that the lower cost says nothing of the words"
    elif costs[0] == costs[1]:
        near = "The words lie equally near with both"
    else:
        near = f"The words lie nearer with {nearer}"
    same = entropies[0] == entropies[1]
    spread = "both plans are equally sharp" if same else f"the plan of {sharper} is sharper"
    return f"{near}, and {spread}."


def plan_numbers(left: DrawnPlan, right: DrawnPlan) -> str:
    """The numbers behind `compare_plans`."""
    return (
        f"Layer {left.layer}: mass travels {left.cost:.3f} with {left.label} and {right.cost:.3f} with {right.label}; "
        f"entropy {100 * left.entropy:.1f} and {100 * right.entropy:.1f} % of the maximum (less is sharper)."
    )


def cell_table(
    plan: NDArray[np.floating],
    source_words: Sequence[str],
    target_words: Sequence[str],
    links: Links,
    judged: Judged | None = None,
    least: float = 0.001,
) -> pd.DataFrame:
    """One row a cell of at least `least` of all mass, and every link, largest first.

    mass is x100 of all, share x100 of the source word's own; `link` says "link", and with gold links "hit",
    "spurious" or "missed".
    """
    mass = np.asarray(plan, dtype=np.float64)
    own = mass.sum(axis=1)
    told = {link: "link" for link in links}
    if judged is not None:
        told |= dict.fromkeys(judged.hit, "hit") | dict.fromkeys(judged.spurious, "spurious")
        told |= dict.fromkeys(judged.missed, "missed")
    inside = {cell for cell in told if cell[0] < mass.shape[0] and cell[1] < mass.shape[1]}
    cells = inside | {(int(i), int(j)) for i, j in zip(*np.nonzero(mass >= least), strict=True)}
    rows = [
        (
            source_words[i], target_words[j], told.get((i, j), ""), 100 * float(mass[i, j]),
            100 * float(mass[i, j] / max(own[i], 1e-12)),
        )
        for i, j in sorted(cells, key=lambda cell: (-mass[cell], cell))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["source word", "target word", "link", "mass", "share of source word"])
