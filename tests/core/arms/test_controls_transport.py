"""The parts and controls of transport: what each leaves out, shuffles or puts in its place."""

from __future__ import annotations

import pytest

from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.alignment import bitext_states
    from core.arms.base import Step
    from core.arms.mean_matching import pair_distances
    from core.arms.transport import TransportSettings, transport_parts
    from core.arms.transport_shuffled import shuffle_order
    from core.model.bitext_batch import collate_bitext
    from core.training.arm import update_generator


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def total(setting, name, model, settings):
    loss = setting.arm(name, settings, setting.model()).loss(model, setting.step())
    return float(loss.total.detach()), loss.logged


def student(setting):
    """A model that has moved from its warm start, so that no term is 0."""
    return setting.trained("english-only", {}, updates=12)[1]


def test_token_and_posterior_parts_sum_to_transport_with_one_anchor_too_many(setting):
    model = student(setting)
    task, _ = total(setting, "english-only", model, {})
    whole, logged = total(setting, "transport", model, {"anchor_weight": 3.0})
    token, _ = total(setting, "transport-token", model, {"anchor_weight": 3.0})
    posterior, _ = total(setting, "transport-posterior", model, {"anchor_weight": 3.0})
    anchor = 3.0 * logged["transport_anchor"]
    assert anchor > 1e-4 and token - task - anchor > 1e-2 and posterior - task - anchor > 1e-2
    assert whole - task == pytest.approx((token - task) + (posterior - task) - anchor, abs=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings", "measure"),
    [
        ("transport-token", {"token_weight": 20.0, "anchor_weight": 0.0}, "token"),
        ("transport-posterior", {"posterior_weight": 5.0, "batch_weight": 5.0, "anchor_weight": 0.0}, "posterior"),
        ("transport-posterior", {"posterior_weight": 5.0, "batch_weight": 5.0, "anchor_weight": 0.0}, "batch"),
        ("transport-shuffled", {"token_weight": 1.0, "batch_weight": 20.0, "anchor_weight": 0.0}, "batch"),
        ("hybrid", {"token_weight": 20.0, "anchor_weight": 0.0, "language_weight": 0.0}, "token"),
    ],
)
def test_what_an_arm_is_trained_on_falls_and_more_than_by_the_task_alone(setting, name, settings, measure):
    teacher, model, _ = setting.trained(name, settings)
    _, plain, _ = setting.trained("english-only", {})
    bitext = setting.whole_bitext()
    with torch.no_grad():
        start, after, alone = (
            float(
                transport_parts(TransportSettings(), teacher, m, bitext, bitext_states(teacher, m, bitext))[0][measure]
            )
            for m in (teacher, model, plain)
        )
    assert after < 0.9 * start and after < alone


@pytest.mark.parametrize(("weight", "which"), [("token_weight", 0), ("posterior_weight", 1)])
def test_mean_matching_draws_the_means_of_pairs_together(setting, weight, which):
    settings = {"token_weight": 0.0, "posterior_weight": 0.0, "token_layer": 1, "anchor_weight": 0.0} | {weight: 20.0}
    teacher, model, _ = setting.trained("mean-matching", settings)
    bitext = setting.whole_bitext()
    with torch.no_grad():
        before, after = (
            pair_distances(teacher, bitext, bitext_states(teacher, m, bitext), 1)[which] for m in (teacher, model)
        )
    assert before.shape == (len(bitext.language),) and float(after.mean()) < 0.95 * float(before.mean())


