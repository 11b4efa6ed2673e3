"""The figure of rank changes joins equal hits and nothing else."""

from __future__ import annotations

import numpy as np

from core.figures.rank_changes import rank_changes
from core.figures.ranking import ranked_table

CANDIDATES = [f"<b>{k}</b>" for k in range(6)]


def _list(order, right=2):
    codes, marked = ["en"] * len(CANDIDATES), () if right is None else {right}
    return ranked_table(np.array(order), np.linspace(1, 0, len(order)), CANDIDATES, codes, marked)


def test_lines_go_from_place_to_place():
    figure = rank_changes([_list([2, 0, 1]), _list([0, 2, 5])], ["a", "b"], ["untrained", "transport"], 3)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [tuple(line.y) for line in lines] == [(1, 2), (2, 1), (3, 3.45)]
    assert [line.line.dash for line in lines] == ["solid", "solid", "dot"]
    assert lines[0].line.color != lines[1].line.color, "the right answer's line stands out"
    assert "3 of them change rank or leave" in figure.layout.title.subtitle.text
    marks = [trace for trace in figure.data if trace.mode.startswith("markers")]
    assert [list(mark.customdata[0]) for mark in marks] == [[0, 3], [1, 1]]
    assert "<b>" not in marks[0].text[0], "text from outside is not markup"


def test_three_lists_leave_the_words_of_the_middle_to_pointing():
    figure = rank_changes([_list([2, 0]), _list([0, 2]), _list([0, 2])], list("abc"), ["untrained"] * 3, 2)
    modes = [trace.mode for trace in figure.data if trace.mode.startswith("markers")]
    assert modes == ["markers+text", "markers", "markers+text"]
