"""Predictions of anyone's from a file, and the power that is planned from them."""

from __future__ import annotations

import gzip
import math

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.experiment.studies.power import plan_power
from core.statistics.crossed import Components
from core.statistics.power import power
from core.verdict.paired_values import consecutive
from core.verdict.predictions_file import read_predictions
from core.verdict.study_answers import Contrast, answer_study
from tests.support.planted import planted

TABLE = pd.DataFrame(
    {
        "Model": ["a", "a", "b", "b"], "lang": "sw", "example": ["x1", "x2", "x1", "x2"], "label": [0, 1, 0, 1],
        "pred": [0, 0, 0, 1],
    }
)  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet", "csv.gz"])
def test_every_form_gives_the_same_answers(tmp_path, form):
    path = tmp_path / f"own.{form}"
    if form == "parquet":
        TABLE.to_parquet(path)
    elif form == "jsonl":
        TABLE.to_json(path, orient="records", lines=True)
    elif form == "csv.gz":
        path.write_bytes(gzip.compress(TABLE.to_csv(index=False).encode()))
    else:
        TABLE.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    answers = read_predictions(path)
    assert answers.arms == ["a", "b"] and answers.languages == ("sw",) and list(answers.runs["seed"]) == [0, 0]
    assert (answers.predicted == answers.gold).sum(-1).ravel().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="example"), "no column of items"),
        (lambda t: t.drop(columns="pred"), "whether it is right"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "second row"),
        (lambda t: t.assign(seed="x"), "whole numbers"),
        (lambda t: t.assign(correct=[1, 0, 2, 1]), "other than 0 and 1"),
        (lambda t: t.iloc[:0], "no rows"),
    ],
)
def test_what_is_missing_is_said(tmp_path, change, words):
    path = tmp_path / "own.csv"
    change(TABLE).to_csv(path, index=False)
    with pytest.raises(BadInput, match=words):
        read_predictions(path)


def test_power_needs_two_arms_and_knows_when_seeds_are_one(tmp_path):
    path = tmp_path / "own.csv"
    TABLE.to_csv(path, index=False)
    answers = read_predictions(path)
    with pytest.raises(BadInput, match="--seed-sd"):
        plan_power(answers)
    assert plan_power(answers, seed_sd=1.0).rows[0].k == 3
    with pytest.raises(BadInput, match="two arms"):
        TABLE[:2].to_csv(path, index=False)
        plan_power(read_predictions(path), seed_sd=1.0)


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "effect", "seed_sd"), [(3, 3.0, 0.5), (6, 1.8, 0.8), (8, 1.5, 0.3)])
def test_a_plan_from_a_file_predicts_the_power_of_a_thousand_studies(tmp_path, seeds, effect, seed_sd):
    """The file has many seeds, so that its variances are known; the studies are drawn from the same source."""
    languages, premises, table = ("sw", "th"), 120, None
    options = {"languages": languages, "premises": premises, "seed_sd": seed_sd}
    # Components of one file vary with its premises and seeds: a mean over files stands for a file of very many.
    parts = []
    for number in range(40):
        table = planted(np.random.default_rng([1, number]), {"a": 0.0, "b": effect}, seeds=12, **options)
        path = tmp_path / "own.csv"
        table.to_csv(path, index=False)
        parts.append(plan_power(read_predictions(path), cluster=3).found)
    mean = Components(*np.mean([(p.seed, p.premise, p.residual) for p in parts], axis=0))
    question, found, differences = [Contrast("x", "b", "a", languages)], 0, []
    studies = 1000
    for number in range(studies):
        drawn = planted(np.random.default_rng([2, number]), {"a": 0.0, "b": effect}, seeds=seeds, **options)
        [answer], _ = answer_study(_answers(drawn), question, consecutive(3))
        found += answer.outcome.startswith("ahead") and answer.ahead == "b"
        differences.append(answer.difference)
    planned = power(float(np.mean(differences)), mean, seeds, premises)
    assert found / studies == pytest.approx(planned, abs=0.03 + math.sqrt(planned * (1 - planned) / studies))


def _answers(table: pd.DataFrame):  # type: ignore[no-untyped-def]
    from core.verdict.answers import read_answers

    return read_answers(table)
