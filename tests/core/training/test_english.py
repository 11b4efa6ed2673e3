"""Which English pairs a run reads: sets of two labels are no training sets."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.data.records import NLIItem, NLISet
from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.training.english import training_pairs


def catalog(*labels):
    """Training sets, one for each of `labels`, with an item of each of its labels."""
    sets = [
        NLISet(f"set {k}", "train", "en", tuple(NLIItem(i, f"p {i}", f"h {i}", label) for i, label in enumerate(own)))
        for k, own in enumerate(labels)
    ]
    return SimpleNamespace(nli_training=lambda: sets)


def test_all_sets_together_have_the_three_labels():
    assert len(training_pairs(catalog((0, 1), (2,)), 3, 0)) == 3
    with pytest.raises(BadInput, match="no pair labelled contradiction.*two labels"):
        training_pairs(catalog((0, 1)), 2, 0)
    with pytest.raises(BadInput, match="no pair labelled contradiction"):
        training_pairs(catalog((0, 1), (2,)), 2, 0, repeats={"set 1": 0})
