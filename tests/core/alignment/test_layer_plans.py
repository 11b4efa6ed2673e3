"""A pair's plans at every layer: marginals, settings, links, unmatched words, one word through the layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput
from core.transport.marginals import MARGINALS
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.layer_plans import layer_plans, unlinked
    from core.alignment.linking import link_pairs
    from core.alignment.token_alignment import align_pair
    from core.alignment.token_masses import token_masses
    from core.alignment.word_by_layer import word_at_layers
    from core.alignment.word_links import DECODINGS, LinkSettings
    from core.encoder.states import TokenStates, layer_states
    from core.transport.cost import COSTS
    from core.transport.plans import PlanSettings

PAIR = ("The doctor bought two onions.", "Daktari alinunua vitunguu viwili.")


@pytest.fixture(scope="module")
def pair(encoder):
    source, target = layer_states(encoder, list(PAIR))
    return source, target


def of(decoding="transport-argmax", **plan) -> LinkSettings:
    return LinkSettings(decoding=decoding, plan=PlanSettings(**plan))


def drawn(states: np.ndarray, word_of: list[int]) -> TokenStates:
    words = [f"w{k}" for k in range(max(word_of) + 1)]
    return TokenStates("", [f"t{k}" for k in word_of], words, np.array(word_of), states.astype(np.float32), False)


def test_every_layer_has_the_plan_that_it_has_alone(encoder, pair):
    plans = layer_plans(*pair, of())
    assert [plan.layer for plan in plans] == list(range(encoder.layers + 1))
    for layer in (0, 8):
        alone = align_pair(encoder, *PAIR, layer)
        np.testing.assert_allclose(plans[layer].plan, alone.plan, atol=2e-4)
        assert plans[layer].distance == pytest.approx(alone.cost, abs=1e-4)


def test_a_balanced_plan_moves_everything_and_an_unbalanced_one_tends_to_it(pair):
    balanced = layer_plans(*pair, of(), [8])[0]
    assert balanced.moved == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(balanced.plan.sum(1), balanced.source_mass, atol=1e-4)
    np.testing.assert_allclose(balanced.plan.sum(0), balanced.target_mass, atol=1e-4)
    soft = [layer_plans(*pair, of(kind="unbalanced", strength=s), [8])[0] for s in (0.2, 1.0, 200.0)]
    assert soft[0].moved < soft[1].moved < soft[2].moved
    np.testing.assert_allclose(soft[2].plan, balanced.plan, atol=2e-3)
    assert soft[0].distance < balanced.distance, "what is dear to move stays at home"


@pytest.mark.parametrize("change", [{"cost": "manhattan"}, {"kind": "x"}, {"marginals": "x"}, {"decoding": "x"}])
def test_an_unknown_option_is_told_with_those_there_are(pair, change):
    with pytest.raises(BadInput, match="choose "):
        layer_plans(*pair, of(**change), [3])


@pytest.mark.parametrize("change", [{"epsilon": 0.0}, {"kind": "partial", "strength": 1.5}])
def test_a_number_out_of_range_is_told(pair, change):
    with pytest.raises(BadInput, match="outside|between 0 and 1"):
        layer_plans(*pair, of(**change), [3])


def test_a_partial_plan_moves_its_share_and_the_exact_one_is_the_cheapest(pair):
    balanced, exact = (layer_plans(*pair, of(kind=kind), [8])[0] for kind in ("balanced", "exact"))
    assert exact.moved == pytest.approx(1.0, abs=1e-6) and exact.distance <= balanced.distance + 1e-6
    part = layer_plans(*pair, of(kind="partial", strength=0.6), [8])[0]
    assert part.moved == pytest.approx(0.6, abs=1e-6) and part.distance < exact.distance


def test_the_page_links_as_the_verbs_do(encoder, pair, subtests):
    for decoding in DECODINGS:
        with subtests.test(decoding):
            threshold = 0.3 if "threshold" in decoding else 1e-3
            settings = replace(of(decoding, cost="euclidean"), layer=7, threshold=threshold)
            alone = link_pairs(encoder, [PAIR], settings)[0]
            assert layer_plans(*pair, settings, [7])[0].links == list(alone.links)


@pytest.mark.parametrize("marginals", MARGINALS)
def test_marginals_are_what_the_words_send(encoder, pair, marginals):
    def masses(side, layer):
        row = replace(pair[side], states=pair[side].states[layer])
        return token_masses(encoder, [PAIR[side]], [row], marginals, layer)[0]

    plan = layer_plans(*pair, of(marginals=marginals), [8], masses=masses)[0]
    np.testing.assert_allclose(plan.plan.sum(1), plan.source_mass, atol=1e-3)
    assert plan.source_mass.sum() == pytest.approx(1.0)
    uniform = layer_plans(*pair, of(), [8])[0].source_mass
    assert (marginals == "uniform") == bool(np.allclose(plan.source_mass, uniform, atol=1e-6))


def test_rescaled_states_give_the_same_plan_under_every_cost(pair):
    source, target = pair
    larger = [drawn(7.5 * side.states, side.word_of.tolist()) for side in (source, target)]
    for cost in COSTS:
        settings = of(cost=cost)
        plain, scaled = (layer_plans(*both, settings, [6])[0] for both in (pair, larger))
        np.testing.assert_allclose(plain.plan, scaled.plan, atol=1e-4)


def test_a_sentence_against_itself_costs_nothing_and_links_every_word(pair):
    source, _ = pair
    plan = layer_plans(source, source, of(epsilon=0.01), [8])[0]
    assert plan.distance < 0.02 and plan.links == [(k, k) for k in range(len(source.words))]
    assert unlinked(plan.links, len(source.words), 0) == []


def test_unlinked_words_are_those_that_no_link_touches():
    assert unlinked([(0, 2), (3, 0)], 4, 0) == [1, 2] and unlinked([(0, 2), (3, 0)], 4, 1) == [1, 3]


def test_one_token_against_one_token(pair):
    one = drawn(np.random.default_rng(0).normal(size=(3, 1, 5)), [0])
    for plan in layer_plans(one, one, of()):
        assert plan.plan == pytest.approx(np.ones((1, 1)), abs=1e-5) and plan.entropy == 0.0


def test_a_words_shares_add_up_and_its_neighbours_are_the_nearest(pair):
    source, target = pair
    plans = layer_plans(source, target, of(), [4, 8])
    for side, words in ((0, source.words), (1, target.words)):
        told = [word_at_layers(plans, source, target, side, k) for k in range(len(words))]
        for at in range(2):
            assert sum(word[at].cost_share for word in told) == pytest.approx(1.0)
            assert sum(word[at].mass_share for word in told) == pytest.approx(1.0)
    onions = word_at_layers(plans, source, target, 0, source.words.index("onions"))[1]
    assert target.words[onions.nearest[0][0]] == "vitunguu" == target.words[onions.sends_to[0][0]]
    x, y = source.states[8][source.word_of == source.words.index("onions")], target.states[8]
    cosines = (x @ y.T) / np.linalg.norm(x, axis=1)[:, None] / np.linalg.norm(y, axis=1)
    assert onions.nearest[0][1] == pytest.approx(1 - cosines.max(), abs=1e-5)
    assert [d for _, d in onions.nearest] == sorted(d for _, d in onions.nearest)
