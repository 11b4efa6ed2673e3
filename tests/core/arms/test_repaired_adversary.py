"""The repaired language adversary: what the first study's could be fooled by no longer fools it."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.base import sigmoid_ramp
    from core.arms.discriminator import Discriminator, learn_languages, unit_norm
    from core.arms.language_states import standardised_by_batch
    from core.model.layer_states import LayerStates


REPAIRED = {"standardised": "batch", "spectral": True, "one_way": True, "sigmoid_ramp": True}
SHRUNK = 0.1


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def states_of_layers(model, bitext):
    with torch.no_grad():
        return [[s.clone() for s in model.hidden_states(t.ids, t.attention)] for t in (bitext.english, bitext.target)]


def about_zero(layers, centres):
    return [SHRUNK * states for states in layers]


def about_the_mean(layers, centres):
    return [centre + SHRUNK * (states - centre) for states, centre in zip(layers, centres, strict=True)]


def loss_after(setting, settings, shrink):
    """The confusion that the encoder is trained by: of real states, and of the same states shrunk, without training."""
    model, bitext = setting.model(), setting.whole_bitext()
    arm = setting.arm("adversarial-language", settings, model)
    sides = states_of_layers(model, bitext)
    states, language = arm.read(model, bitext, *(LayerStates(side) for side in sides))
    learn_languages(arm.discriminator, states, language, 60)
    texts = bitext.english, bitext.target
    centres = [
        torch.cat([text.means(states) for text, states in zip(texts, both, strict=True)]).mean(0)
        for both in zip(*sides, strict=True)
    ]
    shrunk, _ = arm.read(model, bitext, *(LayerStates(shrink(side, centres)) for side in sides))
    return float(arm.confusion(states, language).detach()), float(arm.confusion(shrunk, language).detach())


@pytest.mark.parametrize("shrink", [about_zero, about_the_mean])
def test_shrinking_all_states_fools_the_first_studys_discriminator_and_not_the_repaired(setting, shrink):
    before, after = loss_after(setting, {}, about_the_mean)
    assert after < 0.5 * before
    before, after = loss_after(setting, REPAIRED, shrink)
    assert before > 0.3 and after == pytest.approx(before, rel=1e-3)


def test_a_batch_of_unequal_languages_is_standardised_with_equal_weight():
    random = torch.Generator().manual_seed(0)
    states = torch.randn(30, 4, generator=random)
    language = torch.tensor([0] * 20 + [1] * 10)
    out = standardised_by_batch(states, language)
    means = torch.stack([out[language == code].mean(0) for code in (0, 1)])
    torch.testing.assert_close(means.sum(0), torch.zeros(4), atol=1e-5, rtol=0)
    squares = torch.stack([out[language == code].square().mean(0) for code in (0, 1)])
    torch.testing.assert_close(squares.mean(0), torch.ones(4), atol=1e-4, rtol=0)


def test_only_the_other_languages_are_moved_one_way(setting):
    model, bitext = setting.model(), setting.bitext(0)
    arm = setting.arm("adversarial-language", REPAIRED, model)
    sides = [[s.requires_grad_() for s in side] for side in states_of_layers(model, bitext)]
    states, language = arm.read(model, bitext, *(LayerStates(side) for side in sides))
    arm.confusion(states, language).backward()
    assert sides[0][-1].grad is None and float(sides[1][-1].grad.abs().sum()) > 0
    assert all(p.grad is None for p in arm.discriminator.parameters())


def test_one_way_confusion_is_the_cross_entropy_of_english(setting):
    model, bitext = setting.model(), setting.bitext(0)
    arm = setting.arm("adversarial-language", REPAIRED, model)
    states, language = arm.sentence_states(model, bitext)
    log_share = arm.discriminator(states).log_softmax(-1)
    expected = torch.nn.functional.cross_entropy(
        log_share[language > 0], torch.zeros(int((language > 0).sum()), dtype=torch.long)
    )
    torch.testing.assert_close(arm.confusion(states, language), expected)


@pytest.mark.slow
def test_the_anchor_holds_english_and_counts_its_teachers_pass(setting):
    moved = {}
    for weight in (0.0, 20.0):
        settings = REPAIRED | {"anchor_weight": weight, "anchor_layers": [1, 2], "language_weight": 2.0}
        teacher, model, _ = setting.trained("adversarial-language", settings)
        bitext = setting.whole_bitext()
        english = bitext.english
        with torch.no_grad():
            gap = model.last_states(english.ids, english.attention) - teacher.last_states(
                english.ids, english.attention
            )
        moved[weight] = float(gap[english.own].norm())
    assert moved[20.0] < 0.6 * moved[0.0]
    model, step = setting.model(), setting.step()
    arm = setting.arm("adversarial-language", REPAIRED | {"anchor_weight": 1.0}, model)
    loss = arm.loss(model, step)
    both = step.bitext.english.tokens + step.bitext.target.tokens
    assert step.forward == step.nli.tokens + both + step.bitext.english.tokens
    assert step.backward == step.nli.tokens + both and loss.logged["adversarial_anchor"] == pytest.approx(0, abs=1e-9)


def test_a_layer_of_the_anchor_counts_as_read(setting):
    arm = setting.arm("adversarial-language", {"anchor_layers": [1]}, setting.model())
    assert arm.lowest_layer == 1 and arm.settings.anchor_layers == (1,)


def test_the_spectral_norm_of_both_maps_is_one_and_its_gradient_is_right():
    network = Discriminator(6, 5, 3, 0, spectral=True)
    weight = network[0].weight.detach().double().requires_grad_()
    assert float(torch.linalg.matrix_norm(unit_norm(weight).detach(), ord=2)) == pytest.approx(1.0)
    assert torch.autograd.gradcheck(unit_norm, weight)
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(1))
    y = x + 0.01
    # GELU's slope is at most 1.13.
    assert float((network(x) - network(y)).norm(dim=-1).max()) <= 1.13 * float((x - y).norm(dim=-1).max())


def test_the_ramp_is_ganins():
    assert [round(sigmoid_ramp(p), 3) for p in (0.0, 0.1, 0.5, 1.0)] == [0.0, 0.462, 0.987, 1.0]


def test_an_unknown_standardisation_is_told(setting):
    with pytest.raises(BadInput, match="frozen, batch, layer, not 'whitened'"):
        setting.arm("adversarial-language", {"standardised": "whitened"}, setting.model())


def test_one_discriminator_is_what_was_written_out_before():
    """The same initial weights and the same numbers as a plain sequence of maps, trained by the same steps."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        plain = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.GELU(), torch.nn.Linear(5, 3))
    network = Discriminator(6, 5, 3, 7)
    random = torch.Generator().manual_seed(0)
    states, language = torch.randn(30, 6, generator=random), torch.randint(0, 3, (30,), generator=random)
    network.trained_by(torch.optim.AdamW(network.parameters(), lr=1e-2))
    optimiser = torch.optim.AdamW(plain.parameters(), lr=1e-2)
    counts = torch.bincount(language, minlength=3)
    weight = counts.sum() / (3 * counts.float())
    logged = learn_languages(network, states, language, 4)
    for _ in range(4):
        loss = torch.nn.functional.cross_entropy(plain(states), language, weight=weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert logged["discriminator_loss"] == float(loss.detach())
    for one, other in zip(network.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)
