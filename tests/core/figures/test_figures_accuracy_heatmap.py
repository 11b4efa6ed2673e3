"""Languages by arms at a glance: few arms by name over their columns, many by a key."""

from __future__ import annotations

import pandas as pd

from core.figures.accuracy_heatmap import FEW, accuracy_heatmap
from core.figures.style import ARMS

BASELINE = "english-only"


def _figure(arms: list[str]):
    rows = [
        {"run_id": arm, "arm": arm, "language": code, "items": 100, "accuracy": 50.0 + k}
        for k, arm in enumerate(arms)
        for code in ("en", "sw")
    ]
    changes = pd.DataFrame(
        [
            {
                "arm": arm,
                "value": "sw",
                "difference": -2.0,
                "low": -3.0,
                "high": -1.0,
                "p": 0.004,
                "tested": True,
                "seeds": 3,
                "premises": 500,
            }
            for arm in arms
            if arm != BASELINE
        ]
    )
    return accuracy_heatmap(pd.DataFrame(rows), changes, BASELINE, "Accuracy")


def _texts(figure) -> list[str]:
    return [text for trace in figure.data if trace.type == "scatter" and trace.mode == "text" for text in trace.text]


def test_few_arms_are_named_over_their_columns():
    arms = [BASELINE, "transport", "adversarial"]
    figure = _figure(arms)
    assert [tick.rsplit(" ", 1)[1] for tick in figure.layout.xaxis.ticktext] == arms
    assert "<b>51.0</b> −2.0 ★" in _texts(figure) and not any("<br>" in text for text in _texts(figure))
    assert not any(arm in figure.layout.title.subtitle.text for arm in arms[1:])


def test_many_arms_are_named_by_a_key_and_a_cell_takes_two_lines():
    arms = [style.arm for style in ARMS][2:11]
    assert len(arms) > FEW
    figure = _figure(arms)
    key = figure.layout.title.subtitle.text
    assert all(arm in key for arm in arms) and "below the accuracy" in key
    assert not any(arm in "".join(figure.layout.xaxis.ticktext) for arm in arms)
    assert "<b>51.0</b><br>−2.0★" in _texts(figure)
    assert {tuple(cell) for cell in figure.data[-1].customdata} == {
        (arm, code) for arm in arms for code in ("en", "sw")
    }
