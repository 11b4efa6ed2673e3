"""A study's verdict: hand-worked values, error rates over whole studies, and what is never marked."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from core.statistics.crossed import Components
from core.statistics.power import power
from core.verdict.answers import Answers
from core.verdict.paired_values import consecutive, paired_values
from core.verdict.study_answers import BenchmarkAnswers, Contrast, answer_benchmarks, answer_study

LOW = ("hi", "sw", "th")
QUESTION = Contrast("low", "a", "base", LOW)
PREMISES = 150


def answers_of(right: dict[tuple[str, int], np.ndarray], languages: tuple[str, ...] = LOW) -> Answers:
    """Answers from what each run has right, [L, I]; gold is item % 3, a wrong answer the next label."""
    keys = sorted(right)
    gold = np.tile(np.arange(right[keys[0]].shape[1]) % 3, (len(languages), 1)).astype(np.int8)
    predicted = np.stack([np.where(right[key], gold, (gold + 1) % 3) for key in keys]).astype(np.int8)
    runs = pd.DataFrame(
        {"run_id": [f"{a}{s}" for a, s in keys], "arm": [a for a, _ in keys], "seed": [s for _, s in keys]}
    )
    return Answers(runs, languages, np.arange(gold.shape[1]), gold, predicted)


def simulated(
    random: np.random.Generator, effects: dict[str, float], seeds: int, warm_sd: float = 2.0, seed_sd: float = 0.6
) -> Answers:
    """Runs of every arm at every seed: a warm start's level (SD `warm_sd`) that its arms share, and a run's own."""
    items = 3 * PREMISES
    level = np.repeat(random.normal(0, 0.5, PREMISES), 3) + random.normal(0, 0.6, (len(LOW), items))
    warm = random.normal(0, warm_sd, seeds)
    right = {}
    for arm, effect in effects.items():
        view = np.repeat(random.normal(0, 0.25, PREMISES), 3)
        for seed in range(seeds):
            points = 60 + warm[seed] + effect + random.normal(0, seed_sd)
            latent = level + view + random.normal(0, 0.5, (len(LOW), items))
            # An accuracy of 60 falls by some .26 of a unit's threshold; a point is about 1 / 38.
            right[arm, seed] = latent < (points - 50) / 38 * 0.96
    return answers_of(right)


def test_the_values_average_to_the_difference_by_hand():
    """Two premises of three items, one language: first has 4 of 6, second 3 of 6, seed 0; the same at seed 1."""
    first, second = np.array([[1, 1, 1, 1, 0, 0]], bool), np.array([[1, 1, 0, 1, 0, 0]], bool)
    table = answers_of({("a", 0): first, ("base", 0): second, ("a", 1): first, ("base", 1): second}, ("sw",))
    found = paired_values(table, "a", "base", ("sw",), consecutive(3))
    assert found is not None and found.seeds == (0, 1) and found.items == 6
    assert found.values.mean(1) == pytest.approx([100 / 6, 100 / 6])
    assert found.values[0] == pytest.approx([100 / 3, 0.0])


def test_unequal_clusters_and_languages_still_average_to_the_difference():
    random = np.random.default_rng(4)
    table = simulated(random, {"a": 1.0, "base": 0.0}, 3)
    predicted = table.predicted.copy()
    predicted[:, 0, ::4] = -1
    few = Answers(table.runs, table.languages, table.items, table.gold, predicted)
    found = paired_values(few, "a", "base", LOW, consecutive(3))
    assert found is not None
    assert found.values.mean(1) == pytest.approx((found.first - found.second).mean(1))


def test_one_run_against_one_run_is_never_marked():
    random = np.random.default_rng(0)
    for effect in (0.0, 20.0):
        [answer], _ = answer_study(simulated(random, {"a": effect, "base": 0.0}, 1), [QUESTION], consecutive(3))
        assert answer.outcome == "described" and answer.ahead is None and answer.p == 1.0 and answer.low < answer.high


def test_the_same_predictions_are_no_question():
    table = simulated(np.random.default_rng(1), {"a": 0.0, "base": 0.0}, 3)
    predicted = table.predicted.copy()
    predicted[:3] = predicted[3:]
    answered, skipped = answer_study(
        Answers(table.runs, table.languages, table.items, table.gold, predicted), [QUESTION], consecutive(3)
    )
    assert not answered and "same predictions" in skipped[0].reason


def test_an_arm_that_no_question_names_flips_nothing():
    random = np.random.default_rng(2)
    effects = {"a": 1.6, "b": 1.0, "base": 0.0}
    questions = [QUESTION, Contrast("low", "b", "base", LOW)]
    table = simulated(random, effects | {"imported": 8.0}, 6)
    few = table.runs["arm"] != "imported"
    without = Answers(
        table.runs[few].reset_index(drop=True),
        table.languages,
        table.items,
        table.gold,
        table.predicted[few.to_numpy()],
    )
    assert answer_study(table, questions, consecutive(3)) == answer_study(without, questions, consecutive(3))


def test_holm_is_within_the_family_and_both_outcomes_at_once_are_told():
    table = simulated(np.random.default_rng(3), {"a": 9.0, "base": 0.0}, 6, seed_sd=0.1)
    wide = Contrast("low", "a", "base", LOW, margin=50.0, family="other")
    answered, _ = answer_study(table, [QUESTION, wide], consecutive(3))
    assert answered[0].outcome == "ahead" and answered[1].outcome == "ahead within the margin"
    assert [one.family_size for one in answered] == [1, 1] and answered[0].ahead == "a"


def test_an_effect_in_one_language_is_not_one_effect():
    table = simulated(np.random.default_rng(5), {"a": 0.0, "base": 0.0}, 6)
    predicted = table.predicted.copy()
    lucky = np.random.default_rng(6).random(predicted.shape[2]) < 0.3
    predicted[:6, 1, lucky] = table.gold[1, lucky]
    [answer], _ = answer_study(
        Answers(table.runs, table.languages, table.items, table.gold, predicted), [QUESTION], consecutive(3)
    )
    assert answer.one_effect < 0.01 and max(answer.by_language, key=lambda one: one.difference).language == "sw"
    [plain], _ = answer_study(table, [QUESTION], consecutive(3))
    assert plain.one_effect > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 6, 8])
def test_the_whole_verdict_keeps_its_level_at_the_null(seeds):
    """Three questions of one family: any of them called ahead at most as often as the level says."""
    questions = [QUESTION, Contrast("low", "b", "base", LOW), Contrast("low", "a", "b", LOW)]
    studies, wrong = 300, 0
    for number in range(studies):
        random = np.random.default_rng([seeds, number])
        answered, _ = answer_study(
            simulated(random, {"a": 0.0, "b": 0.0, "base": 0.0}, seeds), questions, consecutive(3)
        )
        wrong += any(one.outcome.startswith("ahead") for one in answered)
    assert wrong / studies <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 6, 8])
def test_a_planted_effect_is_found_at_the_planned_power(seeds):
    """Planned from the mean components of a first part of the studies, found in the others."""
    parts: list[tuple[float, float, float]] = []
    found = []
    differences = []
    for number in range(600):
        random = np.random.default_rng([7, seeds, number])
        [answer], _ = answer_study(simulated(random, {"a": 1.5, "base": 0.0}, seeds), [QUESTION], consecutive(3))
        if number < 200:
            parts.append((answer.components.seed, answer.components.premise, answer.components.residual))
            differences.append(answer.difference)
        else:
            found.append(answer.outcome.startswith("ahead") and answer.ahead == "a")
    mean = Components(*np.mean(parts, axis=0))
    planned = power(float(np.mean(differences)), mean, seeds, PREMISES)
    error = math.sqrt(planned * (1 - planned) / len(found))
    assert np.mean(found) == pytest.approx(planned, abs=0.03 + 2 * error)


def test_a_family_is_corrected_over_all_its_benchmarks_and_each_has_its_own_clusters():
    random = np.random.default_rng(5)
    first, second = (simulated(random, {"a": 2.0, "base": 0.0}, 4) for _ in range(2))
    other = dataclasses.replace(QUESTION, benchmark="other")
    absent = dataclasses.replace(QUESTION, benchmark="absent")
    material = {"": BenchmarkAnswers(first, consecutive(3)), "other": BenchmarkAnswers(second, consecutive(1))}
    answered, skipped = answer_benchmarks(material, [QUESTION, other, absent])
    assert [one.clusters for one in answered] == [PREMISES, 3 * PREMISES]
    assert [one.family_size for one in answered] == [2, 2]
    alone = [answer_benchmarks(material, [question])[0][0] for question in (QUESTION, other)]
    assert [one.difference for one in answered] == [one.difference for one in alone]
    assert all(one.p >= by_itself.p for one, by_itself in zip(answered, alone, strict=True))
    assert [one.contrast for one in skipped] == [absent] and "absent" in skipped[0].reason
