"""Fused layers beside the library's: the same states, the same gradients, nothing computed for padding."""

from __future__ import annotations

import dataclasses

import pytest

from core.errors import BadInput
from tests.support.controls_setting import CONTROLS, make_setting
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, tiny_encoder

if not COLLECTING:
    import torch

    from core.arms.base import Step
    from core.model.batches import collate_pairs
    from core.model.entry_states import EntryStates
    from core.model.fused_layers import check_layers, fuse_layers
    from core.model.nli import PairBatch
    from core.model.packed_maps import PackedMap
    from core.model.weights import frozen, in_precision, new_model
    from core.training.arm import train_arm, update_generator
    from core.training.loop import TrainingState


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


@pytest.fixture
def model(setting):
    """A model whose adapters are not at their start, where they give nothing."""
    return moved(setting.model())


def padded(setting, number):
    """A batch of pairs of several lengths."""
    return collate_pairs(setting.english.encoded[4 * number : 4 * number + 4], setting.english.pad)


def moved(model):
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def gradients(model, batch, entry=None):
    for parameter in model.parameters():
        parameter.grad = None
    loss, kl, _ = model.task_loss(batch, update_generator(0, 0), entry)
    (loss + kl).backward()
    return float(loss.detach()), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


def test_states_and_gradients_are_the_librarys(setting, model):
    batch = padded(setting, 0)
    assert batch.attention.min() == 0
    fused = in_precision(model, "float32", "fused")
    ours, theirs = (m.last_states(batch.ids, batch.attention) for m in (fused, model))
    real = batch.attention.bool()
    torch.testing.assert_close(ours[real], theirs[real], rtol=1e-4, atol=1e-5)
    for state, other in zip(*(m.hidden_states(batch.ids, batch.attention) for m in (fused, model)), strict=True):
        torch.testing.assert_close(state[real], other[real], rtol=1e-4, atol=1e-5)
    theirs_of, ours_of = gradients(model, batch), gradients(fused, batch)
    assert ours_of[0] == pytest.approx(theirs_of[0], abs=1e-5)
    assert set(ours_of[1]) == set(theirs_of[1]) and any("lora_A" in name for name in ours_of[1])
    for name, gradient in theirs_of[1].items():
        torch.testing.assert_close(ours_of[1][name], gradient, rtol=1e-3, atol=1e-6, msg=name)


def test_a_batch_without_padding(setting, model):
    whole = setting.english.pairs(0)
    tensors = (whole.ids, whole.attention, whole.premise, whole.hypothesis)
    batch = PairBatch(*(t[:1, : int(whole.attention[0].sum())] for t in tensors), whole.label[:1])
    fused = in_precision(model, "float32", "fused")
    ours, theirs = gradients(fused, batch)[1], gradients(model, batch)[1]
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-3, atol=1e-6, msg=name)


def test_gradients_to_the_states_that_enter(setting, model):
    batch = padded(setting, 1)
    found = []
    for each in (model, in_precision(model, "float32", "fused")):
        entered = []

        def keep(states, entered=entered):
            entered.append(states.detach().requires_grad_(True))
            return entered[0]

        gradients(each, batch, keep)
        found.append(entered[0].grad)
    real = batch.attention.bool()
    assert float(found[0][real].abs().max()) > 0
    torch.testing.assert_close(found[1][real], found[0][real], rtol=1e-3, atol=1e-6)
    assert not found[1][~real].any()


def test_finite_differences(setting, model):
    batch = setting.english.pairs(0)
    fused = in_precision(model, "float32", "fused")
    gradient = gradients(fused, batch)[1]
    name = max((n for n in gradient if "lora" in n), key=lambda n: float(gradient[n].norm()))
    parameter, direction = dict(fused.named_parameters())[name], gradient[name] / gradient[name].norm()
    values = []
    for sign in (1, -1):
        with torch.no_grad():
            parameter.add_(sign * 1e-2 * direction)
        loss, kl, _ = fused.task_loss(batch, update_generator(0, 0))
        values.append(float((loss + kl).detach()))
        with torch.no_grad():
            parameter.sub_(sign * 1e-2 * direction)
    assert (values[0] - values[1]) / 2e-2 == pytest.approx(float(gradient[name].norm()), rel=2e-2)


def test_no_map_sees_padding(setting, model, monkeypatch):
    batch, seen = padded(setting, 0), []
    whole = PackedMap.__call__

    def count(self, read):
        seen.append(len(read))
        return whole(self, read)

    monkeypatch.setattr(PackedMap, "__call__", count)
    in_precision(model, "float32", "fused").last_states(batch.ids, batch.attention)
    assert seen and set(seen) == {batch.tokens} and batch.tokens < batch.ids.numel()


