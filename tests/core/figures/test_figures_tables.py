"""Confusion, ranking, distribution, curves and costs: data to figure or table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.figures.confusion import confusion
from core.figures.costs import cost_table, objectives
from core.figures.curves import training_curves
from core.figures.distribution import cosine_by_label
from core.figures.frame import picture
from core.figures.ranking import position, ranked_table, retrieval_by_language


def test_confusion_shows_counts_and_shares_of_the_gold_label():
    table = pd.DataFrame([(0, 0, 6), (0, 1, 2), (2, 2, 5)], columns=["gold", "predicted", "items"])
    figure = confusion(table, "Title", "<i>sub</i>")
    notes = {(note.y, note.x): note.text for note in figure.layout.annotations}
    assert notes[0, 0] == "<b>6</b><br>75.0 %" and notes[0, 1] == "<b>2</b><br>25.0 %"
    assert notes[1, 1] == "<b>0</b><br>0.0 %" and notes[2, 2] == "<b>5</b><br>100.0 %"
    right, wrong = figure.data[0], figure.data[1]
    assert np.isnan(np.array(right.z)[0, 1]) and np.isnan(np.array(wrong.z)[0, 0])
    assert "0, 158, 115" in right.colorscale[-1][1] and "230, 159, 0" in wrong.colorscale[-1][1]
    assert sorted(tuple(c) for c in figure.data[2].customdata) == [(g, p) for g in range(3) for p in range(3)]
    assert "<i>" not in figure.layout.title.subtitle.text


def test_the_ranked_table_marks_the_right_answer_once():
    table = ranked_table(np.array([4, 0]), np.array([0.9, 0.8]), list("abcde"), ["en"] * 5, {0})
    assert list(table["text"]) == ["e", "a"]
    assert list(table["candidate"]) == [5, 1]
    assert list(table["right"]) == [False, True]
    assert not ranked_table(np.array([4]), np.array([0.9]), list("abcde"), ["en"] * 5, ())["right"].any()


@given(arrays.arrays(np.float64, st.integers(1, 30), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])), st.data())
def test_position_is_the_place_in_a_stable_sort(scores, data):
    right = data.draw(st.integers(0, len(scores) - 1))
    order = np.argsort(-scores, kind="stable")
    assert position(scores, right) == 1 + int(np.flatnonzero(order == right)[0])


def test_retrieval_scores_are_averaged_over_seeds():
    rows = [("x", "sw", 80.0, 75.0, 85.0, 200), ("x", "sw", 90.0, 86.0, 93.0, 200), ("x", "", 1.0, 0, 2, 5)]
    table = retrieval_by_language(pd.DataFrame(rows, columns=["arm", "language", "value", "low", "high", "items"]))
    assert len(table) == 1
    assert table.iloc[0][["seeds", "items", "accuracy", "low", "high"]].to_list() == [2, 200, 85.0, 80.5, 89.0]
    unknown = retrieval_by_language(
        pd.DataFrame([("x", "sw", 80.0, np.nan, np.nan, 9)],
                     columns=["arm", "language", "value", "low", "high", "items"])
    )  # fmt: skip
    assert unknown.iloc[0][["low", "high"]].to_list() == [80.0, 80.0]


def test_cosines_stand_with_their_label():
    table = pd.DataFrame({"label": [0, 1, 2, 0], "cosine": [0.1, 0.2, 0.3, 0.4], "item_id": [0, 1, 2, 3]})
    figure = cosine_by_label(table, "Title", "note")
    assert [trace.name for trace in figure.data] == ["entailment", "neutral", "contradiction"]
    assert list(figure.data[0].x) == [0.1, 0.4]
    assert list(figure.data[2].hovertext) == ["item 2, contradiction"]


def test_curves_have_a_panel_for_each_quantity_and_a_line_for_each_run():
    rows = [
        (run, arm, step, name, step + 0.5)
        for run, arm in (("1", "transport"), ("2", "adversarial"))
        for name in ("zeta", "task_loss", "transport_token", "kl")
        for step in (4, 2, 0)
    ]
    curves = pd.DataFrame(rows, columns=["run_id", "arm", "step", "name", "value"])
    figure = training_curves(curves, "Title")
    assert len(figure.data) == 8
    assert [list(trace.x) for trace in figure.data] == [[0, 2, 4]] * 8
    panels = [note.text for note in figure.layout.annotations]
    assert panels == ["task loss (nats)", "KL to the prior (nats)", "token transport", "zeta"]
    assert len(training_curves(curves, "Title", limit=2).data) == 4


@pytest.fixture
def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": ["a", "b", "c"], "arm": ["transport", "english-only", "adversarial"], "seed": [0, 0, 0],
            "updates": [60] * 3, "seconds": [10.0] * 3, "tokens_forward": [5] * 3, "tokens_backward": [3] * 3,
            "nli_pairs": [9] * 3, "bitext_pairs": [7] * 3, "took": [True, None, False],
            "took_sentence": ["", "", ""],
        }
    )  # fmt: skip


def test_objectives_are_told_by_arm_in_order(runs):
    scores = pd.DataFrame(
        {"run_id": ["a", "a", "b"], "name": ["bitext_cost"] * 3, "value": [0.2, 0.4, 0.5], "language": ["sw", "ur", ""]}
    )
    table = objectives(runs, scores)
    assert list(table["arm"]) == ["english-only", "transport", "adversarial"]
    assert list(table["own objective"]) == ["no objective of its own", "improved", "did not improve"]
    assert list(table["transport cost, end"][:2]) == pytest.approx([0.5, 0.3])
    assert "language probe ×100, end" not in table


def test_costs_show_both_kinds_of_tokens(runs):
    table = cost_table(runs)
    assert {"tokens forward", "tokens backward"} <= set(table.columns)
    assert len(table) == 3


@pytest.mark.parametrize(("chosen", "scale"), [("png", 2), ("svg", 1)])
def test_the_camera_saves_in_the_chosen_format(chosen, scale):
    options = picture("name", chosen)["toImageButtonOptions"]
    assert options == {"format": chosen, "filename": "name", "scale": scale}
