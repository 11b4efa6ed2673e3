"""Bitext read two sentences at a time, in the form in which the classifier reads premise and hypothesis."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration

if not COLLECTING:
    import torch

    from core.arms.base import Step
    from core.arms.registry import find_arm
    from core.model.batches import encode_pairs, encode_texts
    from core.model.bitext_batch import collate_bitext, join_texts, signs_between
    from core.model.nli import pooled
    from core.model.weights import frozen, new_model
    from core.training.arm import train_arm, update_generator
    from core.training.bitext_pairs import BitextBatches
    from core.training.english import EnglishBatches
    from core.training.loop import TrainingState

TEXTS = ["The ferry was late.", "Nobody waited, and the kiosk had closed.", "น้ำท่วมถนน"]


def test_joined_sentences_are_what_the_tokeniser_makes_of_the_pair(encoder):
    alone = encode_texts(encoder, TEXTS, 64)
    for a, b in ((0, 1), (2, 0), (1, 1)):
        joined = join_texts(alone[a], alone[b], signs_between(encoder))
        (pair,) = encode_pairs(encoder, [(TEXTS[a], TEXTS[b])], None, 128)
        np.testing.assert_array_equal(joined.ids, pair.ids)
        np.testing.assert_array_equal(joined.part, pair.part)
        np.testing.assert_array_equal(joined.own, pair.part > 0)


def test_every_sentence_stands_in_the_joint_batch_beside_one_of_its_language(encoder):
    rows = list(zip(encode_texts(encoder, TEXTS * 2, 64), encode_texts(encoder, TEXTS * 2, 64), strict=True))[:5]
    batch = collate_bitext(rows, [0, 0, 0, 1, 1], 1, signs_between(encoder))
    assert batch.joint is not None and batch.joint.language.tolist() == [0, 0, 1]
    assert batch.joint.sentence_language.tolist() == [0, 0, 1, 0, 0, 1]
    assert batch.sentence_language is not None and batch.sentence_language.tolist() == [0, 0, 0, 1, 1]
    first, second = batch.joint.english.parts
    assert not (first & second).any() and torch.equal(first | second, batch.joint.english.own)
    # Two by two; the third of three sentences goes with the first.
    assert first.sum(1).tolist() == [int(rows[k][0].own.sum()) for k in (0, 2, 3)]
    assert second.sum(1).tolist() == [int(rows[k][0].own.sum()) for k in (1, 0, 4)]
    states = torch.randn(*batch.joint.english.ids.shape, 4)
    means = batch.joint.english.means(states)
    assert torch.equal(means[:3], pooled(states, first)) and torch.equal(means[3:], pooled(states, second))
    order = torch.tensor([2, 0, 1])
    assert torch.equal(batch.joint.english.rows(order).means(states[order])[:3], means[order])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings", "logged"),
    [
        ("transport", {"token_layer": 2, "anchor_weight": 0.0, "token_weight": 20.0}, "transport_token"),
        ("transport-shuffled", {"token_layer": 2}, "transport_token"),
        ("mean-matching", {"token_layer": 2}, "mean_matching_last"),
        ("adversarial", {}, "adversarial_language"),
        ("hybrid", {"token_layer": 2}, "transport_token"),
    ],
)
def test_an_arm_that_reads_jointly_trains_on_joint_states(tiny, starter, name, settings, logged):
    config = configuration(name, updates=20)
    english = EnglishBatches(tiny, starter, config.training, 0)
    bitexts = [starter.training_bitext(code) for code in ("sw", "th")]
    bitext = BitextBatches(tiny, bitexts, dataclasses.replace(config.data, bitext_batch=8), 20, 0)
    values = {}
    for joint in (False, True):
        model = new_model(tiny, MODEL, 0)
        model.fit_scale([english.pairs(k) for k in range(4)])
        kind = find_arm(name)
        arm = kind(kind.parse_settings(settings | {"joint": joint}), frozen(model), ("sw", "th"), 0)
        step = Step(english.pairs(0), bitext(0), 1.0, update_generator(0, 0))
        values[joint] = arm.loss(model, step).logged[logged]
        state = train_arm(model, arm, lambda k: (english.pairs(k), bitext(k)), config.training, 0, TrainingState())
        if name == "transport" and joint:
            curve = [value for _, found, value in state.curves if found == logged]
            assert np.mean(curve[-5:]) < np.mean(curve[:5])
    assert values[True] != values[False]