def test_mean_matching_has_transports_scale_where_a_sentence_is_one_point(setting):
    """One token a sentence: a plan has one cell, so the token term is 1 - cos, half the squared distance of units."""
    teacher = setting.model()
    rows = [row for row in setting.bitext.pairs[0][:6]]
    batch = collate_bitext(rows, [0] * len(rows), setting.bitext.pad)
    for text in (batch.english, batch.target):
        first = text.own.float().argmax(1)
        text.own[:] = False
        text.own[torch.arange(len(rows)), first] = True
    states = bitext_states(teacher, teacher, batch)
    parts, _ = transport_parts(TransportSettings(token_layer=1), teacher, teacher, batch, states)
    middle, last = pair_distances(teacher, batch, states, 1)
    assert parts["token"].item() == pytest.approx(middle.mean().item(), rel=0.25)
    # Orthogonal rows of the mu head keep the mean square of a random standardised difference, up to chance.
    assert 0.2 < float(parts["posterior"] / last.mean()) < 5.0


def test_mean_matching_and_transport_have_the_same_anchor(setting):
    model = student(setting)
    _, matched = total(setting, "mean-matching", model, {})
    _, aligned = total(setting, "transport", model, {})
    assert matched["mean_matching_anchor"] == aligned["transport_anchor"] > 0


def test_shuffling_leaves_the_anchor_and_the_distributions_and_changes_the_pairs(setting):
    model = student(setting)
    _, shuffled = total(setting, "transport-shuffled", model, {})
    _, paired = total(setting, "transport", model, {})
    for name in ("transport_anchor", "transport_batch"):
        assert shuffled[name] == pytest.approx(paired[name], rel=1e-4)
    for name in ("transport_token", "transport_posterior"):
        assert abs(shuffled[name] - paired[name]) > 1e-4
    assert shuffled["shuffled_share"] == 100.0


@pytest.mark.parametrize("update", range(12))
def test_no_sentence_keeps_its_translation_and_no_language_is_mixed(setting, update):
    batch = setting.bitext(update)
    order = shuffle_order(batch, update_generator(0, update).initial_seed())
    assert sorted(order.tolist()) == list(range(len(order)))
    assert torch.equal(batch.language[order], batch.language)
    assert bool((order != torch.arange(len(order))).all())


def test_a_language_with_one_pair_keeps_it_and_one_with_two_swaps_them(setting):
    sw, th = setting.bitext.pairs
    batch = collate_bitext([sw[0], th[0], sw[1]], [0, 1, 0], setting.bitext.pad)
    for seed in range(5):
        assert shuffle_order(batch, seed).tolist() == [2, 1, 0]


def test_a_repeated_sentence_is_not_given_its_twins_translation_where_that_can_be_avoided(setting):
    rows = setting.bitext.pairs[0]
    twins = [rows[0], (rows[0][0], rows[1][1]), rows[2], rows[3]]
    batch = collate_bitext(twins, [0] * 4, setting.bitext.pad)
    for seed in range(40):
        order = shuffle_order(batch, seed)
        assert order[0] != 1 and order[1] != 0 and bool((order != torch.arange(4)).all())


def test_each_update_is_shuffled_anew_and_the_task_stream_is_not_touched(setting):
    batch = setting.bitext(0)
    orders = {tuple(shuffle_order(batch, update_generator(0, k).initial_seed()).tolist()) for k in range(10)}
    assert len(orders) > 5
    model = setting.model()
    generator = update_generator(0, 0)
    arm = setting.arm("transport-shuffled", {}, model)
    arm.pairs(Step(setting.english.pairs(0), batch, 0.5, generator))
    assert torch.equal(generator.get_state(), update_generator(0, 0).get_state())


def test_hybrid_is_adversarial_plus_the_terms_of_transport(setting):
    model = student(setting)
    task, _ = total(setting, "english-only", model, {})
    transport, aligned = total(setting, "transport", model, {})
    adversarial, fooled = total(setting, "adversarial", model, {})
    hybrid, logged = total(setting, "hybrid", model, {})
    assert hybrid == pytest.approx(adversarial + transport - task, abs=1e-4)
    for key, value in (aligned | fooled).items():
        if key != "task_loss":
            assert logged[key] == pytest.approx(value, rel=1e-4, abs=1e-6), key
