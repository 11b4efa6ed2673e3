"""Accuracy by language: one row a language, one mark an arm, intervals always drawn."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.arms.names import BASELINE, sort_arms
from core.figures.frame import arm_key, frame, light_grid, reference_line
from core.figures.style import BAND, CHANCE, RULE, arm_style
from core.languages import Language, language, sort_codes
from core.notation import plain, plural, rate

ORDERS = ("web text", "family", "effect")
#: From so many points above chance on, chance is told in words: marking it would leave half the figure empty.
FAR = 10.0
#: Arms whose marks fit in a lower row.
FEW = 4


def accuracy_by_language(
    table: pd.DataFrame,
    title: str,
    order: str = "web text",
    baseline: str = BASELINE,
    measure: str = "accuracy ×100",
    chance: float = CHANCE,
    bars: str = "Wilson",
) -> go.Figure:
    """The dumbbell: `table` has arm, language, items, accuracy, low, high (x100; one row each).

    English stands apart at the top; low-resource rows are shaded. `order` is one of `ORDERS`; "effect" sorts by the
    largest distance of any arm from `baseline`. Marks carry (arm, language code) as customdata. `measure` names the
    axis and `chance` is what guessing gives, both for any rate by language; `bars` names the interval.
    """
    arms = sort_arms(table["arm"])
    codes = _order(table, order, baseline)
    rows = {code: _row(i, codes) for i, code in enumerate(codes)}
    note = f"shaded: low-resource languages<br>bars: 95 % intervals ({bars})"
    figure = frame(title, f"{arm_key(arms)}<br>{note}", height=150 + (38 if len(arms) > FEW else 32) * len(codes))
    _bands(figure, rows)
    _spans(figure, table, rows)
    for i, arm in enumerate(arms):
        _marks(figure, table[table["arm"] == arm], arm, rows, _shift(i, len(arms)))
    light_grid(figure)
    low, high = float(table["low"].min()), float(table["high"].max())
    if low - chance <= FAR:
        reference_line(figure, chance, f"chance {rate(chance)}")
        low = min(low, chance)
    else:
        measure = f"{measure} (chance, {rate(chance)}, lies to the left)"
    figure.update_xaxes(title_text=measure, range=[max(-1.0, low - 2.5), min(101.0, high + 2.0)])
    figure.update_yaxes(
        tickvals=list(rows.values()),
        ticktext=[_name(language(code)) for code in codes],
        range=[max(rows.values()) + 0.7, -0.7],
    )
    return figure


def _order(table: pd.DataFrame, order: str, baseline: str) -> list[str]:
    codes = sort_codes(sorted(set(table["language"])))
    rest = [code for code in codes if code != "en"]
    if order == "family":
        rest.sort(key=lambda code: language(code).family)
    elif order == "effect":
        cells = table.pivot(index="language", columns="arm", values="accuracy")
        base = cells[baseline] if baseline in cells else cells.min(axis=1)
        effect = cells.sub(base, axis=0).abs().max(axis=1)
        rest.sort(key=lambda code: -float(effect[code]))
    return [code for code in codes if code == "en"] + rest


def _row(i: int, codes: list[str]) -> float:
    """English keeps half a row of distance from the others."""
    return i + (0.5 if codes[0] == "en" and i > 0 else 0.0)


def _shift(i: int, arms: int) -> float:
    """Marks of one language lie a little under each other, so that their intervals stay readable."""
    return (i - (arms - 1) / 2) * min(0.2, 0.72 / max(arms, 1))


def _name(known: Language) -> str:
    return f"<b>{plain(known.label)}</b>" if known.low_resource else plain(known.label)


def _bands(figure: go.Figure, rows: dict[str, float]) -> None:
    for code, y in rows.items():
        if language(code).low_resource:
            figure.add_hrect(y0=y - 0.5, y1=y + 0.5, fillcolor=BAND, line_width=0, layer="below")


def _spans(figure: go.Figure, table: pd.DataFrame, rows: dict[str, float]) -> None:
    """The bar of the dumbbell: from the lowest arm to the highest."""
    x: list[float | None] = []
    y: list[float | None] = []
    for code, group in table.groupby("language"):
        x += [float(group["accuracy"].min()), float(group["accuracy"].max()), None]
        y += [rows[str(code)], rows[str(code)], None]
    line = {"color": RULE, "width": 5}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", name="span")


def _hover(arm: str, row: dict[Hashable, Any]) -> str:
    known = language(row["language"])
    between = f"{rate(row['low'])} to {rate(row['high'])}"
    return (
        f"{plain(known.label)} · {plain(known.native)}<br>"
        f"<b>{plain(arm)}</b> {rate(row['accuracy'])} ({between}), {plural(int(row['items']), 'item')}"
    )


def _marks(figure: go.Figure, own: pd.DataFrame, arm: str, rows: dict[str, float], shift: float) -> None:
    style = arm_style(arm)
    hover = [_hover(arm, row) for row in own.to_dict("records")]
    figure.add_scatter(
        x=own["accuracy"],
        y=[rows[code] + shift for code in own["language"]],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": own["high"] - own["accuracy"],
            "arrayminus": own["accuracy"] - own["low"],
            "color": style.colour,
            "thickness": 1.3,
            "width": 0,
        },
        mode="markers",
        cliponaxis=False,
        marker={"symbol": style.symbol, "color": style.colour, "size": 10, "line": {"width": 1.5}},
        customdata=[[arm, code] for code in own["language"]],
        hovertext=hover,
        hoverinfo="text",
        name=plain(arm),
    )
