"""Where a score is cut and what the cut is worth: the best of all cuts, noise that is there, honest intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bitext import noise
from core.bitext.combined import COMBINED, fit
from core.bitext.cut import already_noisy, best_cut, detection_metrics, expected_metrics, f1_at
from core.bitext.noise_score import NAMES
from core.bitext.score_calibration import FITTED, SCORES, ScoreCalibration
from tests.support.calibrations import calibration, own_scores


@given(st.lists(st.integers(0, 8), min_size=1, max_size=25), st.lists(st.integers(0, 8), min_size=1, max_size=25))
def test_the_best_cut_is_the_best_of_all_cuts(clean, noise):
    good, bad = np.array(clean, float), np.array(noise, float)
    tried = [detection_metrics(good, bad, cut - 0.5).f1 for cut in range(0, 10)]
    assert detection_metrics(good, bad, best_cut(good, bad)).f1 == pytest.approx(max(tried))


def test_noise_that_is_there_already_is_estimated_and_found_without_blame():
    drawn = np.random.default_rng(0)
    clean, there, planted = drawn.normal(0, 1, 8000), drawn.normal(3, 1, 2000), drawn.normal(3, 1, 2500)
    observed = np.concatenate([clean, there])
    share = already_noisy(observed, planted)
    assert abs(share - 0.2) < 0.05 and already_noisy(clean, planted) < 0.05
    assert already_noisy(planted, planted) > 0.8 and already_noisy(clean, np.zeros(3)) <= 0.9
    told = best_cut(observed, planted, share)
    every = max(detection_metrics(clean, there, cut).f1 for cut in np.linspace(-1, 5, 121))
    assert detection_metrics(clean, there, told).f1 > every - 1
    # What finding it is worth is told right; counted as errors, the noise that was there would hide a third of it.
    assert f1_at(observed, planted, told, share) == pytest.approx(detection_metrics(clean, there, told).f1, abs=3)
    assert f1_at(observed, planted, told) < detection_metrics(clean, there, told).f1 - 20


def test_the_detection_metrics_of_a_cut():
    found = detection_metrics(np.array([0.1, 0.2, 0.3, 0.9]), np.array([0.8, 0.95]), 0.5)
    assert (found.found, found.planted) == (3, 2)
    assert found.precision == pytest.approx(100 * 2 / 3) and found.recall == 100.0
    assert found.precision_low < found.precision < found.precision_high and found.recall_low < 100.0
    nothing = detection_metrics(np.array([0.1]), np.array([0.2]), 5.0)
    assert np.isnan(nothing.precision) and nothing.recall == 0.0 and nothing.f1 == 0.0


def test_a_pair_that_was_flagged_before_does_not_count_as_found():
    own = np.arange(100) < 20
    before, after = np.arange(50) < 10, np.arange(50) < 30
    found = expected_metrics(own, before, after, 1000)
    assert (found.found, found.planted) == (20, 40) and found.recall == 50.0
    # All that was flagged before may have been false alarms: then 30 of 50 would be found, and some more.
    assert found.recall_low < 50 < 60 < found.recall_high
    nothing = expected_metrics(own, np.ones(3, bool), np.ones(3, bool), 1000)
    assert nothing.planted == 0 and np.isnan(nothing.recall)


def test_precision_reaches_from_all_false_alarms_to_none():
    own = np.arange(1000) < 100
    before, after = np.zeros(200, bool), np.ones(200, bool)
    found = expected_metrics(own, before, after, 1000, damaged=0.5)
    assert found.precision == pytest.approx(100 * 0.2 / (0.2 + 0.8 * 0.1))
    assert found.precision_low < found.precision and found.precision_high == 100.0
    assert expected_metrics(own, before, after, 1000, damaged=0.0).precision_high < 80


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.03, 0.5, 0.9])
@pytest.mark.parametrize("alarms", [0.0, 0.15])
def test_the_interval_of_recall_holds_for_the_bitexts_own_damage(rate, alarms):
    """Of 600 bitexts with 40 pairs of a kind that a rule finds at `rate`, 95 % lie within, less drawing error."""
    drawn = np.random.default_rng(5)
    within = 0
    for _ in range(600):
        own = drawn.random(1000) < alarms
        before = own[:200]
        after = before | (drawn.random(200) < rate)
        true = 100 * (drawn.random(40) < rate + alarms * (1 - rate)).mean()
        found = expected_metrics(own, before, after, 40)
        within += found.recall_low - 1e-9 <= true <= found.recall_high + 1e-9
    assert within / 600 > 0.93


def test_the_combined_score_finds_what_single_ones_miss():
    """Misaligned pairs are far in cosine, joined and truncated ones in length, garbled ones in transport."""
    own = own_scores(400)
    made = calibration(own, far={kind: 0.0 for kind in noise.KINDS})
    moved = {"cosine": -0.15, "length": 0.6, "transport": 0.6}
    kinds = dict(zip(FITTED, ("cosine", "cosine", "length", "length", "transport"), strict=True))
    for kind, column in kinds.items():
        made.planted[kind].scores[:, NAMES.index(column)] += moved[column]
    cut = made.cut(COMBINED)
    found = {kind: made.metrics(COMBINED, kind, cut).recall for kind in kinds}
    assert made.best == COMBINED and min(found.values()) > 65
    single = [min(made.metrics(name, kind, made.cut(name)).recall for kind in found) for name in NAMES]
    assert max(single) < 60


def test_nothing_planted_gives_weights_of_nothing():
    own = own_scores(20)
    assert set(fit(own, own[:0], 0.0).weights) == {0.0}


def test_a_calibration_comes_back_from_its_document():
    made = calibration(own_scores(60), far={noise.NUMBER: 0.0})
    again = ScoreCalibration.from_document(made.document())
    assert again is not None and again.pairs == made.pairs and again.best == made.best
    for name in SCORES:
        assert again.cut(name) == pytest.approx(made.cut(name), abs=1e-3)
    assert set(again.missed(again.best, again.cut(again.best))) == {noise.NUMBER}
    assert (
        ScoreCalibration.from_document({"clean": [], "spoilt": {}}) is None
        and ScoreCalibration.from_document(None) is None
    )


def test_filters_find_with_the_cut_what_it_does_not():
    made = calibration(own_scores(100), far={noise.LANGUAGE: 0.0})
    made.planted[noise.LANGUAGE].filtered[:] = True
    cut = made.cut(made.best)
    assert made.metrics(made.best, noise.LANGUAGE, cut).recall < 10
    assert made.metrics(made.best, noise.LANGUAGE, cut, filters=True).recall == 100.0
    assert made.filter_metrics(noise.LANGUAGE).recall == 100.0
    assert noise.LANGUAGE in made.missed(made.best, cut) and noise.LANGUAGE not in made.missed(made.best, cut, True)
