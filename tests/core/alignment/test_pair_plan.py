"""One class for the plan of a pair, and the figures that three classes gave before it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.layer_plans import layer_plans
    from core.alignment.pair_plan import PairPlan, pair_plan
    from core.alignment.token_alignment import align_states
    from core.alignment.word_links import LinkSettings, link_states
    from core.encoder.states import TokenStates
    from core.transport.plans import PlanSettings, token_plans


def drawn(seed, word_of, words=None, layers=()):
    """Random states of the tokens of a sentence; a word that no token belongs to has lost its own."""
    states = np.random.default_rng(seed).normal(size=(*layers, len(word_of), 6)).astype(np.float32)
    names = [f"w{k}" for k in range(words or max(word_of) + 1)]
    return TokenStates("", [f"t{k}" for k in range(len(word_of))], names, np.array(word_of), states, False)


def signature(plan):
    """A number that every cell of a plan, and its place, takes part in."""
    return float((plan * np.arange(1, plan.size + 1).reshape(plan.shape)).sum())


def test_plans_solved_in_one_batch_are_as_they_were():
    lefts, rights = [drawn(1, [0, 0, 1, 2]), drawn(2, [0, 1])], [drawn(3, [0, 1, 1]), drawn(4, [0, 1, 2, 2, 3])]
    first, second = align_states(lefts, rights, 0.1)
    figures = [(signature(p.plan), signature(p.plan_tokens), p.cost, p.entropy, p.epsilon) for p in (first, second)]
    assert figures[0] == pytest.approx(
        (3.1666638978049404, 6.499986246267701, 0.7861659731957601, 0.7539944186664069, 0.10566992541259429), rel=1e-9
    )
    assert figures[1] == pytest.approx(
        (4.599999975811447, 5.499999966039018, 1.0281547957532848, 0.8448968774775726, 0.09977373385651711), rel=1e-9
    )
    assert first.links == [(0, 0), (1, 1)] and second.links == [(0, 2), (1, 0)]


#: By kind of transport, as they were: of the pair the plan, cost, entropy, links and their scores; of its second layer
#: the plan, the distance, the mass that moves, and links.
LINKED = {
    "balanced": (3.6666465445446113, 3.1667866880653555, 0.829318837139348, [(0, 0), (0, 1), (1, 1), (3, 1)],
                 [0.675725361757786, 0.3882416428772834, 0.6003228163411813, 0.4836137486792047],
                 (3.666711417659023, 0.7328459702667437, 1.0, [(0, 0), (1, 1)])),
    "unbalanced": (2.0238301569070014, 1.4607210951798342, 0.8336110957902095, [(1, 1)], [0.3974465677718623],
                   (1.6865184744231596, 0.554644870507628, 0.5936356869007903, [(0, 0)])),
    "partial": (3.1999999999999997, 1.4890861996411722, 0.520501684130781, [(1, 1), (3, 1)],
                [0.6123724356957945, 0.6123724356957945], (1.4, 0.3976549676003321, 0.6, [(0, 0)])),
    "exact": (3.6666666666666665, 3.1301358565072115, 0.6859619637674198, [(0, 0), (1, 1), (3, 1)],
              [0.816496580927726, 0.6123724356957945, 0.6123724356957945],
              (3.666666666666666, 0.7276976354326959, 1.0, [(0, 0), (1, 1)])),
}  # fmt: skip


@pytest.mark.parametrize("kind", LINKED)
def test_links_and_plans_by_layer_are_as_they_were(kind):
    weighted, cost, entropy, links, scores, (by_layer, distance, moved, layer_links) = LINKED[kind]
    settings = LinkSettings("transport-threshold", None, PlanSettings(kind=kind, strength=0.6, cost="euclidean"), 0.3)
    pair = link_states([drawn(1, [0, 0, 1, 3], 4)], [drawn(3, [0, 1, 1])], settings)[0]
    plan = pair.plan
    assert (signature(plan.plan), plan.cost, plan.entropy) == pytest.approx((weighted, cost, entropy), rel=1e-9)
    assert pair.links == plan.links == links and pair.scores == pytest.approx(scores, rel=1e-9)
    assert plan.settings == settings.plan and plan.layer is None
    settings = LinkSettings("transport-argmax", None, PlanSettings(kind=kind, strength=0.6))
    both = drawn(1, [0, 0, 1, 3], 4, (2,)), drawn(3, [0, 1, 1], None, (2,))
    second = layer_plans(*both, settings)[1]
    figures = (signature(second.plan), second.distance, second.moved)
    assert figures == pytest.approx((by_layer, distance, moved), rel=1e-9)
    assert second.links == layer_links and second.layer == 1
    assert second.source_mass.tolist() == [0.5, 0.25, 0.0, 0.25], "the word that lost its tokens has none"


def test_a_plan_over_words_holds_the_mass_of_the_one_over_tokens():
    source, target = drawn(1, [0, 0, 1, 3], 4), drawn(3, [0, 1, 1])
    settings = PlanSettings(kind="partial", strength=0.6)
    tokens = token_plans([source.states], [target.states], settings)[0]
    plan = pair_plan(source, target, tokens, settings, 5)
    assert plan.plan.shape == (4, 2) and plan.plan.sum() == pytest.approx(tokens.plan.sum())
    assert plan.plan[0, 1] == pytest.approx(tokens.plan[:2, 1:].sum()) and not plan.plan[2].any()
    assert plan.distance == pytest.approx(plan.cost / 0.6) and plan.moved == pytest.approx(0.6)
    assert (plan.shares <= 1 + 1e-9).all() and (plan.links, plan.layer) == ([], 5)
    assert plan.linked([(0, 1)]).links == [(0, 1)] and plan.links == []
    assert (plan.source_tokens, plan.target_words) == (source.tokens, target.words)


def test_there_is_one_class_for_it():
    import core.alignment.layer_plans as by_layer
    import core.alignment.token_alignment as by_pair
    import core.alignment.word_links as by_link

    names = [value for module in (by_layer, by_pair, by_link) for value in vars(module).values()]
    classes = {kind for kind in names if isinstance(kind, type) and kind.__module__.startswith("core.alignment")}
    classes = {kind for kind in classes if "Plan" in kind.__name__}
    assert classes == {PairPlan}
