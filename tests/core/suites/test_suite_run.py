"""Answers to the suites: deterministic, kept by what made them, and counted by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.languages import XNLI_CODES
from core.statistics.intervals import wilson
from core.suites.items import load_suite
from core.suites.run import model_identity, run_suite
from core.suites.summary import by_language, by_language_group, constant_passes, differences
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    import core.evaluation.predict as predict
    from core.config import ModelConfig
    from core.model.weights import new_model, read_model_as
    from core.reading.formats import Reading


@pytest.fixture(scope="module")
def model(tiny):
    return new_model(tiny, ModelConfig(rank=2, alpha=4, first_layer=0), 3).eval()


def answered(predicted: dict[str, str]) -> pd.DataFrame:
    """Answers in English and Swahili: by category, the label that is always said."""
    suite = load_suite(["en", "sw"])
    rows = [
        (i.language, i.id, i.category, i.group, predicted[i.category], predicted[i.category] in i.expectation)
        for every in suite.items.values()
        for i in every
    ]
    return pd.DataFrame(rows, columns=["language", "id", "category", "group", "predicted", "passed"])


def test_answers_are_the_models_and_do_not_depend_on_what_else_was_asked(model, tiny):
    seen = []
    suite = load_suite(["en", "th"])
    whole = run_suite(model, tiny, suite, progress=lambda done, total, text="": seen.append((done, total)))
    assert whole.equals(run_suite(model, tiny, suite))
    assert seen[0] == (0, 136) and seen[-1] == (136, 136)
    part = run_suite(model, tiny, load_suite(["th"], ["numbers"]))
    same = whole[(whole["language"] == "th") & (whole["category"] == "numbers")]
    assert len(part) == 20 and part.equals(same.reset_index(drop=True))
    item = suite.of("numbers", "th")[3]
    alone = predict.predict_pairs(model, tiny, [(item.premise, item.hypothesis)])[0]
    row = part.iloc[3]
    assert row["id"] == item.id and row["passed"] == (int(alone.argmax()) in item.expected)
    assert np.allclose(row[["entailment", "neutral", "contradiction"]].to_numpy(float), alone, atol=1e-4)


def test_answers_are_kept_and_taken_from_what_is_kept(model, tiny, tmp_path, monkeypatch):
    suite = load_suite(["en", "sw"], ["roles"])
    made = run_suite(model, tiny, suite, tmp_path / "suites")
    assert len(list((tmp_path / "suites").glob("*.npy"))) == 2
    monkeypatch.setattr(predict, "predict_pairs", lambda *_: pytest.fail("read again"))
    assert run_suite(model, tiny, suite, tmp_path / "suites").equals(made)
    # All categories of a language are kept with it.
    assert len(run_suite(model, tiny, load_suite(["sw"]), tmp_path / "suites")) == 68


def test_a_damaged_file_is_made_again(model, tiny, tmp_path):
    suite = load_suite(["en"])
    made = run_suite(model, tiny, suite, tmp_path)
    (path,) = tmp_path.glob("*.npy")
    path.write_bytes(path.read_bytes()[:90])
    assert run_suite(model, tiny, suite, tmp_path).equals(made)


def test_everything_that_changes_an_answer_changes_the_identity(model, tiny):
    other = new_model(tiny, ModelConfig(rank=2, alpha=4, first_layer=0), 3).eval()
    who = model_identity(model, tiny)
    assert model_identity(other, tiny) == who
    assert model_identity(read_model_as(model, Reading("bfloat16", "torch")), tiny) != who
    assert model_identity(read_model_as(model, Reading("float32", "packed")), tiny) != who
    with torch.no_grad():
        other.classifier[2].bias[1] += 0.5
    assert model_identity(other, tiny) != who
    assert model_identity(model, dataclasses.replace(tiny, max_tokens=9)) != who


def test_passes_and_labels_are_counted_by_hand():
    summary = by_language(answered(dict.fromkeys(("roles", "negation", "numbers", "overlap"), "contradiction")))
    rows = {(row["category"], row["language"]): row for row in summary.to_dict("records")}
    assert [row["category"] for row in summary.to_dict("records")][::2] == ["roles", "negation", "numbers", "overlap"]
    assert {cell: (row["items"], row["groups"], row["passed"]) for cell, row in rows.items() if cell[1] == "sw"} == {
        ("roles", "sw"): (18, 12, 12), ("negation", "sw"): (18, 6, 12), ("numbers", "sw"): (20, 5, 10),
        ("overlap", "sw"): (12, 12, 6),
    }  # fmt: skip
    assert all(row["said contradiction"] == row["items"] and row["said neutral"] == 0 for row in rows.values())


def test_an_interval_is_over_groups_however_many_languages():
    answers = answered({"roles": "neutral", "negation": "entailment", "numbers": "neutral", "overlap": "entailment"})
    alone = by_language(answers).set_index(["category", "language"]).loc[("numbers", "sw")]
    assert (alone["accuracy"], alone["low"], alone["high"]) == (25.0, *wilson(1.25, 5))
    # The same sentences in other languages are no new observations.
    grouped = by_language_group(pd.concat([answers.assign(language=code) for code in XNLI_CODES]))
    low = grouped.set_index(["category", "languages"]).loc[("numbers", "low-resource")]
    assert low["items"] == 2 * 20 * 5 and low["groups"] == 5 and low["low"] == pytest.approx(alone["low"])
    assert list(grouped["languages"][:3]) == ["English", "high-resource", "low-resource"]


def test_constant_answers_pass_what_their_label_is_right_for():
    suite = load_suite(["en"])
    assert constant_passes(suite.of("numbers", "en")) == {"entailment": 25.0, "neutral": 25.0, "contradiction": 50.0}
    assert constant_passes(suite.of("roles", "en"))["neutral"] == pytest.approx(200 / 3)


def test_differences_count_both_ways():
    one = answered(dict.fromkeys(("roles", "negation", "numbers", "overlap"), "contradiction"))
    other = answered(dict.fromkeys(("roles", "negation", "numbers", "overlap"), "entailment"))
    table = differences(one, other).set_index(["category", "language"])
    assert tuple(table.loc[("negation", "sw")]) == (18, 6, 12, pytest.approx(100 * 6 / 18))
    assert tuple(table.loc[("overlap", "en")]) == (12, 6, 6, 0.0)
