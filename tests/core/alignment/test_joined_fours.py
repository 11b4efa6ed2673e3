"""Four sentences of XL-WA dev as one text: what that costs in alignment error, by sentence and in one plan."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

from core.data.catalog import open_catalog
from core.data.gold_alignment import gold_sets
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.alignment_error import alignment_error
    from core.alignment.choice import join, readable
    from core.alignment.defaults import chosen_settings
    from core.alignment.linking import link_pairs

pytestmark = [pytest.mark.data, pytest.mark.timeout(1200)]


def error(encoder, pairs, links, settings) -> float:
    found = [frozenset(one.links) for one in link_pairs(encoder, pairs, settings)]
    return alignment_error(links, found).aer


def test_joined_sentences_cost_two_points_where_their_ends_are_found_and_four_where_not(encoder, data_dir):
    found = {"one by one": [], "joined": [], "in one plan": []}
    sets = gold_sets(open_catalog(data_dir), "validation")
    for gold in sets if os.environ.get("ISOGLOSS_ALL") else sets[::2]:  # all ten take a few minutes
        pairs, links = readable(gold.file.pairs, gold.file.links)
        joined, moved = join(pairs, links)
        settings = chosen_settings()
        found["one by one"].append(error(encoder, pairs, links, settings))
        found["joined"].append(error(encoder, joined, moved, settings))
        whole = dataclasses.replace(settings, by_sentence=False)
        found["in one plan"].append(error(encoder, joined, moved, whole))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    print({name: [round(v, 2) for v in values] for name, values in found.items()}, means)
    assert len(found["joined"]) >= 5
    assert means["joined"] - means["one by one"] < 2
    assert means["in one plan"] - means["one by one"] < 4
