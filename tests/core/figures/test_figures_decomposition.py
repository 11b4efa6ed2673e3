"""Bars of answers and points of over-confidence carry the numbers they are made of."""

from __future__ import annotations

import pandas as pd
import pytest

from core.figures.decomposition import answer_figure, confidence_figure


def test_every_arm_and_language_is_drawn_with_gold_beside_it():
    rows = [
        {"arm": arm, "language": code, "answered_0": 20.0 + k, "answered_1": 30.0, "answered_2": 50.0 - k,
         "gold_0": 33.0, "gold_1": 33.0, "gold_2": 34.0, "accuracy": 60.0, "confidence": 72.5, "over_confidence": 12.5}
        for k, arm in enumerate(("transport", "adversarial")) for code in ("ur", "sw")
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    made = answer_figure(table, "Answers")
    bars = [trace for trace in made.data if trace.type == "bar"]
    assert len(bars) == 6 and len(made.data) == 9
    assert list(bars[0].y) == pytest.approx([20.0, 20.0]) and list(bars[1].y) == pytest.approx([21.0, 21.0])
    assert "Urdu: entailment 20.0 %" in bars[0].hovertext[0]
    points = confidence_figure(table, "Sure").data
    assert [trace.name for trace in points] == ["transport", "adversarial"] and list(points[0].y) == [12.5, 12.5]
