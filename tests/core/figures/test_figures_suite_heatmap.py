"""A model's accuracy on the suites: every cell by its number, what it carries, and how it is told."""

from __future__ import annotations

import pandas as pd

from core.data.records import LABELS
from core.figures.suite_heatmap import suite_heatmap


def _row(category: str, code: str, accuracy: float) -> dict[str, object]:
    said = {f"said {name}": k for k, name in enumerate(LABELS)}
    numbers = {"items": 18, "groups": 6, "passed": 9, "accuracy": accuracy, "low": 20.0, "high": 80.0}
    return {"category": category, "language": code, **numbers, **said}


def test_cells_carry_what_a_click_opens_and_tell_their_interval():
    table = pd.DataFrame([_row("roles", "sw", 25.0), _row("overlap", "sw", 75.0), _row("roles", "en", 50.0)])
    figure = suite_heatmap(table, "transport", "Suites: transport <b>")
    depth, texts, clicks = figure.data
    assert [list(cell) for cell in clicks.customdata] == [["roles", "sw"], ["overlap", "sw"], ["roles", "en"]]
    assert list(texts.text) == ["25.0", "75.0", "50.0"] and list(depth.z) == [25.0, 75.0, 50.0]
    assert (list(clicks.x), list(clicks.y)) == ([0, 1, 0], [1, 1, 0])
    assert list(figure.layout.yaxis.ticktext) == ["English (en)", "<b>Swahili (sw)</b>"]
    assert "20.0 to 80.0, 18 items of 6 groups" in clicks.hovertext[0]
    assert "said: entailment 0, neutral 1, contradiction 2" in clicks.hovertext[0]
    assert "<b>Suites: transport &lt;b&gt;</b>" in figure.layout.title.text
