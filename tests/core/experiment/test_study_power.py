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

LANGUAGES, PREMISES, STUDIES = ("sw", "th"), 120, 1000


def drawn(number: list[int], seeds: int, effect: float, seed_sd: float) -> pd.DataFrame:
    return planted(
        np.random.default_rng(number), {"a": 0.0, "b": effect}, seeds=seeds, languages=LANGUAGES, premises=PREMISES,
        seed_sd=seed_sd,
    )  # fmt: skip


@pytest.mark.proof
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("seeds", "effect", "seed_sd"), [(3, 3.0, 0.5), (6, 1.8, 0.8), (8, 1.5, 0.3)])
def test_a_plan_from_one_csv_predicts_the_power_of_a_thousand_studies(tmp_path, seeds, effect, seed_sd):
    """The CSV has the seeds that it takes to know a variance to a tenth; the studies come from the same source."""
    path = tmp_path / "anyone's.csv"
    drawn([1], 200, effect, seed_sd).to_csv(path, index=False)
    plan = plan_power(read_predictions(path), cluster=3)
    assert plan.premises == PREMISES and plan.seeds == 200
    found, differences = 0, []
    for number in range(STUDIES):
        answers = read_answers(drawn([2, number], seeds, effect, seed_sd))
        [answer], _ = answer_study(answers, [Contrast("x", "b", "a", LANGUAGES)], consecutive(3))
        found += answer.outcome.startswith("ahead") and answer.ahead == "b"
        differences.append(answer.difference)
    planned = power(float(np.mean(differences)), plan.found, seeds, plan.premises)
    print(f"k = {seeds}, effect {np.mean(differences):.2f}: planned {planned:.3f}, found {found / STUDIES:.3f}")
    assert 0.2 < planned < 0.98
    assert found / STUDIES == pytest.approx(planned, abs=0.03)
