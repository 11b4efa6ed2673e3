"""What each arm's loss does to the model, and that all arms of a seed see the same sentences."""

from __future__ import annotations

import dataclasses

import pytest

from core.data.catalog import starter_catalog
from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration, tiny_encoder

if not COLLECTING:
    import torch

    from core.arms.adversarial import Adversarial, AdversarialSettings
    from core.arms.alignment import bitext_states
    from core.arms.base import Step, ramp
    from core.arms.registry import ARMS, find_arm
    from core.arms.transport import TransportSettings, transport_parts, wasserstein
    from core.model.bitext_batch import collate_bitext
    from core.model.nli import Posterior
    from core.model.weights import frozen, new_model
    from core.training.arm import train_arm, update_generator
    from core.training.bitext_pairs import BitextBatches
    from core.training.english import EnglishBatches
    from core.training.loop import TrainingState


@pytest.fixture(scope="module")
def setting(encoder):
    tiny = tiny_encoder(encoder)
    catalog = starter_catalog()
    config = configuration("transport", updates=40)
    english = EnglishBatches(tiny, catalog, config.training, 0)
    bitexts = [catalog.training_bitext(code) for code in ("sw", "th")]
    bitext = BitextBatches(tiny, bitexts, config.data, 40, 0)
    return tiny, config, english, bitext


def step_of(english, bitext, update=0):
    return Step(english.pairs(update), bitext(update), 1.0, update_generator(0, update))


def trained(setting, arm_name, settings):
    tiny, config, english, bitext = setting
    model = new_model(tiny, MODEL, 0)
    model.fit_scale([english.pairs(k) for k in range(4)])
    teacher = frozen(model)
    arm_type = find_arm(arm_name)
    arm = arm_type(arm_type.parse_settings(settings), teacher, ("sw", "th"), 0)
    train_arm(model, arm, lambda k: (english.pairs(k), bitext(k)), config.training, 0, TrainingState())
    return teacher, model, arm


@pytest.mark.slow
def test_the_transport_cost_to_the_teacher_falls_and_the_teacher_stays(setting):
    teacher, model, _ = trained(setting, "transport", {"token_weight": 20.0, "token_layer": 2, "anchor_weight": 0.0})
    untouched = {n: t.clone() for n, t in teacher.state_dict().items() if t.numel() < 10_000}
    settings = TransportSettings(token_layer=2)
    bitext = setting[3](0)
    with torch.no_grad():
        before, _ = transport_parts(settings, teacher, teacher, bitext, bitext_states(teacher, teacher, bitext))
        after, logged = transport_parts(settings, teacher, model, bitext, bitext_states(teacher, model, bitext))
    assert after["token"] < 0.9 * before["token"]
    assert logged["plan_residual"] < settings.tolerance and 0 < logged["plan_entropy"] < 0.95
    for name, tensor in teacher.state_dict().items():
        if name in untouched:
            assert torch.equal(tensor, untouched[name])


@pytest.mark.slow
def test_the_anchor_keeps_english_nearer_to_the_teacher(setting):
    moved = {}
    for weight in (0.0, 20.0):
        teacher, model, _ = trained(setting, "transport", {"token_layer": 2, "anchor_weight": weight})
        with torch.no_grad():
            states = bitext_states(teacher, model, setting[3](0))
            parts, _ = transport_parts(TransportSettings(token_layer=2), teacher, model, setting[3](0), states)
        moved[weight] = float(parts["anchor"])
    assert moved[20.0] < 0.5 * moved[0.0]


def test_wasserstein_equals_the_formula_for_diagonal_gaussians():
    one, two = (Posterior(torch.randn(3, 4), torch.randn(3, 4)) for _ in range(2))
    expected = [
        float((one.mu[i] - two.mu[i]).norm() ** 2 + (one.sigma[i] - two.sigma[i]).norm() ** 2) for i in range(3)
    ]
    torch.testing.assert_close(wasserstein(one, two), torch.tensor(expected))


