"""The dumbbell: every number, interval and mark is where the table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.accuracy import accuracy_by_language
from core.figures.style import CHANCE, arm_style
from core.languages import LOW_RESOURCE, XNLI_CODES


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for arm in ("english-only", "transport", "adversarial"):
        for code in XNLI_CODES:
            value = float(rng.uniform(40, 80))
            rows.append((arm, code, 500, value, value - 4, value + 3))
    return pd.DataFrame(rows, columns=["arm", "language", "items", "accuracy", "low", "high"])


def marks(figure, arm):
    return next(trace for trace in figure.data if trace.name == arm)


def test_marks_and_intervals_are_the_tables(table):
    figure = accuracy_by_language(table, "Title")
    for arm in ("english-only", "transport", "adversarial"):
        own = table[table["arm"] == arm]
        trace = marks(figure, arm)
        assert list(trace.x) == list(own["accuracy"])
        assert np.allclose(trace.x + trace.error_x.array, own["high"])
        assert np.allclose(trace.x - trace.error_x.arrayminus, own["low"])
        assert trace.marker.color == arm_style(arm).colour
        assert trace.marker.symbol == arm_style(arm).symbol
        assert [tuple(d) for d in trace.customdata] == [(arm, code) for code in own["language"]]


def test_english_stands_apart_at_the_top(table):
    axis = accuracy_by_language(table, "Title").layout.yaxis
    assert axis.ticktext[0] == "English (en)"
    assert axis.tickvals[1] - axis.tickvals[0] == 1.5
    assert axis.range[0] > axis.range[1], "rows run downwards"


def test_low_resource_rows_are_shaded_and_chance_is_marked(table):
    figure = accuracy_by_language(table, "Title")
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(bands) == len(LOW_RESOURCE)
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert [line.x0 for line in lines] == [CHANCE]
    assert any("chance 33.3" in note.text for note in figure.layout.annotations)
    low, high = figure.layout.xaxis.range
    assert low < CHANCE and high > table["high"].max()


def test_chance_far_below_is_told_in_words_and_leaves_no_empty_half(table):
    high = table.assign(low=table["low"] + 25, accuracy=table["accuracy"] + 25, high=table["high"] + 25)
    figure = accuracy_by_language(high, "Title")
    assert not [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert "chance, 33.3, lies to the left" in figure.layout.xaxis.title.text
    assert CHANCE < figure.layout.xaxis.range[0] < high["low"].min()


def test_the_bar_runs_from_the_lowest_arm_to_the_highest(table):
    span = next(trace for trace in accuracy_by_language(table, "Title").data if trace.name == "span")
    ends = [(a, b) for a, b in zip(span.x[::3], span.x[1::3], strict=True)]
    expected = table.groupby("language")["accuracy"].agg(["min", "max"])
    assert sorted(ends) == sorted(expected.itertuples(index=False, name=None))


def test_orders_keep_english_first_and_sort_the_rest(table):
    effect = accuracy_by_language(table, "Title", order="effect")
    names = [name.strip("</b>") for name in effect.layout.yaxis.ticktext]
    cells = table.pivot(index="language", columns="arm", values="accuracy")
    size = cells.sub(cells["english-only"], axis=0).abs().max(axis=1).drop("en").sort_values(ascending=False)
    assert [name[name.rindex("(") + 1 : name.rindex(")")] for name in names] == ["en", *size.index]
    family = accuracy_by_language(table, "Title", order="family").layout.yaxis.ticktext
    assert list(family).index("Hindi (hi)" if "Hindi (hi)" in family else "<b>Hindi (hi)</b>") + 1 == list(
        family
    ).index("<b>Urdu (ur)</b>")


def test_the_figure_takes_its_colours_and_fonts_from_the_page(table):
    layout = accuracy_by_language(table, "Title").layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert layout.font.family is None and layout.font.color is None


def test_untrusted_names_are_escaped(table):
    hostile = table.assign(arm="<a href='x'>y</a>")[:15]
    text = accuracy_by_language(hostile, "<img src=x>").to_json()
    assert "<a href" not in text and "<img" not in text


def test_one_language_of_one_arm_is_drawn(table):
    figure = accuracy_by_language(table[:1], "Title", order="effect", baseline="nobody")
    assert list(marks(figure, "english-only").x) == [table["accuracy"].iloc[0]]
