"""Judgements of held-out objectives on planted data, and the probe."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.language_probe import language_probe
from core.evaluation.objective_test import ObjectiveTest, probe_improved, transport_improved, unless_collapsed
from core.statistics.intervals import wilson
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.evaluation.retrieval import rank_vectors, right_at_one


def test_a_planted_fall_is_seen_and_noise_is_not():
    random = np.random.default_rng(0)
    before = random.gamma(4, 0.1, 200)
    assert transport_improved(before, before - 0.05 + random.normal(0, 0.05, 200)).improved is True
    assert transport_improved(before, before + 0.05 + random.normal(0, 0.05, 200)).improved is False
    false = sum(bool(transport_improved(before, before + random.normal(0, 0.05, 200)).improved) for _ in range(300))
    assert false <= 12


def test_a_probe_that_fails_more_often_is_seen():
    random = np.random.default_rng(1)
    before = random.random(600) < 0.98
    assert probe_improved(before, before & (random.random(600) < 0.9)).improved is True
    assert probe_improved(before, before).improved is False
    assert probe_improved(before & (random.random(600) < 0.9), before).improved is False


def test_an_arm_at_chance_did_not_take_whatever_its_own_objective_says():
    fooled = ObjectiveTest(True, "Objective improved on held-out bitext: a fresh probe names the language less often.")
    assert unless_collapsed(fooled, 33.3, 2490).improved is False
    assert "no better than chance" in unless_collapsed(fooled, 34.0, 2490).sentence
    assert unless_collapsed(fooled, 45.0, 2490) is fooled
    other = ObjectiveTest(None, "This arm has no objective on bitext of its own.")
    assert unless_collapsed(other, 33.3, 2490) is other


def test_the_probe_names_what_is_there_and_only_that():
    random = np.random.default_rng(2)
    language = np.repeat([0, 1, 2], 60)
    noise = random.normal(size=(180, 12))
    assert language_probe(noise + 3 * np.eye(12)[language], language).mean() > 0.95
    assert language_probe(noise, language).mean() < 0.5


def test_wilson_holds_at_the_ends():
    assert wilson(0, 50)[0] == pytest.approx(0.0) and wilson(50, 50)[1] == pytest.approx(100.0)
    assert wilson(0, 0) == (0.0, 100.0)


def test_ranks_are_by_cosine_with_ties_to_the_lower_index():
    candidates = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    order, scores = rank_vectors(np.array([[1.0, 0.0], [0.6, 0.8]]), candidates, 2)
    assert order.tolist() == [[0, 2], [1, 0]] and scores[1, 0] == np.float32(0.8)
    assert right_at_one(candidates, candidates).tolist() == [True, True, False]