def test_training_follows_the_library(setting):
    """The packed weights are those of the update, not of the beginning."""
    ends = []
    for layers in ("library", "fused"):
        model = setting.model()
        arm = setting.arm("english-only", {}, model)
        config = dataclasses.replace(setting_training(), updates=8)
        train_arm(in_precision(model, "float32", layers), arm, setting.batches, config, 0, TrainingState())
        ends.append({n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad})
    start = dict(setting.model().named_parameters())
    for name, value in ends[0].items():
        change = float((value - start[name]).norm())
        assert float((ends[1][name] - value).norm()) < 0.03 * max(change, 1e-3), name


def setting_training():
    from tests.support.tiny import configuration

    return configuration("english-only").training


def test_weights_changed_before_the_backward_pass_are_refused(setting, model):
    fused = in_precision(model, "float32", "fused")
    loss = fused.task_loss(setting.english.pairs(0), update_generator(0, 0))[0]
    with torch.no_grad():
        next(p for n, p in fused.named_parameters() if "lora_A" in n).mul_(2)
    with pytest.raises(RuntimeError, match="inplace"):
        loss.backward()


def test_merged_for_reading(setting, model):
    batch = setting.english.pairs(0)
    fused = in_precision(model, "float32", "fused")
    torch.testing.assert_close(frozen(fused).predict(batch), frozen(model).predict(batch), rtol=1e-4, atol=1e-5)


def test_bfloat16_is_near_the_librarys(setting, model):
    batch = setting.english.pairs(0)
    exact = gradients(model, batch)
    apart = []
    for layers in ("library", "fused"):
        loss, found = gradients(in_precision(model, "bfloat16", layers), batch)
        assert loss == pytest.approx(exact[0], abs=0.02)
        error = sum(float((found[n] - g).square().sum()) for n, g in exact[1].items())
        apart.append((error / sum(float(g.square().sum()) for g in exact[1].values())) ** 0.5)
    assert apart[1] < 1.5 * apart[0] + 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["english-only", "transport", "adversarial", *CONTROLS])
def test_every_arm_has_the_same_loss(setting, tmp_path, name):
    """From kept entry states too, with a teacher that begins there."""
    model = moved(new_model(tiny_encoder(setting.tiny, 3), dataclasses.replace(MODEL, first_layer=1), 0))
    model.fit_scale([setting.english.pairs(0)])
    logged = []
    for layers in ("library", "fused"):
        student = in_precision(model, "float32", layers)
        arm = setting.arm(name, {}, student, in_precision(frozen(model), "float32", layers))
        entry = EntryStates(tmp_path / layers, "tiny", student)
        nli, bitext = setting.batches(0)
        if model.config.first_layer <= arm.lowest_layer:
            nli = entry.fill(nli)
            bitext = entry.fill_bitext(bitext, getattr(arm.settings, "joint", False))
        logged.append(arm.loss(student, Step(nli, bitext, 0.5, update_generator(0, 0))).logged)
    assert set(logged[0]) == set(logged[1])
    for key, value in logged[0].items():
        assert logged[1][key] == pytest.approx(value, rel=2e-3, abs=2e-4), key


def test_each_kind_of_layers_keeps_its_own_entry_states(setting, tmp_path):
    """They differ by rounding: neither begins from what the other has left."""
    model = new_model(tiny_encoder(setting.tiny, 3), dataclasses.replace(MODEL, first_layer=1), 0)
    for layers in ("library", "fused", "library", "fused"):
        EntryStates(tmp_path, "tiny", in_precision(model, "bfloat16", layers)).fill(padded(setting, 0))
    assert len(list(tmp_path.glob("*.states"))) == 2


def test_what_cannot_be_fused_is_refused(setting, encoder):
    with pytest.raises(BadInput, match="library or fused"):
        check_layers("compiled")
    full = new_model(setting.tiny, dataclasses.replace(MODEL, tuning="full"), 0)
    with pytest.raises(BadInput, match="LoRA"):
        in_precision(full, "float32", "fused")
    with pytest.raises(BadInput, match="built as BERT"):
        fuse_layers(torch.nn.Linear(2, 2), "float32")
    other = tiny_encoder(encoder)
    other.model.config.hidden_act = "gelu_new"
    with pytest.raises(BadInput, match="GELU"):
        fuse_layers(other.model, "float32")
    with pytest.raises(RuntimeError, match="evaluation mode"):
        batch = setting.english.pairs(0)
        in_precision(setting.model(), "float32", "fused").train().last_states(batch.ids, batch.attention)
