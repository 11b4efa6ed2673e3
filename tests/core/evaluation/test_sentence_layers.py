"""States of sentences at every layer: means over tokens, and kept by what made them."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.encoder.read_as import read_as
    from core.encoder.states import layer_states
    from core.evaluation import sentence_layers as module
    from core.evaluation.sentence_layers import Below, cached_layers, kept_path, sentence_layers, shared_layers
    from core.reading.sharing import share_weights

TEXTS = ["The hen is red.", "Kuku ni mwekundu.", "Where is the roof of the old house by the river?"]


def test_layers_are_means_over_a_sentence_s_tokens(encoder):
    found = sentence_layers(encoder, TEXTS)
    assert found.shape == (encoder.layers + 1, 3, encoder.hidden_size) and found.dtype == np.float16
    alone = sentence_layers(encoder, TEXTS[1:2])
    assert np.abs(alone[:, 0].astype(float) - found[:, 1].astype(float)).max() < 0.02
    own = layer_states(encoder, TEXTS[:1], prefix=True)[0].states.mean(1)
    cosine = (own * found[:, 0]).sum(-1) / np.linalg.norm(own, axis=-1) / np.linalg.norm(found[:, 0], axis=-1)
    assert cosine[-1] > 0.9


def test_what_was_read_once_is_kept(encoder, tmp_path):
    first = cached_layers(tmp_path, encoder, TEXTS)
    told = []
    assert np.array_equal(cached_layers(tmp_path, encoder, TEXTS, lambda *a: told.append(a)), first) and not told
    path = kept_path(tmp_path, encoder, TEXTS)
    path.write_bytes(b"damaged")
    assert np.array_equal(cached_layers(tmp_path, encoder, TEXTS), first)
    assert kept_path(tmp_path, encoder, TEXTS[:2]) != path


def changed_from(encoder, layer):
    """The encoder with other weights from block `layer`, counted from 0, on; those below are the same in memory."""
    model = share_weights(encoder.model)
    for number in range(layer, encoder.layers):
        block = copy.deepcopy(encoder.model.encoder.layer[number])
        with torch.no_grad():
            block.output.dense.weight.mul_(1.5)
        model.encoder.layer[number] = block.requires_grad_(False)
    return dataclasses.replace(encoder, model=model)


@pytest.mark.parametrize("backend", ["torch", "packed"])
def test_layers_that_two_encoders_share_are_read_once(encoder, backend, monkeypatch):
    one = read_as(encoder, "float32", backend)
    other = changed_from(one, encoder.layers - 2)
    assert shared_layers(one, other) == encoder.layers - 2 and shared_layers(one, one) == encoder.layers
    assert shared_layers(one, read_as(encoder, "bfloat16", "torch")) == 0
    alone = sentence_layers(other, TEXTS)
    below = Below(shared_layers(one, other))
    assert np.array_equal(sentence_layers(one, TEXTS, below=below), sentence_layers(one, TEXTS))
    after = sentence_layers(other, TEXTS, below=below)
    np.testing.assert_allclose(after.astype(float), alone.astype(float), atol=2e-3)
    assert np.abs(after[-1].astype(float) - sentence_layers(one, TEXTS)[-1].astype(float)).max() > 0.01

    monkeypatch.setattr(module, "MOST_BYTES", 10)
    small = Below(below.layer)
    sentence_layers(one, TEXTS, below=small)
    assert small.means is None and not small.states
    assert np.array_equal(sentence_layers(other, TEXTS, below=small), alone)
