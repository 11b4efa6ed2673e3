"""What holds of every part, control and extended arm: it learns, resumes, counts, and leaves the rest alone."""

from __future__ import annotations

import dataclasses

import pytest

from core.errors import BadInput
from tests.support.controls_setting import CONTROLS, configuration, make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.registry import ARMS, find_arm
    from core.model.weights import frozen
    from core.training.arm import train_arm
    from core.training.loop import TrainingState


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def test_the_controls_are_all_that_is_trained_beside_the_main_arms():
    assert set(CONTROLS) | {"english-only", "transport", "adversarial"} == set(ARMS)


#: They add nothing to the task loss before the first update.
SAME_AT_FIRST = ("anchor-only", "english-compute", "few-shot")


@pytest.mark.parametrize("name", [name for name in CONTROLS if name not in SAME_AT_FIRST])
def test_the_loss_is_finite_and_its_gradient_reaches_the_encoder(setting, name):
    plain = setting.model()
    setting.arm("english-only", {}, plain).loss(plain, setting.step()).total.backward()
    model = setting.model()
    arm = setting.arm(name, {}, model)
    loss = arm.loss(model, setting.step())
    loss.total.backward()
    assert torch.isfinite(loss.total) and all(torch.isfinite(torch.tensor(v)) for v in loss.logged.values())
    gradients = {n: p.grad for n, p in model.backbone.named_parameters() if p.requires_grad}
    theirs = dict(plain.backbone.named_parameters())
    assert all(g is not None and bool(torch.isfinite(g).all()) for g in gradients.values())
    # More than the task loss reaches the encoder.
    assert sum(float((g - theirs[n].grad).norm()) for n, g in gradients.items()) > 1e-4
    assert all(p.grad is None for p in arm.teacher.parameters())


@pytest.mark.parametrize("name", CONTROLS)
def test_the_task_is_read_with_every_arms_posterior_noise_and_no_other_random_number_is_taken(setting, name):
    model = setting.model()
    expected = setting.arm("english-only", {}, model).loss(model, setting.step(3)).logged["task_loss"]
    teacher = frozen(model)
    before = torch.random.get_rng_state()
    loss = setting.arm(name, {}, model, teacher).loss(model, setting.step(3))
    assert torch.equal(before, torch.random.get_rng_state())
    # Smoothing has no clean pass: what it logs is the loss under the first draw.
    assert loss.logged["task_loss"] == pytest.approx(expected, rel=0.2 if name == "smoothing" else 1e-5)


@pytest.mark.parametrize("name", CONTROLS)
def test_the_same_update_gives_the_same_loss(setting, name):
    model = setting.model()
    first, second = (setting.arm(name, {}, model).loss(model, setting.step(2)) for _ in range(2))
    assert torch.equal(first.total, second.total) and first.logged == second.logged


@pytest.mark.parametrize("name", CONTROLS)
def test_a_checkpoint_holds_all_that_the_next_loss_needs(setting, name):
    config = dataclasses.replace(configuration(name).training, updates=6)
    saved = []

    def keep(state):
        saved.append(TrainingState(state.update, state.forward, state.backward, 0.0, list(state.curves), state.tensors))

    model = setting.model()
    arm = setting.arm(name, {}, model)
    whole = train_arm(model, arm, setting.batches, config, 0, TrainingState(), save=keep, save_every=3)
    fresh = setting.model()
    resumed = train_arm(fresh, setting.arm(name, {}, fresh), setting.batches, config, 0, saved[0])
    assert saved[0].update == 6 and resumed.curves == whole.curves
    assert (resumed.forward, resumed.backward) == (whole.forward, whole.backward)
    for (n, p), q in zip(model.named_parameters(), fresh.parameters(), strict=True):
        assert torch.equal(p, q), n


@pytest.mark.parametrize("name", CONTROLS)
def test_the_tokens_that_an_arm_reads_are_counted(setting, name):
    model, step = setting.model(), setting.step()
    setting.arm(name, {}, model).loss(model, step)
    pairs, english, target = step.nli.tokens, step.bitext.english.tokens, step.bitext.target.tokens
    both = english + target
    expected = {
        "transport-token": (pairs + english + both, pairs + both),
        "transport-posterior": (pairs + english + both, pairs + both),
        "transport-shuffled": (pairs + english + both, pairs + both),
        "mean-matching": (pairs + english + both, pairs + both),
        "hybrid": (2 * pairs + english + both, 2 * pairs + both),
        "adversarial-language": (pairs + both, pairs + both),
        "adversarial-perturbation": (2 * pairs, 2 * pairs),
        "adversarial-critic": (pairs + both, pairs + both),
        "adversarial-contrastive": (pairs, pairs),
        "lexical-injection": (pairs + 2 * both, pairs + both),
        "anchor-only": (pairs + 2 * english, pairs + english),
        "english-compute": (pairs, pairs),
        "smoothing": (3 * pairs, 3 * pairs),
        "few-shot": (pairs, pairs),
    }
    assert (step.forward, step.backward) == expected[name]


def test_an_arm_without_bitext_runs_without_it(setting):
    names = [name for name in CONTROLS if not find_arm(name).uses_bitext]
    assert names
    for name in names:
        model, step = setting.model(), setting.step()
        step.bitext = None
        assert torch.isfinite(setting.arm(name, {}, model).loss(model, step).total)


def test_a_weight_that_is_off_cannot_be_given_and_stays_off():
    for name, weight in (("transport-token", "posterior_weight"), ("adversarial-language", "perturbation_weight")):
        kind = find_arm(name)
        with pytest.raises(BadInput, match=f"no setting '{weight}'"):
            kind.parse_settings({weight: 0.7})
        assert getattr(kind.parse_settings({}), weight) == 0.0


def test_parts_and_controls_take_over_the_strengths_chosen_for_the_main_arms():
    chosen = {
        "transport": {"token_weight": 7.0, "posterior_weight": 3.0, "debias": False},
        "adversarial": {"language_weight": 0.9, "radius": 0.2},
    }
    taken = {name: find_arm(name).inherit(chosen) for name in ARMS}
    assert taken["transport-token"] == {"token_weight": 7.0, "debias": False}
    assert taken["transport-posterior"] == {"posterior_weight": 3.0, "debias": False}
    assert taken["transport-shuffled"] == chosen["transport"]
    assert taken["mean-matching"] == {"token_weight": 7.0, "posterior_weight": 3.0}
    assert taken["adversarial-language"] == chosen["adversarial"]
    assert taken["adversarial-perturbation"] == {"radius": 0.2}
    assert taken["hybrid"] == chosen["transport"] | chosen["adversarial"]
    assert taken["english-only"] == taken["lexical-injection"] == taken["adversarial-critic"] == {}
    for name, settings in taken.items():
        find_arm(name).parse_settings(settings)
