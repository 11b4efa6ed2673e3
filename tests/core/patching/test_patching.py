"""Transport patching on the small model: what must change nothing, what must change all, and the control."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.data.catalog import starter_catalog
from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL

if not COLLECTING:
    import torch

    from core.evaluation.predict import predict_pairs
    from core.model.weights import frozen, new_model
    from core.patching.effect import COLUMNS, item_ids, measure_patching, select_items, still, summarise
    from core.patching.patch import (
        PartPlan,
        one_at_a_time,
        part_plan,
        patch_item,
        projected,
        read_pair,
        run_upper,
        shuffled,
    )
    from core.transport.plans import PlanSettings
    from core.transport.sinkhorn import plan_entropy

ENGLISH = ("The bus was late again.", "It came on time.")
TARGET = ("Basi lilichelewa tena.", "Lilikuja kwa wakati.")
LAYERS = (0, 1, 2)


@pytest.fixture(scope="module")
def model(tiny):
    made = new_model(tiny, MODEL, 0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return frozen(made)


def identity(reading, part):
    rows = reading.own(part)
    return PartPlan(part, rows, rows, np.eye(len(rows)) / len(rows), 0.0)


@pytest.mark.parametrize("layer", LAYERS)
def test_running_the_upper_layers_on_what_they_had_changes_nothing(model, tiny, layer):
    reading = read_pair(model, tiny, TARGET)
    again = run_upper(model, reading, reading.states[layer][None].repeat(3, 1, 1), layer)
    np.testing.assert_allclose(again, np.repeat(predict_pairs(model, tiny, [TARGET]), 3, 0), atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_patching_with_the_identity_on_the_same_sentence_changes_nothing(model, tiny, layer):
    reading = read_pair(model, tiny, TARGET)
    own = reading.states[layer]
    moved = projected(own, own, [identity(reading, 1), identity(reading, 2)])
    torch.testing.assert_close(moved, own)
    sharp = patch_item(model, tiny, TARGET, TARGET, layer, PlanSettings(epsilon=1e-3))
    np.testing.assert_allclose(sharp.patched, sharp.target, atol=1e-4)
    np.testing.assert_allclose(sharp.by_token, np.repeat(sharp.target[None], len(sharp.tokens), 0), atol=1e-4)


def test_the_readings_are_the_models_own_predictions(model, tiny):
    told = patch_item(model, tiny, TARGET, ENGLISH, 1)
    np.testing.assert_allclose(told.target, predict_pairs(model, tiny, [TARGET])[0], atol=1e-6)
    np.testing.assert_allclose(told.english, predict_pairs(model, tiny, [ENGLISH])[0], atol=1e-6)
    for probabilities in (told.patched, *told.random, *told.by_token):
        assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)


def test_a_projection_is_the_mean_of_what_a_token_is_sent_to(model, tiny):
    here, there = read_pair(model, tiny, TARGET), read_pair(model, tiny, ENGLISH)
    plan = part_plan(here, there, 1, 2, PlanSettings())
    moved = projected(here.states[2], there.states[2], [plan])
    k = 1
    expected = sum(w * there.states[2][c] for w, c in zip(plan.plan[k], plan.columns, strict=True)) / plan.plan[k].sum()
    torch.testing.assert_close(moved[plan.rows[k]], expected.float(), atol=1e-5, rtol=1e-4)
    untouched = [at for at in range(len(here.tokens)) if at not in plan.rows]
    assert untouched and torch.equal(moved[untouched], here.states[2][untouched])


def test_special_tokens_are_never_patched_and_parts_stay_apart(model, tiny):
    here, there = read_pair(model, tiny, TARGET), read_pair(model, tiny, ENGLISH)
    for part in (1, 2):
        plan = part_plan(here, there, part, 1, PlanSettings())
        assert set(here.part[plan.rows]) == {part} == set(there.part[plan.columns])
        assert plan.plan.sum() == pytest.approx(1.0, abs=1e-3)


def test_a_token_that_keeps_all_its_mass_stays_as_it_is(model, tiny):
    here = read_pair(model, tiny, TARGET)
    plan = identity(here, 1)
    mass = plan.plan.copy()
    mass[0] = 0.0
    moved = projected(here.states[1], here.states[1] + 1.0, [dataclasses.replace(plan, plan=mass)])
    assert torch.equal(moved[plan.rows[0]], here.states[1][plan.rows[0]])
    torch.testing.assert_close(moved[plan.rows[1]], here.states[1][plan.rows[1]] + 1.0)


def test_the_control_has_the_plans_entropy_and_marginals_and_is_another_plan(model, tiny):
    here, there = read_pair(model, tiny, TARGET), read_pair(model, tiny, ENGLISH)
    plan = part_plan(here, there, 1, 1, PlanSettings(epsilon=0.02))
    control = shuffled(plan, np.random.default_rng(0))
    mass = torch.from_numpy(np.stack([plan.plan, control.plan]))
    a, b = mass.sum(2), mass.sum(1)
    entropies = plan_entropy(mass, a, b)
    assert float(entropies[0]) == pytest.approx(float(entropies[1]), abs=1e-4)
    np.testing.assert_allclose(control.plan.sum(1), plan.plan.sum(1))
    np.testing.assert_allclose(control.plan.sum(0), plan.plan.sum(0), atol=1e-3)
    assert np.abs(control.plan - plan.plan).max() > 0.05


def test_at_the_last_layer_the_control_cannot_differ_because_states_are_averaged(model, tiny):
    told = patch_item(model, tiny, TARGET, ENGLISH, 2, draws=4)
    np.testing.assert_allclose(told.random, np.repeat(told.patched[None], 4, 0), atol=1e-3)
    np.testing.assert_allclose(told.patched, told.english, atol=1e-3)


def test_below_the_last_layer_it_differs(model, tiny):
    told = patch_item(model, tiny, TARGET, ENGLISH, 0, PlanSettings(epsilon=0.02), draws=8)
    assert np.abs(told.random - told.patched).max() > 1e-4


def test_tokens_are_patched_one_at_a_time(model, tiny):
    states, moved = torch.zeros(5, 2), torch.ones(5, 2)
    made = one_at_a_time(states, moved, [1, 3])
    assert made[:, :, 0].tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0]]
    told = patch_item(model, tiny, TARGET, ENGLISH, 1, token_draws=2, draws=3)
    assert told.by_token.shape == (len(told.tokens), 3) == told.random_by_token.shape[1:]
    assert len(told.random_by_token) == 2 and len(told.part) == len(told.tokens)


def test_the_same_seed_gives_the_same_control(model, tiny):
    one, two, other = (patch_item(model, tiny, TARGET, ENGLISH, 0, seed=s, tokens=False).random for s in (3, 3, 4))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


@pytest.mark.parametrize("layer", [-1, 3])
def test_a_layer_that_is_not_there_is_told(model, tiny, layer):
    with pytest.raises(BadInput, match="layers 0 to 2"):
        patch_item(model, tiny, TARGET, ENGLISH, layer)


def test_a_side_without_words_is_told(model, tiny):
    with pytest.raises(BadInput, match="hypothesis has nothing to read"):
        patch_item(model, tiny, ("one", ""), ENGLISH, 1)


def predictions() -> pd.DataFrame:
    """English is right on every item but 2; Swahili on 0 alone."""
    catalog = starter_catalog()
    rows = []
    for code, right in (("en", {0, 1, 3, 4}), ("sw", {0})):
        for item in catalog.xnli("test", code).items[:5]:
            said = item.label if item.id in right else (item.label + 1) % 3
            rows.append(("test", code, item.id, item.label, *np.eye(3)[said]))
    columns = ["split", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]
    return pd.DataFrame(rows, columns=columns)


def test_items_are_chosen_by_what_the_run_answered():
    table = predictions()
    assert item_ids(table, "test", "sw") == [1, 3, 4]
    assert item_ids(table, "test", "sw", "kept") == [0]
    assert item_ids(table, "test", "sw", "any") == [0, 1, 2, 3, 4]
    chosen = select_items(table, starter_catalog(), "test", "sw", limit=2)
    assert (
        len(chosen) == 2
        and {item.item_id for item in chosen} < {1, 3, 4}
        and chosen[0].target.premise != chosen[0].english.premise
    )
    with pytest.raises(BadInput, match="no predictions"):
        item_ids(table, "validation", "sw")
    table["gold"] = (table["gold"] + 1) % 3
    with pytest.raises(BadInput, match="is not the one this run was tested on"):
        select_items(table, starter_catalog(), "test", "sw", "any")


def test_the_measurement_has_a_row_an_item_and_layer_and_a_summary(model, tiny):
    items = select_items(predictions(), starter_catalog(), "test", "sw")
    rows = measure_patching(model, tiny, items, [0, 2], draws=2)
    assert list(rows.columns) == COLUMNS and len(rows) == 6
    last = rows[rows["layer"] == 2]
    np.testing.assert_allclose(last["p_patched"], last["p_english"], atol=1e-3)
    again = predict_pairs(model, tiny, [(item.target.premise, item.target.hypothesis) for item in items]).argmax(1)
    assert list(last["right_target"]) == [said == item.gold for said, item in zip(again, items, strict=True)]
    kinds = [still(rows, kind) for kind in ("flipped", "kept", "any")]
    assert not kinds[0]["right_target"].any() and kinds[1]["right_target"].all() and len(kinds[2]) == 6
    table = summarise(rows)
    assert list(table["layer"]) == [0, 2] and set(table["items"]) == {3}
    assert ((table["low"] <= table["difference"]) & (table["difference"] <= table["high"])).all()
    at = table.set_index("layer").loc[2]
    assert at["difference"] == pytest.approx(0.0, abs=1e-6) and at["patched"] == pytest.approx(at["random"])
