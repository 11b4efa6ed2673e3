"""States of sentences at every layer: means over tokens, and kept by what made them."""

from __future__ import annotations

import numpy as np

from tests.support.late import COLLECTING

if not COLLECTING:
    from core.encoder.states import layer_states
    from core.evaluation.sentence_layers import cached_layers, kept_path, sentence_layers

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
