"""Maps of sentences: true components, a fixed seed, turned without stretching, and neighbours by cosine."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.evaluation.sentence_map import explained, nearest, sample, sentence_map


def states(n: int = 60, d: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)) * np.linspace(5, 0.1, d) + 3.0


def test_components_are_those_of_the_singular_vectors():
    values = states()
    points = sentence_map(values)
    centred = values - values.mean(0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(points) == pytest.approx(np.abs(left[:, :2] * sizes[:2]))
    assert np.array_equal(points, sentence_map(values))
    assert explained(values) == pytest.approx(100 * (sizes[:2] ** 2).sum() / (sizes**2).sum())


def test_a_map_beside_another_is_turned_and_never_stretched():
    values = states()
    first = sentence_map(values)
    turned = values @ np.linalg.qr(np.random.default_rng(1).normal(size=(12, 12)))[0]
    assert sentence_map(turned, beside=first) == pytest.approx(first, abs=1e-6)
    small = sentence_map(values * 0.1, beside=first)
    assert np.abs(small).max() == pytest.approx(0.1 * np.abs(first).max()), "what drew together stays so"


def test_tsne_has_a_fixed_seed():
    values = states(30)
    assert np.array_equal(sentence_map(values, "t-SNE"), sentence_map(values, "t-SNE"))


def test_too_few_sentences_are_refused_and_equal_ones_drawn():
    with pytest.raises(BadInput, match="at least three sentences"):
        sentence_map(states(2))
    same = np.ones((5, 4))
    assert np.allclose(sentence_map(same), 0) and np.isnan(explained(same))


def test_the_nearest_leave_the_sentence_itself_out():
    values = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [-1.0, 0.0]])
    found = nearest(values, 0, 2)
    assert [i for i, _ in found] == [1, 2] and found[0][1] == pytest.approx(0.9 / np.hypot(0.9, 0.1))


def test_a_sample_keeps_translations_together():
    groups = [k % 50 for k in range(200)]
    kept = sample(groups, 80)
    assert len(kept) == 80 and all(sum(groups[i] == g for i in kept) == 4 for g in {groups[i] for i in kept})
    assert sample(groups, 200) == list(range(200))
