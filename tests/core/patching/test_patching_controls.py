"""The controls of transport patching: by hand, on the small model, and what may be claimed after them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.catalog import starter_catalog
from core.patching.recorded import (
    CLAIMS,
    MONOTONE,
    OTHER_ITEM,
    OTHER_LANGUAGE,
    PLAN,
    RIGHT_BEFORE,
    SHUFFLED,
    measured_controls,
    surviving,
    tell_patching,
)
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL

if not COLLECTING:
    from core.model.weights import frozen, new_model
    from core.patching.controls import (
        beside,
        measure_controls,
        monotone,
        other_language,
        summarise_controls,
    )
    from core.patching.effect import Translated, select_items
    from core.patching.patch import PartPlan


@pytest.fixture(scope="module")
def items():
    texts, english = (starter_catalog().xnli("validation", code).items for code in ("sw", "en"))
    return [Translated("sw", a.id, a.label, a, b) for a, b in zip(texts[:4], english[:4], strict=True)]


@pytest.mark.parametrize(("n", "m"), [(3, 3), (2, 4), (5, 2)])
def test_the_monotone_map_is_the_diagonal_with_equal_masses(n, m):
    made = monotone(PartPlan(1, list(range(n)), list(range(m)), np.full((n, m), 1 / (n * m)), 1.0)).plan
    assert made.sum(1) == pytest.approx(np.full(n, 1 / n)) and made.sum(0) == pytest.approx(np.full(m, 1 / m))
    centre = (made @ np.arange(m)) / made.sum(1)
    assert (np.diff(centre) >= 0).all(), "no token is sent before the one before it"
    if n == m:
        assert made == pytest.approx(np.eye(n) / n)
    if (n, m) == (2, 4):
        assert made == pytest.approx(np.array([[0.25, 0.25, 0, 0], [0, 0, 0.25, 0.25]]))


def test_another_item_is_of_another_premise_and_drawn_by_seed(items):
    catalog = starter_catalog()
    code = other_language(catalog, "validation", ["sw"])
    assert code == "fr" and other_language(catalog, "validation", ["sw"], "de") == "de"
    draws = [beside(items, catalog, "validation", code, seed) for seed in (0, 0, 1, 2, 3)]
    assert draws[0] == draws[1] and any(draws[0] != other for other in draws[2:])
    for (_, item_id), one in draws[0].items():
        assert one.other.id // 3 != item_id // 3 and one.elsewhere is not None and one.elsewhere.id == item_id
    texts = {item.id: item for item in catalog.xnli("validation", "fr").items}
    assert all(one.elsewhere == texts[item_id] for (_, item_id), one in draws[0].items())


def test_every_item_and_layer_has_every_condition_and_the_same_seed_the_same_rows(items, tiny):
    model = frozen(new_model(tiny, MODEL, 0))
    others = beside(items, starter_catalog(), "validation", "fr", 0)
    made = [measure_controls(model, tiny, items, "flipped", others, (0, 1), draws=3) for _ in range(2)]
    pd.testing.assert_frame_equal(*made)
    names = {"as read", "English, as read", PLAN, SHUFFLED, MONOTONE, OTHER_ITEM, OTHER_LANGUAGE}
    by_item = made[0].groupby(["item_id", "layer"])["condition"].agg(set)
    assert len(by_item) == 8 and all(one == names for one in by_item)
    assert made[0]["right"].between(0, 1).all()


def drawn(random, premises, rates, kept=None):
    """Rows of flipped items, right under each condition at its rate, and of items that stay right at `kept`."""
    rows = []
    for item_id in range(0, 3 * premises, 3):
        rows += [("sw", item_id, 0, 4, "flipped", name, float(random.random() < rate)) for name, rate in rates.items()]
        if kept is not None:
            rows += [("sw", item_id, 0, 4, "kept", "as read", 1.0)]
            rows += [("sw", item_id, 0, 4, "kept", PLAN, float(random.random() < kept))]
    return pd.DataFrame(rows, columns=["language", "item_id", "gold", "layer", "kind", "condition", "right"])


def test_only_what_its_control_leaves_is_claimed():
    rates = {PLAN: 0.7, SHUFFLED: 0.7, MONOTONE: 0.5, OTHER_ITEM: 0.3, OTHER_LANGUAGE: 0.75}
    rows = drawn(np.random.default_rng(0), 400, rates, kept=0.8)
    table = summarise_controls(rows).set_index("control")
    assert table.loc[[OTHER_ITEM, MONOTONE], "survives"].all()
    assert not table.loc[[SHUFFLED, OTHER_LANGUAGE, RIGHT_BEFORE], "survives"].any()
    assert surviving(table.reset_index(), 4, "sw") == [CLAIMS[OTHER_ITEM], CLAIMS[MONOTONE]]
    own = rows[rows["kind"] == "flipped"].pivot_table(index="item_id", columns="condition", values="right")
    change = own[PLAN] - own[OTHER_ITEM]
    assert table.loc[OTHER_ITEM, "difference"] == pytest.approx(100 * change.mean())
    reach = 196 * change.std(ddof=1) / np.sqrt(400)
    half = (table.loc[OTHER_ITEM, "high"] - table.loc[OTHER_ITEM, "low"]) / 2
    assert half == pytest.approx(reach, rel=0.08)
    assert table.loc[RIGHT_BEFORE, "high"] < 0 and table.loc[RIGHT_BEFORE, "controlled"] == 100


def test_too_few_premises_let_nothing_survive():
    table = summarise_controls(drawn(np.random.default_rng(0), 12, {PLAN: 1.0, OTHER_ITEM: 0.0}))
    assert table["low"].tolist() == [100.0] and not table["survives"].any() and surviving(table, 4, "sw") == []


@pytest.mark.slow
def test_at_the_null_few_claims_survive():
    """A one-sided half of a 95 % interval: about 1 in 40 studies, of 200."""
    survived = 0
    for number in range(200):
        rows = drawn(np.random.default_rng(number), 60, {PLAN: 0.5, SHUFFLED: 0.5})
        survived += bool(summarise_controls(rows, 300)["survives"].any())
    assert survived <= 12


def test_items_are_drawn_by_seed_and_not_the_first():
    rows = [
        ("validation", code, item.id, item.label, *np.eye(3)[item.label if code == "en" else (item.label + 1) % 3])
        for code in ("sw", "en")
        for item in starter_catalog().xnli("validation", code).items
    ]
    names = ["split", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]
    predictions = pd.DataFrame(rows, columns=names)
    drawn_ids = {
        seed: [i.item_id for i in select_items(predictions, starter_catalog(), "validation", "sw", limit=5, seed=seed)]
        for seed in (0, 1, 2)
    }
    assert len({tuple(ids) for ids in drawn_ids.values()}) == 3
    assert all(ids == sorted(ids) and len(set(ids)) == 5 for ids in drawn_ids.values())
    again = select_items(predictions, starter_catalog(), "validation", "sw", limit=5, seed=1)
    assert [item.item_id for item in again] == drawn_ids[1]


def test_the_committed_table_has_every_control_and_is_what_is_told():
    table = measured_controls()
    whole = table[table["language"] == "all"]
    assert set(whole["control"]) == {*CLAIMS, RIGHT_BEFORE} and (whole["low"] <= whole["high"]).all()
    told = tell_patching()
    for row in whole.to_dict("records"):
        assert (f"{row['controlled']:.1f}" if row["control"] != RIGHT_BEFORE else f"{100 - row['patched']:.1f}") in told
    for layer in set(whole["layer"]):
        rows = whole[(whole["layer"] == layer) & whole["control"].isin(CLAIMS)]
        assert surviving(table, layer) == [CLAIMS[r["control"]] for r in rows.to_dict("records") if r["low"] > 0]
