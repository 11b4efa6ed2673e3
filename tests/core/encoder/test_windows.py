"""Texts longer than the encoder's reach are read whole in windows that overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    from core.encoder.states import layer_states, token_states
    from core.encoder.tokens import MOST_TOKENS, tokenise, windows

WORDS = [f"word{k} river" for k in range(120)]


def test_every_token_is_taken_once_from_a_window_that_holds_it(encoder):
    row = tokenise(encoder, [" ".join(WORDS)], room=MOST_TOKENS)[0]
    parts = windows(row, 100)
    assert len(parts) > 5 and all(len(part.ids) <= 100 for part in parts)
    taken = {}
    for part in parts:
        assert part.ids[0] == row.ids[0] and part.ids[-1] == row.ids[-1]
        for at, own in zip(part.read, part.own, strict=True):
            assert part.ids[at] == row.ids[row.content[own]] and own not in taken
            taken[own] = at
    assert sorted(taken) == list(range(len(row.content)))
    inner = [at for own, at in taken.items() if 60 < own < len(row.content) - 60]
    assert min(inner) > 20 and max(inner) < 80  # never at an edge


def test_a_text_that_fits_is_one_window(encoder):
    row = tokenise(encoder, ["The cat sleeps."])[0]
    (only,) = windows(row, encoder.max_tokens)
    assert only.ids == row.ids and only.read == row.content


def test_a_long_text_is_read_whole_and_its_states_are_near_those_at_once(encoder):
    short = replace(encoder, max_tokens=128)
    text = " ".join(WORDS[:90]).split()
    cut = token_states(short, [text], 6)[0]
    whole = token_states(short, [text], 6, whole=True)[0]
    once = token_states(encoder, [text], 6)[0]
    assert cut.truncated and not whole.truncated and whole.tokens == once.tokens and len(cut.tokens) < len(whole.tokens)
    np.testing.assert_array_equal(whole.word_of, once.word_of)
    cosines = (whole.states * once.states).sum(1) / np.linalg.norm(whole.states, axis=1)
    cosines /= np.linalg.norm(once.states, axis=1)
    assert cosines.mean() > 0.85 and cosines.min() > 0.5
    layers = layer_states(short, [text, ["one"]], whole=True)[0]
    np.testing.assert_allclose(layers.states[6], whole.states, atol=1e-3)


@pytest.mark.parametrize("whole", [True, False])
def test_texts_that_fit_are_read_alike(encoder, whole):
    texts = ["The cat sleeps.", "猫在睡觉"]
    for one, other in zip(token_states(encoder, texts, 4), token_states(encoder, texts, 4, whole=whole), strict=True):
        np.testing.assert_array_equal(one.states, other.states)
