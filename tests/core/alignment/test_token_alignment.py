"""A pair's plan through the real encoder: marginals, words, hostile input."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import IsoglossError
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.token_alignment import align_pair
    from core.transport.plans import PlanSettings


def test_a_plan_over_words_keeps_all_mass_and_the_marginals(encoder):
    plan = align_pair(encoder, "The doctor bought two onions.", "Daktari alinunua vitunguu viwili.", 8)
    assert plan.plan.shape == (len(plan.source_words), len(plan.target_words))
    assert plan.plan_tokens.sum() == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(plan.plan_tokens.sum(1), 1 / len(plan.source_tokens), atol=1e-4)
    assert plan.plan.sum() == pytest.approx(1.0, abs=1e-4)
    assert 0 < plan.entropy < 0.9 and plan.cost > 0 and plan.residual < 1e-4
    linked = {(plan.source_words[i], plan.target_words[j]) for i, j in plan.links}
    assert ("onions", "vitunguu") in linked


def test_a_sharper_plan_has_less_entropy_and_no_more_cost(encoder):
    pair = ("We closed the window because it rained.", "Wir schlossen das Fenster, weil es regnete.")
    sharp, soft = (align_pair(encoder, *pair, 8, epsilon=e) for e in (0.02, 0.5))
    assert sharp.entropy < soft.entropy and sharp.cost <= soft.cost + 1e-6


@pytest.mark.parametrize("text", ["", "   ", "\x00", "🙂🙂", "<script>alert(1)</script>", "word " * 10_000, "ا\u202eب"])
def test_odd_text_gives_a_plan_or_one_sentence(encoder, text):
    try:
        plan = align_pair(encoder, text, "A plain sentence.", 4)
    except IsoglossError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
    else:
        assert np.isfinite(plan.plan).all() and plan.plan.sum() == pytest.approx(1.0, abs=1e-3)
        assert plan.truncated == (len(text) > 10_000)


@pytest.mark.parametrize(
    ("kind", "strength", "mass"), [("balanced", 1.0, 1.0), ("exact", 1.0, 1.0), ("partial", 0.5, 0.5)]
)
def test_kinds_of_transport_by_their_settings(encoder, kind, strength, mass):
    settings = PlanSettings(kind=kind, strength=strength, marginals="norm")
    pair = ("The doctor bought two onions.", "Daktari alinunua vitunguu viwili.")
    plan = align_pair(encoder, *pair, 6, settings=settings)
    assert plan.plan.sum() == pytest.approx(mass, abs=1e-3)
    assert plan.plan.shape == (len(plan.source_words), len(plan.target_words))
    default = align_pair(encoder, *pair, 6)
    same = align_pair(encoder, *pair, 6, settings=PlanSettings())
    np.testing.assert_allclose(same.plan, default.plan, atol=1e-4)
    assert same.epsilon == pytest.approx(default.epsilon) and same.cost == pytest.approx(default.cost, abs=1e-4)
