"""The order of the bitext: mixed as it was, or one language a batch."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from core.errors import BadInput
from core.training.schedule import one_language_batches
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.training.bitext_pairs import BitextBatches

LENGTHS = [np.random.default_rng(code).integers(3, 40, size).tolist() for code, size in enumerate((300, 90, 150))]


def test_every_batch_has_one_language_and_languages_take_turns():
    batches = one_language_batches(LENGTHS, 24, 31, seed=0)
    codes = [{code for code, _ in batch} for batch in batches]
    assert len(batches) == 31 and all(len(batch) == 24 for batch in batches) and all(len(one) == 1 for one in codes)
    counts = Counter(code for one in codes for code in one)
    assert max(counts.values()) - min(counts.values()) <= 1
    rounds = [set().union(*codes[k : k + 3]) for k in range(0, 30, 3)]
    assert all(turn == {0, 1, 2} for turn in rounds)


def test_a_pass_uses_no_pair_twice_and_sizes_are_alike_within_a_batch():
    batches = one_language_batches(LENGTHS, 24, 30, seed=0)
    first = [index for batch in batches for code, index in batch if code == 0]
    assert len(set(first[:240])) == 240
    spans = [np.ptp([LENGTHS[code][i] for code, i in batch]) for batch in batches]

    assert np.mean(spans) < 15


def test_the_seed_decides_the_order():
    assert one_language_batches(LENGTHS, 24, 12, 0) == one_language_batches(LENGTHS, 24, 12, 0)
    assert one_language_batches(LENGTHS, 24, 12, 0) != one_language_batches(LENGTHS, 24, 12, 1)


def test_fewer_pairs_than_a_batch_are_all_in_it():
    batches = one_language_batches([[5] * 10, [5] * 50], 24, 4, 0)
    assert sorted({len(batch) for batch in batches}) == [10, 24]


def test_the_setting_chooses_the_order_and_counts_in_the_identity(tiny, starter):
    config = configuration("transport", updates=6)
    by_language = dataclasses.replace(config.data, bitext_order="by-language")
    bitexts = [starter.training_bitext(code) for code in ("sw", "th")]
    batches = BitextBatches(tiny, bitexts, by_language, 6, 0)
    assert all(len(set(batches(k).language.tolist())) == 1 for k in range(6))
    mixed = BitextBatches(tiny, bitexts, config.data, 6, 0)
    assert all(len(set(mixed(k).language.tolist())) == 2 for k in range(6))
    assert dataclasses.replace(config, data=by_language).run_id != config.run_id
    assert "bitext_order" not in config.as_dict()["data"]
    with pytest.raises(BadInput, match="mixed or by-language, not 'sorted'"):
        BitextBatches(tiny, bitexts, dataclasses.replace(config.data, bitext_order="sorted"), 6, 0)
