"""A layer is chosen without gold: where the plans agree; states that are kept are those that were read."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.starter_gold import starter_gold
from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.alignment_error import alignment_error
    from core.alignment.defaults import CHOSEN
    from core.alignment.kept_states import StateShelf
    from core.alignment.layer_choice import choose_layer
    from core.alignment.linking import link_pairs
    from core.data.links import SentenceLinks
    from core.encoder.states import token_states


def test_the_chosen_layer_is_near_the_best_on_hand_linked_pairs(encoder):
    from dataclasses import replace

    pairs = [(gold.source, gold.target) for code in ("de", "sw", "ur") for gold in starter_gold(code)]
    golden = [SentenceLinks(g.sure, g.possible | g.sure) for code in ("de", "sw", "ur") for g in starter_gold(code)]
    chosen = choose_layer(encoder, pairs, CHOSEN)
    assert set(chosen.agreement) == set(range(1, encoder.layers + 1))
    assert all(0 <= value <= 1 for value in chosen.agreement.values())
    errors = {}
    for layer in (chosen.layer, 1, 7, 12):
        linked = link_pairs(encoder, pairs, replace(CHOSEN, layer=layer))
        errors[layer] = alignment_error(golden, [frozenset(one.links) for one in linked]).aer
    assert (
        errors[chosen.layer] <= errors[7] + 4 and errors[chosen.layer] < errors[1] and errors[chosen.layer] < errors[12]
    )


def test_nothing_to_choose_by_is_told(encoder):
    with pytest.raises(BadInput, match="nothing to choose a layer by"):
        choose_layer(encoder, [([], ["a"])], CHOSEN)


def test_kept_states_are_those_that_were_read(encoder, tmp_path):
    texts = [["The", "cat", "sleeps"], ["Two", "words"]]
    shelf = StateShelf(encoder, tmp_path)
    first, again = shelf.at_layer(texts, 3), shelf.at_layer(texts, 3)
    for one, kept, read in zip(first, again, token_states(encoder, texts, 3), strict=True):
        assert (one.tokens, one.words) == (kept.tokens, kept.words) == (read.tokens, read.words)
        np.testing.assert_array_equal(kept.states, read.states)
        np.testing.assert_array_equal(kept.word_of, read.word_of)
    several = shelf.at_layers(texts, [2, 3])
    kept = shelf.at_layers(texts, [3, 2])
    np.testing.assert_array_equal(several[0].states[0], kept[0].states[1])
    np.testing.assert_allclose(several[1].states[1], first[1].states, rtol=2e-3, atol=2e-3)
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    np.testing.assert_array_equal(shelf.at_layer(texts, 3)[0].states, first[0].states)
