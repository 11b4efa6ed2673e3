"""The overview's figures, sentences and tables, from sheets with known contents."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd
import pytest

from core.figures.accuracy_table import ABOVE, BELOW, accuracy_table, published_rows
from core.figures.answer import questions_table
from core.figures.controls import controls_figure, controls_table
from core.figures.costs import cost_by_arm
from core.figures.definitions import definition
from core.figures.further import further_table
from core.figures.published import published
from core.figures.table_latex import escape, latex_accuracy, latex_table
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.verdict.questions import MEASURES
from core.verdict.sentences import headline, lead, on_collapse

QUESTION: dict[str, Any] = {
    "name": "low-resource accuracy", "primary": True, "first": "transport", "second": "adversarial",
    "first_value": 55.12, "second_value": 53.0, "difference": 2.12, "low": 0.9, "high": 3.34, "p": 0.0012,
    "outcome": "ahead", "ahead": "transport", "within_margin": False, "tested": True, "seed_variance": "own",
    "seeds": [0, 1, 2], "premises": 1670, "items": 5010, "languages": list(LOW_RESOURCE), "smallest": 1.7,
    "lower_is_better": False, "unit": "premise",
}  # fmt: skip


def asked(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(QUESTION) | changes


def test_the_headline_says_who_is_ahead_and_everything_a_number_needs():
    assert headline([asked()], "the test split of XNLI") == (
        "On the test split of XNLI, transport is ahead of adversarial in the five low-resource languages: transport "
        "55.1, adversarial 53.0, difference +2.1 points (95 % interval +0.9 to +3.3, p = .001; 3 seeds, 5,010 items a "
        "language)."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ahead": "adversarial", "difference": -2.1}, "adversarial is ahead of transport in"),
        ({"within_margin": True}, "transport is ahead of adversarial, by less than 1 point, in"),
        ({"outcome": "equivalent", "ahead": None}, "transport and adversarial are equivalent within 1 point in"),
        ({"outcome": "undecided", "ahead": None}, "it is undecided whether transport or adversarial is better in"),
        (
            {"outcome": "described", "ahead": None, "tested": False, "seed_variance": "unknown", "seeds": [0]},
            "transport and adversarial are described, not tested (one run against one run says nothing of the variance",
        ),
        (
            {"outcome": "described", "ahead": None, "tested": False, "premises": 3},
            "transport and adversarial are described, not tested (3 premises are too few for a test)",
        ),
        ({"languages": ["sw", "ur"]}, "in two of the five low-resource languages (Swahili, Urdu): "),
    ],
)
def test_the_headline_follows_the_outcome(changes, said):
    told = headline([asked(**changes)], "x")
    assert told is not None and said in told
    assert ("p =" in told) == asked(**changes)["tested"]


def test_without_the_primary_question_there_is_no_headline():
    assert headline([asked(primary=False)], "x") is None and headline([], "x") is None


def against(arm: str, difference: float, outcome: str = "ahead") -> dict[str, Any]:
    ahead = None if outcome != "ahead" else arm if difference > 0 else "english-only"
    return asked(primary=False, first=arm, second="english-only", second_value=52.9, difference=difference,
                 low=difference - 1.1, high=difference + 1.1, outcome=outcome, ahead=ahead)  # fmt: skip


def test_the_lead_says_whether_a_method_beats_english_training_alone():
    assert lead([asked(), against("transport", 2.1), against("adversarial", -1.9)], "XNLI") == (
        "On XNLI, transport beats English training alone and adversarial does not in the five low-resource languages: "
        "against english-only (52.9), transport is ahead by +2.1 (+1.0 to +3.2, p = .001) and adversarial is behind by "
        "−1.9 (−3.0 to −0.8, p = .001)."
    )
    assert lead([asked()], "XNLI") is None


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ((-0.6, "ahead"), (-3.5, "undecided"), "neither transport nor adversarial beats English training alone"),
        ((0.6, "undecided"), (-3.5, "ahead"), "neither transport nor adversarial is shown to beat English training"),
        ((2.0, "ahead"), (1.0, "undecided"), "transport beats English training alone and adversarial is not shown to"),
        ((2.0, "ahead"), (1.5, "ahead"), "both transport and adversarial beat English training alone"),
        ((0.1, "equivalent"), (0.2, "equivalent"), "neither transport nor adversarial beats English training alone"),
    ],
)
def test_the_lead_follows_the_outcomes(first, second, said):
    assert said in str(lead([against("transport", *first), against("adversarial", *second)], "x"))


def test_collapse_is_told_of_the_arms_that_have_it():
    told = on_collapse({"transport": (0, 3, 0), "adversarial": (3, 3, 0), "transport-shuffled": (1, 1, 0)})
    assert "The states of adversarial (3 of 3 runs) and transport-shuffled (1 of 1 run) have collapsed" in told
    assert on_collapse({"transport": (0, 3, 0)}) == "" == on_collapse({}) and "measured" not in told
    lacking = on_collapse({"transport": (0, 2, 1), "hybrid": (0, 0, 2), "adversarial": (1, 3, 0)})
    assert (
        "Not measured for collapse, so that nothing is known of it: transport (1 run) and hybrid (2 runs)." in lacking
    )


def test_every_question_is_a_row_and_every_measure_is_defined():
    table = questions_table([asked(), asked(primary=False, tested=False, outcome="described", ahead=None, seeds=[0])])
    assert list(table["outcome"]) == ["transport ahead", "one run, descriptive"]
    assert table["question"].tolist() == ["low-resource accuracy (primary)", "low-resource accuracy"]
    assert table["p"].isna().tolist() == [False, True]
    assert all(definition(measure.name) for measure in MEASURES)


@pytest.fixture
def explained() -> pd.DataFrame:
    row = {"difference": 2.0, "low": 0.5, "high": 3.5, "p": 0.01, "value": 55.0, "baseline": 53.0, "seeds": 3,
           "premises": 1670, "items": 5010, "seed_variance": "own", "control": False, "languages": "tr th hi ur sw",
           "ahead_by": float("nan"), "ahead_low": float("nan"), "ahead_high": float("nan"),
           "ahead_seeds": float("nan"), "tested": True}  # fmt: skip
    control = row | {"control": True, "seeds": 1, "seed_variance": "pooled", "ahead_by": 0.4, "ahead_low": -1.0,
                     "ahead_high": 1.8, "ahead_seeds": 1, "tested": False, "p": float("nan"),
                     "difference": 1.6}  # fmt: skip
    return pd.DataFrame(
        [
            row | {"question": "Is it?", "arm": "transport"},
            control | {"question": "Is it?", "arm": "mean-matching"},
            row | {"question": "Or <b>?", "arm": "transport", "languages": "ur sw"},
            control | {"question": "Or <b>?", "arm": "translate-test", "languages": "ur sw"},
        ]
    )


def test_the_forest_has_a_mark_an_arm_an_interval_each_and_a_head_a_question(explained):
    figure = controls_figure(explained, "Title")
    assert [trace.x[0] for trace in figure.data] == [2.0, 1.6, 2.0, 1.6]
    for trace in figure.data:
        assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(0.5)
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(3.5)
    heights = [trace.y[0] for trace in figure.data]
    assert heights == sorted(heights) and len(set(heights)) == 4
    told = [note.text for note in figure.layout.annotations]
    assert "<b>Is it?</b>" in told and "<b>Or &lt;b&gt;?</b>" in told and "english-only" in told
    assert list(figure.layout.yaxis.ticktext) == [
        "transport", "mean-matching, one run", "transport (ur, sw)", "translate-test (ur, sw), one run"
    ]  # fmt: skip
    # Single runs stand apart: smaller, with capped bars, and no p in their words.
    assert [trace.error_x.width for trace in figure.data] == [0, 4, 0, 4]
    assert [trace.marker.size for trace in figure.data] == [11, 8, 11, 8]
    assert ["one run, descriptive" in trace.hovertext[0] for trace in figure.data] == [False, True, False, True]
    assert "p = .010" in figure.data[0].hovertext[0]
    assert (
        "the arm it explains is ahead of it by +0.4 (−1.0 to +1.8, one run, descriptive)" in figure.data[1].hovertext[0]
    )
    assert figure.layout.xaxis.range[0] < 0


def test_the_numbers_of_the_forest(explained):
    table = controls_table(explained)
    assert list(table["difference"]) == [2.0, 1.6, 2.0, 1.6]
    assert table["explained arm ahead by"].isna().tolist() == [True, False, True, False]


@pytest.fixture
def accuracies():
    rows = []
    for arm, up in (("english-only", 0.0), ("transport", 2.0)):
        for unit, value in {"en": 60.0, "sw": 50.0, "ru": 55.0, "low-resource": 50.0, "gap": 10.0}.items():
            change = up if unit not in ("en", "gap") else -up
            rows.append((arm, unit, value + change, value - 1, value + 3, 3, 5010, 1670, "bootstrap"))
    levels = pd.DataFrame(
        rows, columns=["arm", "unit", "value", "low", "high", "seeds", "items", "premises", "interval"]
    )
    languages = pd.DataFrame(
        [
            ("transport", "english-only", "sw", 2.0, 0.014, True, 3, 1670),
            ("transport", "english-only", "ru", -2.0, 0.2, True, 3, 1670),
            ("transport", "english-only", "th", -9.0, float("nan"), False, 1, 1670),
        ],
        columns=["first", "second", "language", "difference", "p", "tested", "seeds", "premises"],
    )
    gap = asked(name="transfer gap", primary=False, second="english-only", difference=-4.0, lower_is_better=True)
    return accuracy_table(levels, languages, [gap], {"transport": 100_000, "english-only": 100_000})


def test_the_table_marks_what_differs_after_correction(accuracies):
    marks = {(r.name, u): c.mark for r in accuracies.rows for u, c in zip(accuracies.units, r.cells, strict=True)}
    assert marks["transport", "sw"] == ABOVE and marks["transport", "ru"] == "" and marks["transport", "gap"] == BELOW
    assert not any(mark for (arm, _), mark in marks.items() if arm == "english-only")
    assert accuracies.columns == ("Low-5", "English (en)", "Gap", "Russian (ru)", "Swahili (sw)")
    told = accuracies.rows[1].cells[4].told
    assert "Swahili (sw): transport 52.0 (49.0 to 53.0), 5,010 items a language, 3 seeds" in told
    assert "+2.0 against english-only, p = .014" in told
    frame = accuracies.frame()
    assert frame.loc[1, "Swahili (sw)"] == 52.0 and frame.loc[1, "English pairs"] == 100_000


def test_published_rows_say_how_many_pairs_they_saw(accuracies):
    rows = published_rows(accuracies, published())
    assert all(row.pairs == "393k" and "arXiv" in row.source for row in rows)
    first = dict(zip(accuracies.units, rows[0].cells, strict=True))
    assert (first["en"].value, first["sw"].value) == (82.1, 50.4)
    assert first["low-resource"].value == pytest.approx((50.4 + 58.0 + 60.0 + 55.8 + 61.6) / 5)
    assert all("393k English pairs" in cell.told for row in rows for cell in row.cells)


def test_published_averages_are_those_of_their_papers():
    """The mean over 15 languages, as each paper prints it: a slip in a digit would show."""
    means = published().set_index("model")[list(XNLI_CODES)].mean(axis=1).round(1)
    assert means.tolist() == pytest.approx([66.3, 71.1, 76.2, 80.9, 67.1, 69.7], abs=0.11)


def test_latex(accuracies):
    text = latex_accuracy(accuracies, published_rows(accuracies, published()), "50 % of x_y")
    assert text.count(r"\midrule") == 2 and r"\caption{50 \% of x\_y}" in text
    assert r"transport & 100,000 & 52.0 & 58.0 & 8.0$^{\blacktriangledown}$ & 57.0 & 52.0$^{\blacktriangle}$ \\" in text
    assert text.startswith(r"% Needs \usepackage{booktabs} and \usepackage{amssymb}.") and "above" in text
    lines = [line for line in text.splitlines() if " & " in line]
    assert {line.count(" & ") for line in lines} == {6}
    plain = latex_table(pd.DataFrame({"a": ["x<y"], "d": [-1.26], "n": [1200]}), "c", signs=["d"])
    assert r"x$<$y & $-$1.3 & 1,200 \\" in plain
    assert escape("a\\b{c}~^") == r"a\textbackslash{}b\{c\}\textasciitilde{}\textasciicircum{}"


def test_costs_are_means_of_an_arm_s_runs():
    record = {"arm": "transport", "seconds": 600, "training_seconds": 300, "updates": 10, "tokens_forward": 100,
              "tokens_backward": 50, "nli_pairs": 320, "bitext_pairs": 30}  # fmt: skip
    table = cost_by_arm([record, record | {"seconds": 1200}, record | {"arm": "warm-start", "seconds": 60}])
    assert table["arm"].tolist() == ["warm-start", "transport"]
    assert table["minutes"].tolist() == [1.0, 15.0] and table["runs"].tolist() == [1, 2]


def test_further_measures_are_means_over_what_every_arm_has():
    rows = [("a", "transport", "accuracy_noise", code, -1, 50.0 + i) for i, code in enumerate(LOW_RESOURCE)]
    rows += [
        ("a", "transport", "accuracy_noise", "en", -1, 99.0),
        ("b", "adversarial", "accuracy_noise", "sw", -1, 9.0),
    ]
    rows += [("a", "transport", "accuracy_generalised", pair, -1, value)
             for pair, value in (("en-sw", 40.0), ("sw-en", 60.0), ("sw-sw", 99.0))]  # fmt: skip
    rows += [("a", "transport", "alignment_error", "de", layer, value) for layer, value in ((6, 30.0), (7, 20.0))]
    names = ["run_id", "arm", "name", "language", "layer", "value"]
    table = further_table(pd.DataFrame(rows, columns=names)).set_index("arm")
    assert table.loc["transport", "noise"] == 52.0 and pd.isna(table.loc["adversarial", "noise"])
    assert table.loc["transport", "generalised"] == 50.0 and table.loc["transport", "alignment error"] == 20.0
    assert list(table.columns) == ["runs", "noise", "generalised", "alignment error"]
