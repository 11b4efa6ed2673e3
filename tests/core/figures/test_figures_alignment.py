"""The page's other figures: differences, the strip over layers, a word's mass, patched answers."""

from __future__ import annotations

import numpy as np
import pytest

from core.alignment.gold_links import Judged
from core.figures.difference import difference_map, moved_mass, moves
from core.figures.layer_strip import Strip, layer_strip
from core.figures.patching import answers, token_gains
from core.figures.plan import cell_table, plan_heat_map
from core.figures.style import CORRECT, WRONG
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.word_by_layer import WordAtLayer
    from core.figures.word_flow import tell_word, word_flow, word_table

FIRST = np.array([[0.3, 0.1, 0.0], [0.0, 0.2, 0.4]])
SECOND = np.array([[0.4, 0.0, 0.0], [0.0, 0.2, 0.4]])
SOURCE, TARGET = ["a", "<b>"], ["x", "y", "z"]


def test_moved_mass_is_what_lies_elsewhere():
    assert moved_mass(FIRST, FIRST) == 0.0
    assert moved_mass(FIRST, SECOND) == pytest.approx(0.1)
    assert moved_mass(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])) == pytest.approx(1.0)


def test_moves_are_listed_largest_first_with_both_masses():
    table = moves(FIRST, SECOND, SOURCE, TARGET, ("A", "B"))
    assert list(table.columns) == ["source word", "target word", "A", "B", "difference"]
    assert set(table["target word"]) == {"x", "y"} and list(table["difference"].abs()) == pytest.approx([10, 10])
    assert len(set(moves(FIRST, SECOND, SOURCE, TARGET, ("A", "A")).columns)) == 5
    assert moves(FIRST, FIRST, SOURCE, TARGET, ("A", "B")).empty


def test_the_difference_map_is_even_around_nothing_moved():
    figure = difference_map(SECOND - FIRST, SOURCE, TARGET, ("#7F7F7C", "#0072B2"), ("A", "B"))
    assert np.allclose(figure.data[0].z, 100 * (SECOND - FIRST))
    assert figure.data[0].zmin == -figure.data[0].zmax == pytest.approx(-10)
    assert len(figure.data[1].customdata) == 6 and list(figure.layout.yaxis.ticktext) == ["a", "&lt;b&gt;"]
    assert difference_map(FIRST - FIRST, SOURCE, TARGET, ("#000000", "#0072B2"), ("A", "B")).data[0].zmax > 0


def test_the_heat_map_outlines_gold_links_in_their_colours():
    judged = Judged(frozenset({(0, 0)}), frozenset({(1, 2)}), frozenset({(1, 1)}), 40.0)
    shapes = plan_heat_map(FIRST, SOURCE, TARGET, "transport", [(0, 0), (1, 1)], judged=judged).layout.shapes
    assert [shape.line.color for shape in shapes[:2]] == [CORRECT, WRONG] and shapes[2].line.dash == "dot"


def test_the_list_holds_links_and_cells_that_matter():
    judged = Judged(frozenset({(0, 0)}), frozenset({(0, 2)}), frozenset({(1, 1)}), 40.0)
    table = cell_table(FIRST, SOURCE, TARGET, [(0, 0), (1, 1)], judged)
    assert list(table["mass"]) == sorted(table["mass"], reverse=True) and len(table) == 5
    told = {(row["source word"], row["target word"]): row["link"] for _, row in table.iterrows()}
    assert told["a", "x"] == "hit" and told["a", "z"] == "missed" and told["<b>", "y"] == "spurious"
    assert told["<b>", "z"] == ""
    assert table["share of source word"].iloc[0] == pytest.approx(100 * 0.4 / 0.6)


def test_the_strip_marks_the_layer_and_the_frozen_ones():
    layers = 13
    strips = [
        Strip("untrained encoder", "untrained", [0.5] * layers, [0.7] * layers),
        Strip("transport", "transport", [0.4] * layers, [0.6] * layers, frozen=4),
    ]
    figure = layer_strip(strips, 8)
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert len(bands) == len(lines) == 2
    assert all(shape.x1 == 4.5 for shape in bands) and all(shape.x0 == 8 for shape in lines)
    assert "layers 0 to 4, frozen in training" in figure.layout.title.subtitle.text
    assert len(figure.data) == 4 and list(figure.data[2].y) == pytest.approx([70] * layers)
    assert [mark[0] for mark in figure.data[0].customdata] == list(range(layers))


def test_the_strip_has_a_panel_for_error_only_with_gold():
    strip = Strip("untrained encoder", "untrained", [0.5] * 3, [0.7] * 3, [40.0, 30.0, 20.0])
    figure = layer_strip([strip], 0)
    assert len(figure.data) == 3 and list(figure.data[2].y) == [40.0, 30.0, 20.0]
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"]


def word(layer, nearest, sends):
    return WordAtLayer(layer, nearest, sends, 0.25, 0.4, 0.25)


def test_a_words_table_and_sentence_say_the_same():
    told = [("A", [word(0, [(1, 0.2), (0, 0.5)], [(1, 0.2)])]), ("B", [word(0, [(0, 0.3), (1, 0.4)], [(1, 0.2)])])]
    table = word_table(told, ["x", "y"])
    assert table["A: nearest"].iloc[0] == "y 0.200, x 0.500" and table["B: cost ×100"].iloc[0] == 40
    text = tell_word("w", ["x", "y"], [(label, layers[0]) for label, layers in told])
    assert "with A “w” lies nearest to “y” (distance 0.200) and pays 40.0 % of the cost" in text
    assert "nearest to “x” (distance 0.300), yet sends most of its mass to “y”" in text


def test_a_words_mass_by_layer_is_in_hundredths():
    shares = np.array([[0.25, 1.0], [0.75, 0.0]])
    figure = word_flow(shares, "<i>", ["x", "<b>"], "transport", "transport", 1)
    assert np.allclose(figure.data[0].z, 100 * shares)
    assert "&lt;i&gt;" in figure.layout.title.text and list(figure.layout.yaxis.ticktext) == ["x", "&lt;b&gt;"]


def test_answers_are_stacked_with_the_gold_label_first():
    figure = answers([("as read", np.array([0.2, 0.5, 0.3])), ("patched", np.array([0.7, 0.2, 0.1]))], 0, "t")
    assert list(figure.data[0].x) == pytest.approx([20, 70]) and len(figure.data) == 3
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(100)


def test_gains_are_green_up_and_orange_down_with_the_control_behind():
    control = np.array([[0.0, 0.1], [0.2, -0.1]])
    figure = token_gains(["▁a", "b"], [1, 2], np.array([0.1, -0.2]), control, "neutral")
    assert list(figure.data[0].x) == pytest.approx([10, -20])
    assert "0, 158, 115" in figure.data[0].marker.color[0] and "230, 159, 0" in figure.data[0].marker.color[1]
    assert list(figure.data[1].x) == pytest.approx([10, 0])
    assert list(figure.data[1].error_x.array) == pytest.approx([10, 10])
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert len(token_gains(["a"], [1], np.array([0.1]), np.zeros((0, 1)), "neutral").data) == 1
