"""The whole verdict over simulated studies: how often it calls what is not there, and finds what is.

Items, premises, languages, seeds and warm starts move the predictions. A study has the second study's shape: a baseline
and five arms, every seed its own warm start, five questions of one family. Minutes on one core.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.statistics.crossed import Components
from core.statistics.power import plan, power
from core.verdict.analysis import Analysis
from core.verdict.answers import Answers
from core.verdict.contrast import Contrasts
from core.verdict.paired_values import consecutive
from core.verdict.study_answers import Contrast, answer_study
from core.verdict.verdict import answer

pytestmark = pytest.mark.proof

LOW = ("hi", "sw", "th", "tr", "ur")
ARMS = ("base", "a", "b", "c", "d")
PAIRS = (("a", "base"), ("b", "base"), ("c", "base"), ("a", "b"), ("a", "d"))
QUESTIONS = [Contrast("low", first, second, LOW) for first, second in PAIRS]
PREMISES = 120
#: Standard deviations in points: of a warm start, which its arms share; of what a warm start does to one arm and not
#: to another, which is what a study of a single warm start never sees; of a run's own training.
WARM, OWN_WARM, RUN = 2.0, 0.5, 0.5


def simulated(random: np.random.Generator, effects: dict[str, float], seeds: int) -> Answers:
    """Runs of every arm at every seed; `effects` are points of true accuracy about a rate of 60."""
    items, count = 3 * PREMISES, len(LOW)
    shared = np.repeat(random.normal(0, 0.5, PREMISES), 3) + random.normal(0, 0.6, (count, items))
    warm = random.normal(0, WARM, seeds)
    scale = math.sqrt(0.5**2 + 0.6**2 + 0.25**2 + 0.5**2)
    gold = np.tile(np.arange(items) % 3, (count, 1)).astype(np.int8)
    rows, predicted = [], []
    for arm in sorted(effects):
        view = np.repeat(random.normal(0, 0.25, PREMISES), 3)
        for seed in range(seeds):
            points = 60 + warm[seed] + effects[arm] + random.normal(0, OWN_WARM) + random.normal(0, RUN)
            latent = shared + view + random.normal(0, 0.5, (count, items))
            right = latent < scale * norm.ppf(points / 100)
            predicted.append(np.where(right, gold, (gold + 1) % 3).astype(np.int8))
            rows.append((f"{arm}{seed}", arm, seed))
    runs = pd.DataFrame(rows, columns=["run_id", "arm", "seed"])
    return Answers(runs, LOW, np.arange(items), gold, np.stack(predicted))


@pytest.mark.parametrize("seeds", [3, 6, 8])
def test_at_the_null_a_study_calls_anything_ahead_at_most_as_often_as_its_level_says(seeds):
    """Any of the family's five, and each question alone by the p that would decide it uncorrected."""
    studies, any_ahead, alone = 500, 0, 0
    for number in range(studies):
        random = np.random.default_rng([1, seeds, number])
        table = simulated(random, dict.fromkeys(ARMS, 0.0), seeds)
        answered, skipped = answer_study(table, QUESTIONS, consecutive(3))
        assert not skipped
        any_ahead += any(one.outcome.startswith("ahead") for one in answered)
        [single], _ = answer_study(table, QUESTIONS[:1], consecutive(3))
        alone += single.outcome.startswith("ahead")
    most = 0.05 + 2 * math.sqrt(0.05 * 0.95 / studies)
    assert any_ahead / studies <= most and alone / studies <= most, (any_ahead, alone)


@pytest.mark.parametrize("seeds", [3, 6, 8])
def test_a_planted_effect_of_a_point_and_a_half_is_found_at_the_planned_power(seeds):
    """Planned from the components of other studies; the effect is what those studies show of it on average."""
    parts: list[tuple[float, float, float]] = []
    differences, found, wrong = [], 0, 0
    studies = 500
    for number in range(200 + studies):
        random = np.random.default_rng([2, seeds, number])
        table = simulated(random, {"base": 0.0, "a": 1.5}, seeds)
        [one], _ = answer_study(table, QUESTIONS[:1], consecutive(3))
        if number < 200:
            parts.append((one.components.seed, one.components.premise, one.components.residual))
            differences.append(one.difference)
        else:
            found += one.ahead == "a"
            wrong += one.ahead == "base"
    mean = Components(*np.mean(parts, axis=0))
    effect = float(np.mean(differences))
    assert effect == pytest.approx(1.5, abs=0.25)
    planned = power(effect, mean, seeds, PREMISES)
    error = math.sqrt(planned * (1 - planned) / studies)
    assert found / studies == pytest.approx(planned, abs=0.03 + 2 * error), (found / studies, planned)
    assert wrong <= 5
    # And the plan's own minimum detectable effect is found in four of five.
    [row] = plan(mean, PREMISES, seeds=range(seeds, seeds + 1))
    assert power(row.mde, mean, seeds, PREMISES) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("effect", [0.0, 25.0])
def test_one_run_against_one_run_is_never_marked_by_either_rule(effect):
    for number in range(40):
        table = simulated(np.random.default_rng([3, number]), {"base": 0.0, "a": effect, "b": effect}, 1)
        answered, _ = answer_study(table, QUESTIONS[:2], consecutive(3))
        assert {(one.outcome, one.ahead, one.p) for one in answered} == {("described", None, 1.0)}
        named = table.runs.assign(arm=table.runs["arm"].map({"base": "english-only", "a": "transport", "b": "hybrid"}))
        renamed = Answers(named, table.languages, table.items, table.gold, table.predicted)
        for method in ("first", "crossed"):
            results, _ = answer(Contrasts(renamed, 100, analysis=Analysis(method=method)))
            assert results and {(one.outcome, one.ahead, one.p) for one in results} == {("described", None, 1.0)}
