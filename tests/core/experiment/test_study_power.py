"""How many seeds a study needs, planned from a file of anyone's predictions: the power that studies then have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.experiment.studies.power import plan_power
from core.statistics.power import power
from core.verdict.answers import read_answers
from core.verdict.paired_values import consecutive
from core.verdict.predictions_file import read_predictions
from core.verdict.study_answers import Contrast, answer_study
from tests.support.planted import planted

LANGUAGES, STUDIES = ("sw", "th"), 1000
#: Of a study; and premises and seeds of the file, which has what it takes to know the variances well.
PREMISES, KNOWN, SEEDS = 120, 2000, 48


def drawn(number: list[int], seeds: int, effect: float, seed_sd: float, premises: int = PREMISES) -> pd.DataFrame:
    return planted(
        np.random.default_rng(number), {"a": 0.0, "b": effect}, seeds=seeds, languages=LANGUAGES, premises=premises,
        seed_sd=seed_sd,
    )  # fmt: skip


@pytest.mark.proof
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("seeds", "effect", "seed_sd"), [(3, 6.5, 0.5), (6, 4.2, 0.8), (8, 5.5, 0.3)])
def test_a_plan_from_one_csv_predicts_the_power_of_a_thousand_studies(tmp_path, seeds, effect, seed_sd):
    path = tmp_path / "anyone's.csv"
    drawn([1], SEEDS, effect, seed_sd, KNOWN).to_csv(path, index=False)
    plan = plan_power(read_predictions(path), cluster=3)
    assert plan.premises == KNOWN and plan.seeds == SEEDS
    found, differences = 0, []
    for number in range(STUDIES):
        answers = read_answers(drawn([2, number], seeds, effect, seed_sd))
        [answer], _ = answer_study(answers, [Contrast("x", "b", "a", LANGUAGES)], consecutive(3))
        found += answer.outcome.startswith("ahead") and answer.ahead == "b"
        differences.append(answer.difference)
    planned = power(float(np.mean(differences)), plan.found, seeds, PREMISES)
    print(f"k = {seeds}, effect {np.mean(differences):.2f}: planned {planned:.3f}, found {found / STUDIES:.3f}")
    assert 0.2 < planned < 0.98
    assert found / STUDIES == pytest.approx(planned, abs=0.03)
