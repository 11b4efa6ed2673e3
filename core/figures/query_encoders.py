"""The retrieval experiment as a figure and as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.arms.names import sort_arms
from core.figures.frame import arm_key, frame, light_grid, reference_line
from core.figures.style import arm_style
from core.notation import plain, signed
from core.query_encoders.settings import NO_ADAPTATION
from core.query_encoders.verdict import PRIMARY, TATOEBA_FIRST, Level
from core.verdict.marks import outcome_words
from core.verdict.verdict import Result


def gains_over_baseline(questions: Sequence[Result]) -> go.Figure:
    """Each arm minus no adaptation with its 95 % interval, in the primary measure and on Tatoeba."""
    chosen = [q for q in questions if q.second == NO_ADAPTATION]
    arms = sort_arms(q.first for q in chosen)
    subtitle = "difference in points ×100, with 95 % intervals over queries and seeds<br>" + arm_key(arms)
    figure = frame("Query encoders minus no adaptation", subtitle, height=210 + 52 * max(len(arms), 1))
    for offset, (measure, opacity) in enumerate(((PRIMARY.name, 1.0), (TATOEBA_FIRST.name, 0.55))):
        for row, arm in enumerate(arms):
            found = next((q for q in chosen if q.first == arm and q.name == measure), None)
            if found is None:
                continue
            style = arm_style(arm)
            figure.add_scatter(
                x=[found.difference], y=[row + 0.3 * offset - 0.15], mode="markers", opacity=opacity,
                marker={"symbol": style.symbol, "color": style.colour, "size": 12},
                error_x={"type": "data", "symmetric": False, "array": [found.high - found.difference],
                         "arrayminus": [found.difference - found.low], "color": style.colour, "thickness": 1.6},
                hovertext=[f"{arm}, {plain(measure)}<br>{signed(found.difference)} "
                           f"[{signed(found.low)}, {signed(found.high)}]"],
                hoverinfo="text",
            )  # fmt: skip
    _within_reach(figure, chosen, arms)
    reference_line(figure, 0.0, "no adaptation")
    figure.update_yaxes(tickvals=list(range(len(arms))), ticktext=arms, range=[len(arms) - 0.4, -0.6])
    figure.update_xaxes(title="upper mark: MAP on LAReQA (hi, th, tr)<br>lower, paler: accuracy at 1 on Tatoeba")
    light_grid(figure)
    return figure


def _within_reach(figure: go.Figure, chosen: Sequence[Result], arms: Sequence[str]) -> None:
    """An axis that one arm does not rule: where it reaches three times as far as the others, it is cut and told."""
    reach = {arm: max(max(abs(q.low), abs(q.high)) for q in chosen if q.first == arm) for arm in arms}
    far, *others = sorted(arms, key=lambda arm: -reach[arm])
    if not others or reach[far] < 3 * reach[others[0]] or reach[others[0]] <= 0:
        return
    edge = 1.35 * reach[others[0]]
    figure.update_xaxes(range=[-edge, edge])
    row = arms.index(far)
    for offset, measure in enumerate((PRIMARY.name, TATOEBA_FIRST.name)):
        q = next((q for q in chosen if q.first == far and q.name == measure), None)
        if q is not None and abs(q.difference) > edge:
            left = q.difference < 0
            size = f"{signed(q.difference)} ({signed(q.low)} to {signed(q.high)})"
            told = f"◀ {size}" if left else f"{size} ▶"
            figure.add_annotation(
                x=-edge if left else edge, y=row + 0.3 * offset - 0.15, text=told, showarrow=False,
                xanchor="left" if left else "right", font={"size": 12},
            )  # fmt: skip


def levels_table(levels: Sequence[Level]) -> pd.DataFrame:
    """One row an arm, one column a measure: `value [low, high]` x100; and how many seeds."""
    rows = []
    for arm in [NO_ADAPTATION, *(a for a in sort_arms(one.arm for one in levels) if a != NO_ADAPTATION)]:
        own = [one for one in levels if one.arm == arm]
        if own:
            told = {one.measure: f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]" for one in own}
            rows.append({"arm": arm, "seeds": max(one.seeds for one in own)} | told)
    return pd.DataFrame(rows)


def questions_table(questions: Sequence[Result]) -> pd.DataFrame:
    """One row a question: what was compared, the difference with its interval, p and outcome."""
    return pd.DataFrame(
        [
            {
                "measure": q.name, "compared": f"{q.first} − {q.second}",
                "outcome": outcome_words(vars(q)), "difference": round(q.difference, 2),
                "low": round(q.low, 2), "high": round(q.high, 2), "p": float(f"{q.p:.3g}") if q.tested else math.nan,
                "seeds": len(q.seeds), "queries": q.premises,
            }
            for q in questions
        ]
    )  # fmt: skip
