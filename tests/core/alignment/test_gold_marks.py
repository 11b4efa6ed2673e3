"""Links against gold: a hand-worked example, and the gold alignments that come with the project."""

from __future__ import annotations

import pytest

from core.alignment.gold_links import judge
from core.data.starter_gold import Gold, gold_languages, starter_gold

GOLD = Gold(("a", "b", "c"), ("x", "y", "z"), frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1), (2, 1)}))


def test_a_hand_worked_example():
    # A = 3 links, S = 2; A and S share 1, A and P share 2: AER = 1 - (1 + 2) / (3 + 2) = 0.4.
    judged = judge([(0, 0), (2, 1), (2, 2)], GOLD)
    assert judged.error_rate == pytest.approx(40.0)
    assert judged.hit == {(0, 0), (2, 1)} and judged.missed == {(1, 1)} and judged.spurious == {(2, 2)}


def test_the_sure_links_have_no_error_and_possible_ones_do_no_harm():
    assert judge(GOLD.sure, GOLD).error_rate == 0.0
    assert judge(GOLD.possible, GOLD).error_rate == 0.0
    assert judge([], GOLD).error_rate == 100.0


def test_the_starter_set_has_forty_linked_pairs_within_their_sentences():
    codes = gold_languages()
    pairs = [pair for code in codes for pair in starter_gold(code)]
    assert len(codes) == 8 and len(pairs) == 40
    for pair in pairs:
        assert pair.sure and pair.sure <= pair.possible
        assert all(i < len(pair.source) and j < len(pair.target) for i, j in pair.possible)
