"""Figures of representations: every sentence a mark, one scale for all maps, the reference beside the arms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.sentence_map import MEASURES, Sentence, diagnostics_figure, map_figure, map_key, reach_of

SENTENCES = [Sentence("<b>a</b>", "en", 0, 0), Sentence("b", "sw", 0, 2), Sentence("c", "", 1)]
POINTS = np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, -1.0]])


@pytest.mark.parametrize("by", ["language", "label"])
def test_every_sentence_is_a_mark_with_its_number(by):
    made = map_figure(SENTENCES, POINTS, "a map", "PCA", by, 3.0, marked=[1])
    marks = sorted(number for trace in made.data if trace.customdata is not None for (number,) in trace.customdata)
    assert marks == [0, 1, 2] and made.data[-1].x[0] == 2.0
    assert "&lt;b&gt;a" in made.data[0].hovertext[0] and tuple(made.layout.xaxis.range) == (-3.0, 3.0)
    assert len(map_key(SENTENCES, by)) == 3


def test_one_scale_holds_all_maps():
    assert reach_of([POINTS, POINTS * 4]) == pytest.approx(1.08 * 8) and reach_of([POINTS * 0]) == 1.0


def test_diagnostics_draw_a_line_an_arm_and_the_reference():
    row = {"layer": 5, "deviation": 0.1, "deviation_reference": 0.4, "distance": 0.1, "distance_reference": 0.1,
           "rank": 5.0, "rank_reference": 9.0, "retrieval": 50.0, "retrieval_reference": 80.0}  # fmt: skip
    table = pd.DataFrame([row | {"arm": arm, "language": code, "layer": layer} for arm in ("transport", "adversarial")
                          for code in ("sw", "ur") for layer in (5, 6)])  # fmt: skip
    made = diagnostics_figure(table, "states")
    lines = [trace for trace in made.data if trace.name == "adversarial"]
    assert len(lines) == len(MEASURES) and list(lines[0].y) == pytest.approx([25.0, 25.0])
    assert sum(trace.name == "reference" for trace in made.data) == len(MEASURES)
    assert sum(trace.name == "limit of collapse" for trace in made.data) == 2