def test_fooling_moves_states_towards_what_the_discriminator_cannot_tell(setting):
    _, model, arm = trained(setting, "adversarial", {"language_weight": 5.0, "perturbation_weight": 0.0, "ramp": 0.0})
    _, plain, _ = trained(setting, "english-only", {})
    gaps = {}
    for name, candidate in (("fooled", model), ("plain", plain)):
        whole = collate_bitext(
            [row for rows in setting[3].pairs for row in rows], [c for c in (0, 1) for _ in setting[3].pairs[c]], 1
        )
        with torch.no_grad():
            states, language = arm.sentence_states(candidate, whole)
        means = torch.stack([states[language == code].mean(0) for code in range(3)])
        gaps[name] = float((means - means.mean(0)).norm())
    assert gaps["fooled"] < 0.8 * gaps["plain"]


def test_the_discriminators_gradient_never_reaches_it_through_the_encoders_loss(setting):
    tiny, _, english, bitext = setting
    model = new_model(tiny, MODEL, 0)
    arm = Adversarial(AdversarialSettings(), frozen(model), ("sw", "th"), 0)
    states, _ = arm.sentence_states(model, bitext(0))
    arm.discriminator.fixed(states).sum().backward()
    assert all(p.grad is None for p in arm.discriminator.parameters())
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
    torch.testing.assert_close(arm.discriminator.fixed(states), arm.discriminator(states))


def test_the_perturbation_raises_the_loss_and_stays_within_its_radius(setting):
    tiny, _, english, bitext = setting
    model = new_model(tiny, MODEL, 0)
    seen = []
    original = model.task_loss

    def spy(batch, generator=None, entry=None):
        def look(states):
            replaced = entry(states)
            seen.append((replaced.detach().clone(), batch))
            return replaced

        return original(batch, generator, look)

    model.task_loss = spy
    settings = AdversarialSettings(language_weight=0.0, perturbation_weight=0.5, radius=0.2)
    arm = Adversarial(settings, frozen(model), ("sw", "th"), 0)
    loss = arm.loss(model, step_of(english, bitext))
    (clean, batch), (worst, _) = seen
    own = batch.premise | batch.hypothesis
    shift = (worst - clean)[own].norm(dim=-1) / clean[own].norm(dim=-1)
    assert 0.0 < float(shift.max()) <= 0.2 + 1e-5 and torch.equal(worst[~own], clean[~own])
    assert loss.logged["perturbed_loss"] > loss.logged["task_loss"]


def test_every_arm_of_a_seed_sees_the_same_sentences(setting):
    tiny, config, english, bitext = setting
    again = EnglishBatches(tiny, starter_catalog(), config.training, 0)
    assert again.order == english.order
    bitexts = [starter_catalog().training_bitext(code) for code in ("sw", "th")]
    assert BitextBatches(tiny, bitexts, config.data, 40, 0).order == bitext.order
    assert BitextBatches(tiny, bitexts, config.data, 40, 1).order != bitext.order
    batch = bitext(0)
    assert torch.bincount(batch.language).tolist() == [2, 2]


def test_an_arm_tells_what_it_does_and_names_an_unknown_setting(subtests):
    for name in sorted(ARMS):
        with subtests.test(name):
            assert len((find_arm(name).__doc__ or "").split()) > 15
            with pytest.raises(BadInput, match="no setting 'strength'"):
                find_arm(name).parse_settings({"strength": 1})


def test_an_unknown_arm_is_told_with_the_known_ones():
    with pytest.raises(BadInput, match="english-only, transport, adversarial"):
        find_arm("magic")


def test_ramp_rises_to_one():
    assert [ramp(s, 0.5) for s in (0.0, 0.25, 0.5, 1.0)] == [0.0, 0.5, 1.0, 1.0] and ramp(0.0, 0.0) == 1.0
    assert dataclasses.is_dataclass(TransportSettings)
