"""LEACE: a fresh linear probe falls to chance, no map of the kind moves states less, and the package agrees."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.erase_language import EraseLanguage, joint_states
    from core.evaluation.language_probe import language_probe


def planted(count=400, width=20, languages=4, seed=0):
    """States whose language shows in their mean, along directions that also carry other things."""
    random = torch.Generator().manual_seed(seed)
    mix = torch.randn(width, width, generator=random)
    language = torch.arange(count * languages) % languages
    offsets = 1.5 * torch.randn(languages, width, generator=random)
    states = torch.randn(len(language), width, generator=random) @ mix + offsets[language] @ mix + 3.0
    return states, language


def test_a_fresh_linear_probe_falls_to_chance():
    states, language = planted()
    erased = EraseLanguage.fit(states, language)(states)
    before, after = (language_probe(s.numpy(), language.numpy()).mean() for s in (states, erased))
    assert before > 0.9 and after < 0.25 + 0.03
    # Also, but for what a sample cannot know, on states that it was not fitted on.
    half = torch.arange(len(language)) // 4 % 2 == 0
    fitted = EraseLanguage.fit(states[half], language[half])
    other, labels = states[~half], language[~half].numpy()
    before, after = (language_probe(s.numpy(), labels).mean() for s in (other, fitted(other)))
    assert before > 0.9 and after < 0.25 + 0.1


def test_every_language_has_the_same_mean_and_nothing_else_of_the_spread_is_lost():
    states, language = planted()
    erased = EraseLanguage.fit(states, language)(states)
    means = torch.stack([erased[language == code].mean(0) for code in range(4)])
    torch.testing.assert_close(means, means.mean(0).expand_as(means), atol=2e-3, rtol=0)
    torch.testing.assert_close(erased.mean(0), states.mean(0), atol=2e-3, rtol=0)
    assert np.linalg.matrix_rank((erased - erased.mean(0)).numpy(), tol=1e-2) == 20 - 3


def test_it_moves_states_less_than_another_projection_that_also_hides_the_language():
    states, language = planted()
    erased = EraseLanguage.fit(states, language)(states)
    means = torch.stack([states[language == code].mean(0) for code in range(4)])
    directions = torch.linalg.svd(means - means.mean(0), full_matrices=False)[2][:3]
    orthogonal = states - (states - states.mean(0)) @ directions.T @ directions
    assert float((erased - states).square().sum()) < float((orthogonal - states).square().sum())


def test_languages_weigh_the_same_however_many_sentences_they_have():
    states, language = planted()
    few = torch.cat([torch.arange(len(language))[language != 0], torch.arange(len(language))[language == 0][:40]])
    fitted = EraseLanguage.fit(states[few], language[few])
    moved = fitted(states[few])
    means = torch.stack([moved[language[few] == code].mean(0) for code in range(4)])
    torch.testing.assert_close(means, means.mean(0).expand_as(means), atol=2e-3, rtol=0)


def test_it_is_the_papers_own_code_without_shrinkage():
    package = pytest.importorskip("concept_erasure")
    states, language = planted()
    states = states.double()
    marks = torch.nn.functional.one_hot(language).double()
    theirs = package.LeaceFitter.fit(states, marks, shrinkage=False, constrain_cov_trace=False, svd_tol=1e-9).eraser(
        states
    )
    torch.testing.assert_close(EraseLanguage.fit(states, language)(states), theirs, atol=1e-6, rtol=0)


def test_one_language_cannot_be_erased():
    with pytest.raises(BadInput, match="at least two languages"):
        EraseLanguage.fit(torch.randn(5, 3), torch.zeros(5, dtype=torch.long))


def test_states_are_read_two_by_two_with_english_as_a_language(encoder):
    setting = make_setting(encoder)
    model, batches = setting.model(), [setting.bitext(k) for k in range(3)]
    states, language = joint_states(model, batches)
    assert len(states) == len(language) and set(language.tolist()) == {0, 1, 2}
    sides = [2 * len(batch.joint.language) for batch in batches]
    assert len(states) == 2 * sum(sides) and int((language == 0).sum()) == sum(sides)
