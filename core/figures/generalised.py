"""The generalised setting: premise in one language, hypothesis in another (Dong et al. 2021, arXiv 2104.08645)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.frame import frame
from core.figures.style import CORRECT, WRONG, arm_style, tint
from core.languages import XNLI_CODES, language, sort_codes
from core.notation import plain, plural, rate, signed

#: The name under which a run stores these accuracies; their language is "<premise>-<hypothesis>".
SCORE = "accuracy_generalised"


def language_pairs(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of `scores` called `SCORE`, with columns premise and hypothesis for the two languages."""
    own = scores[scores["name"] == SCORE].copy()
    parts = [_split(str(code)) for code in own["language"]]
    own["premise"] = [a for a, _ in parts]
    own["hypothesis"] = [b for _, b in parts]
    return own[(own["premise"] != "") & (own["hypothesis"] != "")].reset_index(drop=True)


def language_map(own: pd.DataFrame, arm: str, label: str, base: pd.DataFrame | None = None) -> go.Figure:
    """Accuracy x100 of one run by premise language (down) and hypothesis language (across).

    `own` and `base` are of `language_pairs`, of one run each; with `base` the map shows the change against it.
    """
    codes = sort_codes(sorted(set(own["premise"]) | set(own["hypothesis"])))
    at = {code: i for i, code in enumerate(codes)}
    values = np.full((len(codes), len(codes)), np.nan)
    items = np.zeros(values.shape, int)
    for row in own.to_dict("records"):
        place = at[row["premise"]], at[row["hypothesis"]]
        values[place], items[place] = row["value"], row["items"]
    style = arm_style(arm)
    if base is None:
        head, note, write = f"{label}: accuracy ×100", "premise down, hypothesis across", rate
        colours: list[list[object]] = [[0, tint(style.colour, 0.04)], [1, tint(style.colour, 0.85)]]
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
    else:
        other = {(r["premise"], r["hypothesis"]): r["value"] for r in base.to_dict("records")}
        values -= np.array([[other.get((a, b), np.nan) for b in codes] for a in codes], dtype=float)
        head, note, write = f"{label}: change against the baseline", "premise down, hypothesis across", signed
        most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
        low, high = -most, most
        colours = [[0, tint(WRONG, 0.9)], [0.5, tint("#808080", 0.05)], [1, tint(CORRECT, 0.9)]]
    figure = frame(head, note, height=190 + 26 * len(codes), wrap=44)
    names = [plain(language(code).label) for code in codes]
    figure.add_heatmap(
        z=values, x=list(range(len(codes))), y=list(range(len(codes))), zmin=low, zmax=max(high, low + 1e-9),
        colorscale=colours, xgap=1, ygap=1, colorbar={"thickness": 8, "outlinewidth": 0, "ticks": "", "x": 1.01},
        hoverinfo="text",
        hovertext=[
            [
                f"premise {names[i]}, hypothesis {names[j]}: {write(float(values[i, j]))}, "
                f"{plural(int(items[i, j]), 'item')}"
                for j in range(len(codes))
            ]
            for i in range(len(codes))
        ],
    )  # fmt: skip
    figure.update_xaxes(tickvals=list(range(len(codes))), ticktext=codes, title_text="hypothesis")
    figure.update_yaxes(
        tickvals=list(range(len(codes))), ticktext=names, title_text="premise", range=[len(codes) - 0.5, -0.5]
    )
    return figure


def _split(pair: str) -> tuple[str, str]:
    """The two languages of "<premise>-<hypothesis>"; a language's own code may hold hyphens."""
    parts = pair.split("-")
    if len(parts) == 2:
        return parts[0], parts[1]
    for at in range(1, len(parts)):
        first, second = "-".join(parts[:at]), "-".join(parts[at:])
        if first in XNLI_CODES or second in XNLI_CODES:
            return first, second
    return "", ""
