"""Which order of labels or shift of item ids makes gold labels fit, and who disagrees with the rest."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from core.data.records import LABELS
from core.verdict.gold_agreement import find_disagreement, fit_gold

RANDOM = np.random.default_rng(0)
IDS = np.arange(200)
GOLD = RANDOM.integers(0, 3, 200)


@pytest.mark.parametrize("order", [o for o in permutations(range(3)) if o != (0, 1, 2)])
def test_another_order_of_labels_is_found(order):
    """`order` says what each written label means; the right labels come back through it."""
    written = np.argsort(order)[GOLD]
    fit = fit_gold(IDS, written, IDS, GOLD)
    assert fit.order == order and fit.shift is None and fit.convincing
    assert f"stood for {', '.join(LABELS[k] for k in order)}" in fit.sentence


@pytest.mark.parametrize("begins", [1, 7, 3000])
def test_another_first_item_is_found(begins):
    fit = fit_gold(IDS + begins, GOLD, IDS, GOLD)
    assert fit.shift == -begins and fit.order is None
    assert f"its item ids were {begins} lower (they begin at {begins})" in fit.sentence


def test_ids_from_one_are_found_where_a_run_read_a_part():
    fit = fit_gold(IDS[60:160] + 1, GOLD[60:160], IDS, GOLD)
    assert fit.shift == -1


def test_other_data_fit_in_no_way():
    fit = fit_gold(IDS, RANDOM.integers(0, 3, 200), IDS, GOLD)
    assert fit.order is None and fit.shift is None and not fit.convincing
    assert "read on other data" in fit.sentence


def test_a_handful_of_items_convinces_nobody():
    fit = fit_gold(IDS[:9], (GOLD[:9] + 1) % 3, IDS[:9], GOLD[:9])
    assert fit.order is not None and not fit.convincing


def table(**golds: np.ndarray) -> pd.DataFrame:
    parts = [pd.DataFrame({"run_id": run, "language": "en", "item_id": IDS, "gold": gold}) for run, gold in
             golds.items()]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_the_odd_run_is_the_one_that_most_others_contradict():
    one = GOLD.copy()
    one[:5] = (one[:5] + 1) % 3
    found = find_disagreement(table(a=GOLD, b=GOLD, c=one, d=GOLD))
    assert found.odd == {"c": 5} and found.tied == ()
    assert find_disagreement(table(a=GOLD, b=GOLD)).odd == {}


def test_two_against_one_another_are_tied_unless_one_is_trusted():
    other = (GOLD + 1) % 3
    assert find_disagreement(table(a=GOLD, b=other)).tied == ("a", "b")
    assert find_disagreement(table(a=GOLD, b=other), trusted=["a"]).odd == {"b": 200}
    assert find_disagreement(table(a=GOLD, b=other, c=other), trusted=["a"]).odd == {"b": 200, "c": 200}
