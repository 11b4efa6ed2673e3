"""The plan's heat map, its caption and the comparison of two."""

from __future__ import annotations

import numpy as np

from core.figures.drawn_plan import DrawnPlan
from core.figures.plan import compare_plans, plan_caption, plan_heat_map, plan_numbers
from core.figures.ribbons import Words

PLAN = np.array([[0.3, 0.1, 0.0], [0.0, 0.2, 0.4]])
SOURCE, TARGET = ["a", "<b>"], ["x", "y", "z"]


def test_the_map_holds_the_mass_in_hundredths():
    figure = plan_heat_map(PLAN, SOURCE, TARGET, "transport")
    assert np.allclose(figure.data[0].z, 100 * PLAN)
    assert list(figure.layout.yaxis.ticktext) == ["a", "&lt;b&gt;"]
    assert "0, 114, 178" in figure.data[0].colorscale[-1][1]


def test_an_invisible_layer_takes_clicks_on_every_cell():
    layer = plan_heat_map(PLAN, SOURCE, TARGET, "transport").data[1]
    assert layer.type == "scatter" and layer.marker.opacity == 0
    assert [tuple(cell) for cell in layer.customdata] == [(i, j) for i in range(2) for j in range(3)]
    for (i, j), x, y, hover in zip(layer.customdata, layer.x, layer.y, layer.hovertext, strict=True):
        assert (x, y) == (j, i)
        assert f"mass ×100: {100 * PLAN[i, j]:.2f}" in hover


def test_links_are_outlined_where_they_are():
    shapes = plan_heat_map(PLAN, SOURCE, TARGET, "transport", [(0, 0), (1, 2)]).layout.shapes
    assert [((s.x0 + s.x1) / 2, (s.y0 + s.y1) / 2) for s in shapes] == [(0, 0), (2, 1)]


def test_a_target_that_reads_from_the_right_runs_from_the_right():
    left = plan_heat_map(PLAN, SOURCE, TARGET, "transport").layout.xaxis.range
    right = plan_heat_map(PLAN, SOURCE, TARGET, "transport", target_rtl=True).layout.xaxis.range
    assert left == right[::-1] and left[0] < left[1]


def test_a_plan_of_one_cell_and_a_plan_without_mass_are_drawn():
    assert plan_heat_map(np.ones((1, 1)), ["a"], ["x"], "untrained").data[0].zmax == 100
    assert plan_heat_map(np.zeros((2, 2)), ["a", "b"], ["x", "y"], "untrained").data[0].zmax > 0


def test_the_caption_gives_what_a_matching_would_have():
    text = plan_caption(0.5, 0.6, 3, 0.05, (16, 16))
    assert "Cost 0.500" in text and "Entropy 60.0 %" in text
    assert "one place for each word would have 50.0 %" in text
    assert "3 links" in text and "uniform: the links" not in text
    assert "Nearly uniform" in plan_caption(0.5, 0.99, 3, 0.05, (16, 16))
    assert "would have 100.0 %" in plan_caption(0.5, 0.0, 1, 0.05, (1, 1))


def shown(label, cost, entropy, size=3):
    words = Words([f"w{k}" for k in range(size)], np.full(size, 1 / size))
    links = [(k, k) for k in range(size)]
    return DrawnPlan(label, "transport", 6, words, words, np.eye(size) / size, links, cost, entropy)


def test_a_clipped_plan_keeps_the_numbers_of_the_whole():
    whole = shown("left", 0.4, 0.7)
    assert whole.clipped(3) is whole
    first = whole.clipped(2)
    assert first.plan.shape == (2, 2) and first.links == [(0, 0), (1, 1)] and list(first.source.words) == ["w0", "w1"]
    assert (first.cost, first.entropy, first.label) == (0.4, 0.7, "left") and len(first.marks().links) == 2


def test_comparison_names_the_nearer_and_the_sharper():
    text = compare_plans(shown("left", 0.4, 0.7), shown("right", 0.3, 0.8))
    assert text == "The words lie nearer with right, and the plan of left is sharper."
    assert "nearer" not in compare_plans(shown("left", 0.4, 0.7), shown("right", 0.3, 0.8), collapsed=True)
    numbers = plan_numbers(shown("left", 0.4, 0.7), shown("right", 0.3, 0.8))
    assert numbers.startswith("Layer 6: mass travels 0.400 with left and 0.300 with right; entropy 70.0 and 80.0 %")


def test_comparison_does_not_tell_apart_what_looks_equal():
    text = compare_plans(shown("left", 0.30001, 0.70001), shown("right", 0.30002, 0.70002))
    assert "equally near" in text and "equally sharp" in text
