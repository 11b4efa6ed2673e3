"""The parts of adversarial training, the Wasserstein critic and the contrastive arm."""

from __future__ import annotations

import math

import pytest

from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.adversarial_contrastive import supervised_contrast, worst_step
    from core.arms.adversarial_critic import AdversarialCritic, CriticSettings, critic_distance
    from core.arms.language_states import labelled_states
    from core.model.weights import frozen


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def states_of(model, bitext):
    with torch.no_grad():
        english, target = (model.last_states(t.ids, t.attention) for t in (bitext.english, bitext.target))
        return labelled_states(model, bitext, english, target)


def language_gap(setting, model):
    states, language = states_of(model, setting.whole_bitext())
    means = torch.stack([states[language == code].mean(0) for code in range(3)])
    return float((means[1:] - means[0]).norm())


def test_language_and_perturbation_parts_sum_to_adversarial(setting):
    model = setting.trained("english-only", {}, updates=12)[1]
    names = ("english-only", "adversarial", "adversarial-language", "adversarial-perturbation")
    task, whole, language, perturbation = (
        float(setting.arm(name, {}, setting.model()).loss(model, setting.step()).total.detach()) for name in names
    )
    assert abs(whole - perturbation) > 1e-3
    assert whole - perturbation == pytest.approx(language - task, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("adversarial-language", {"language_weight": 5.0, "ramp": 0.0}),
        ("adversarial-critic", {"language_weight": 30.0, "ramp": 0.0}),
        ("adversarial-critic", {"language_weight": 0.5, "ramp": 0.0, "penalty": 10.0, "critic_rate": 5e-3}),
        ("hybrid", {"language_weight": 5.0, "token_weight": 0.0, "posterior_weight": 0.0, "batch_weight": 0.0,
                    "anchor_weight": 0.0, "perturbation_weight": 0.0, "ramp": 0.0}),
    ],
)  # fmt: skip
def test_languages_draw_nearer_to_english_than_by_the_task_alone(setting, name, settings):
    _, model, _ = setting.trained(name, settings)
    _, plain, _ = setting.trained("english-only", {})
    assert language_gap(setting, model) < 0.8 * language_gap(setting, plain)


def test_perturbation_lowers_the_worst_case_loss(setting):
    def worst(model):
        arm = setting.arm("adversarial-perturbation", {"radius": 0.3}, setting.model())
        return sum(arm.loss(model, setting.step(k)).logged["perturbed_loss"] for k in range(20)) / 20

    _, model, _ = setting.trained("adversarial-perturbation", {"radius": 0.3, "perturbation_weight": 0.9})
    assert worst(model) < 0.9 * worst(setting.model())


def critic_of(setting, **settings):
    return AdversarialCritic(CriticSettings(**settings), frozen(setting.model()), ("sw", "th"), 0)


def test_a_clipped_critic_stays_within_its_weights_and_raises_the_distance(setting):
    arm = critic_of(setting, critic_steps=60)
    states, language = states_of(setting.model(), setting.whole_bitext())
    with torch.no_grad():
        before = float(critic_distance(arm.critic(states), language))
    arm.train_critic(states, language, 0)
    with torch.no_grad():
        after = float(critic_distance(arm.critic(states), language))
    assert after > before and after > 0
    assert max(float(p.detach().abs().max()) for p in arm.critic.parameters()) <= 0.01


def test_the_penalised_critics_distance_is_w1_between_two_point_clouds(setting):
    """Two clouds that are shifts of each other by 3 along one axis: W1 = 3, and a 1-Lipschitz critic finds it."""
    arm = critic_of(setting, penalty=10.0, critic_steps=400, critic_rate=5e-3)
    generator = torch.Generator().manual_seed(1)
    cloud = 0.1 * torch.randn((30, 16), generator=generator)
    shift = torch.zeros(16)
    shift[0] = 3.0
    states = torch.cat([cloud, cloud + shift, cloud - shift])
    language = torch.arange(3).repeat_interleave(30)
    arm.train_critic(states, language, 0)
    with torch.no_grad():
        assert float(critic_distance(arm.critic(states), language)) == pytest.approx(3.0, rel=0.15)


def test_the_critic_distance_is_a_mean_over_the_languages_that_are_there():
    scores = torch.tensor([[1.0, 5.0], [3.0, 5.0], [0.0, 9.0], [9.0, 1.0], [9.0, 2.0]])
    assert float(critic_distance(scores, torch.tensor([0, 0, 1, 2, 2]))) == pytest.approx((2.0 + 3.5) / 2)
    assert float(critic_distance(scores[:3], torch.tensor([0, 0, 1]))) == pytest.approx(2.0)


def test_the_encoders_loss_leaves_no_gradient_in_the_critic(setting):
    model = setting.model()
    arm = setting.arm("adversarial-critic", {}, model)
    loss = arm.loss(model, setting.step())
    arm.critic.optimiser.zero_grad()
    loss.total.backward()
    assert all(p.grad is None for p in arm.critic.parameters())


def test_supervised_contrast_equals_its_formula():
    generator = torch.Generator().manual_seed(0)
    rows, label = torch.randn((5, 4), generator=generator), torch.tensor([0, 1, 0, 1, 0])
    unit = rows / rows.norm(dim=1, keepdim=True)
    each = []
    for i in range(5):
        others = [j for j in range(5) if j != i]
        whole = sum(math.exp(float(unit[i] @ unit[j]) / 0.5) for j in others)
        same = [j for j in others if label[j] == label[i]]
        each.append(-sum(math.log(math.exp(float(unit[i] @ unit[j]) / 0.5) / whole) for j in same) / len(same))
    assert float(supervised_contrast(rows, rows, label, 0.5)) == pytest.approx(sum(each) / 5, rel=1e-5)


def test_supervised_contrast_without_partners_is_zero_and_has_a_gradient():
    rows = torch.randn((3, 4), requires_grad=True)
    loss = supervised_contrast(rows, rows, torch.tensor([0, 1, 2]), 0.1)
    loss.backward()
    assert float(loss.detach()) == 0.0 and torch.equal(rows.grad, torch.zeros_like(rows))


def test_the_step_raises_the_loss_and_has_the_length_it_is_said_to_have(setting):
    model = setting.model()
    features = torch.randn((6, 32), generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    label = torch.tensor([0, 1, 2, 0, 1, 2])
    loss = torch.nn.functional.cross_entropy(model.classifier(features), label)
    step = worst_step(loss, features, 0.1)
    torch.testing.assert_close(step.norm(dim=1), 0.1 * features.norm(dim=1))
    assert torch.nn.functional.cross_entropy(model.classifier(features + step), label) > loss
    assert not step.requires_grad


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ({"contrastive_weight": 3.0}, ("contrastive_loss", "perturbed_contrastive_loss")),
        ({"contrastive_weight": 0.0, "perturbed_share": 0.9}, ("task_loss", "perturbed_loss")),
    ],
)
def test_what_the_contrastive_arm_is_trained_on_falls(setting, settings, keys):
    def mean(model, key):
        arm = setting.arm("adversarial-contrastive", {}, setting.model())
        return sum(arm.loss(model, setting.step(k)).logged[key] for k in range(40)) / 40

    _, model, _ = setting.trained("adversarial-contrastive", settings)
    for key in keys:
        assert mean(model, key) < 0.95 * mean(setting.model(), key), key
