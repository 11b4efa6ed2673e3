"""Lexical injection: the links, the contrast, and the layer; and the arms that train nothing."""

from __future__ import annotations

import math

import pytest

from core.errors import BadInput
from tests.support.controls_setting import LANGUAGES, make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.lexical_injection import contrast, mutual_links, word_contrast
    from core.arms.without_training import Centring, TranslateTest, language_shifts
    from core.model.nli import pooled


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def test_links_are_the_tokens_that_choose_each_other_and_never_padding():
    source = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]])
    target = torch.tensor([[[0.1, 1.0], [1.0, 0.2], [1.0, 0.0]]])
    own = torch.tensor([[True, True, True]])
    assert mutual_links(source, target, own, own).tolist() == [[0, 0, 2], [0, 1, 0]]
    fewer = torch.tensor([[True, True, False]])
    assert mutual_links(source, target, own, fewer).tolist() == [[0, 0, 1], [0, 1, 0]]
    assert mutual_links(source, target, own, torch.zeros_like(own)).shape == (0, 3)


def test_contrast_equals_its_formula_over_the_allowed_candidates():
    generator = torch.Generator().manual_seed(0)
    anchors, candidates = torch.randn((2, 3, 4), generator=generator)
    allowed = torch.tensor([[True, True, False], [True, True, True], [False, False, True]])
    cosine = torch.nn.functional.cosine_similarity(anchors[:, None], candidates[None], dim=-1)
    each = []
    for i in range(3):
        whole = sum(math.exp(float(cosine[i, j]) / 0.2) for j in range(3) if allowed[i, j])
        each.append(-math.log(math.exp(float(cosine[i, i]) / 0.2) / whole))
    assert each[2] == pytest.approx(0.0)
    assert float(contrast(anchors, candidates, allowed, 0.2)) == pytest.approx(sum(each) / 3, rel=1e-5)
    assert float(contrast(anchors[:0], candidates[:0], allowed[:0, :0], 0.2)) == 0.0


def test_the_same_english_word_elsewhere_is_no_negative(setting):
    batch = setting.bitext(0)
    states = torch.randn((2, *batch.english.ids.shape, 4), generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[0, 1, 1], [0, 2, 2]])
    batch.english.ids[0, 1] = batch.english.ids[0, 2]
    assert float(word_contrast(states[0], states[1], places, batch, 0.1)) == pytest.approx(0.0, abs=1e-6)
    batch.english.ids[0, 1] += 1
    assert float(word_contrast(states[0], states[1], places, batch, 0.1)) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("part", ["word", "sentence"])
def test_words_and_sentences_draw_together_in_the_layer_that_is_trained(setting, part):
    form = {"layer": 1, "temperature": 0.05}

    def measured(model):
        arm = setting.arm("lexical-injection", form, setting.model())
        with torch.no_grad():
            return arm.loss(model, setting.step()).logged[f"lexical_{part}"]

    weights = {"word_weight": 0.0, "sentence_weight": 0.0, "anchor_weight": 0.0} | {f"{part}_weight": 5.0}
    _, model, _ = setting.trained("lexical-injection", form | weights, repeat=True)
    _, plain, _ = setting.trained("english-only", {}, repeat=True)
    assert measured(model) < 0.8 * min(measured(setting.model()), measured(plain))


def test_only_layers_up_to_the_contrasted_one_get_its_gradient(setting):
    model = setting.model()
    arm = setting.arm("lexical-injection", {"layer": 1, "anchor_weight": 0.0}, model)
    plain = setting.arm("english-only", {}, model)
    (arm.loss(model, setting.step()).total - plain.loss(model, setting.step()).total).backward()
    size = {
        layer: sum(
            float(p.grad.abs().sum()) for n, p in model.backbone.named_parameters() if p.requires_grad and layer in n
        )
        for layer in ("layer.0.", "layer.1.")
    }
    assert size["layer.0."] > 1e-3 and size["layer.1."] < 1e-4 * size["layer.0."]


def test_a_layer_that_training_does_not_move_is_refused(setting):
    with pytest.raises(BadInput, match="layer 0; choose a layer from 1 on"):
        setting.arm("lexical-injection", {"layer": 0}, setting.model())


def test_centring_puts_every_languages_mean_on_the_english_one(setting):
    model, batch = setting.model(), setting.whole_bitext()
    shifts = language_shifts(model, [batch], LANGUAGES)
    centring = Centring(LANGUAGES, shifts)
    with torch.no_grad():
        english, target = (pooled(model.last_states(t.ids, t.attention), t.own) for t in (batch.english, batch.target))
    for code, language in enumerate(LANGUAGES):
        rows = batch.language == code
        before = (target[rows].mean(0) - english[rows].mean(0)).norm()
        after = (centring(target[rows], language).mean(0) - english[rows].mean(0)).norm()
        assert float(before) > 1e-2 and float(after) < 1e-4 * float(before)
    assert torch.equal(centring(target, "vi"), target)


def test_shifts_are_the_same_in_one_batch_or_many_and_need_every_language(setting):
    model = setting.model()
    parts = [setting.bitext(k) for k in range(3)]
    assert language_shifts(model, parts, LANGUAGES).shape == (2, 16)
    with pytest.raises(BadInput, match="No bitext of ur"):
        language_shifts(model, parts, (*LANGUAGES, "ur"))
    with pytest.raises(BadInput, match="2 shifts for 1 languages"):
        Centring(("sw",), torch.zeros(2, 16))


def test_what_trains_nothing_tells_what_it_does_and_from_which_run_it_starts():
    from core.arms.registry import ARMS

    for kind in (TranslateTest, Centring):
        assert len((kind.__doc__ or "").split()) > 15 and kind.name not in ARMS
        assert kind.starts_from in ARMS
