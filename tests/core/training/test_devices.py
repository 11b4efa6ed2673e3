"""Training, reading and checkpoints on another device than the processor: no tensor of one meets one of the other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.controls_setting import CONTROLS, LANGUAGES, make_setting
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration, tiny_encoder

if not COLLECTING:
    import torch

    from core.arms import adversarial_contrastive
    from core.arms.erase_language import EraseLanguage, joint_states
    from core.arms.registry import ARMS, find_arm
    from core.arms.transport import TransportSettings
    from core.arms.without_training import language_shifts
    from core.encoder.attention import attention_received
    from core.encoder.device import describe_backend, device_of, find_device, on_device
    from core.encoder.states import token_states
    from core.encoder.vectors import sentence_vectors
    from core.evaluation.held_out import measure_held_out
    from core.evaluation.predict import predict_encoded, predict_pairs
    from core.evaluation.sentence_states import read_sentences
    from core.model.entry_states import EntryStates
    from core.model.weights import frozen, in_precision, load_arm, new_model, save_model
    from core.patching.patch import patch_item
    from core.training.arm import train_arm
    from core.training.checkpoint import load_checkpoint, save_checkpoint
    from core.training.loop import TrainingState
    from tests.support.pretend_device import DEVICE, Elsewhere, PretendDevice

#: Sinkhorn's first iterations do all that later ones do.
QUICK = {"max_iterations": 10, "tolerance": 1.0}
#: Forms that take other paths through an arm than its defaults do.
FORMS = {
    "adversarial": {
        "joint": True, "standardised": "batch", "one_way": True, "spectral": True, "anchor_weight": 1.0,
        "ascent_steps": 2,
    },
    "adversarial-language": {"language_tokens": True},
    "adversarial-critic": {"penalty": 1.0},
    "transport": {**QUICK, "joint": True, "epsilon_gradient": True, "rho": 0.5},
}  # fmt: skip
NAMES = ("warm-start", "english-only", "few-shot", "transport", "adversarial", *CONTROLS)
CASES = [*((name, {}) for name in NAMES), *FORMS.items()]


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


@pytest.fixture(scope="module")
def three(setting):
    """An encoder of three layers, of which the first stays frozen."""
    return tiny_encoder(setting.tiny, 3)


def test_no_arm_is_left_out():
    assert set(NAMES) == {"warm-start", *ARMS}


def trained(setting, name, settings, encoder, layers, tmp_path, updates=1, state=None):
    """A model trained for some updates by an arm, from kept entry states where the arm may."""
    model = new_model(encoder, dataclasses.replace(MODEL, first_layer=1), 0)
    model.fit_scale([setting.english.pairs(0)])
    kind, precision = find_arm(name), "float32"
    if "max_iterations" in {field.name for field in dataclasses.fields(kind.settings_type)}:
        settings = QUICK | settings
    teacher = in_precision(frozen(model), precision, layers)
    model = in_precision(model, precision, layers)
    arm = kind(kind.parse_settings(settings), teacher, LANGUAGES, 0)
    entry = EntryStates(tmp_path, "tiny", model)
    joint = getattr(arm.settings, "joint", False)

    def batches(update):
        nli, bitext = setting.batches(update)
        if model.config.first_layer > arm.lowest_layer:
            return nli, bitext
        return entry.fill(nli), entry.fill_bitext(bitext, joint)

    config = dataclasses.replace(configuration(name).training, updates=updates)
    saved = []
    state = train_arm(
        model, arm, batches, config, 0, state or TrainingState(), save=lambda s: saved.append(dict(s.tensors)),
        save_every=1,
    )  # fmt: skip
    return model, state, saved


@pytest.mark.slow
@pytest.mark.parametrize("layers", ["library", pytest.param("fused", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "settings"), CASES, ids=[f"{n}{'-form' if s else ''}" for n, s in CASES])
def test_an_arm_trains_elsewhere_to_the_same_numbers(setting, three, tmp_path, name, settings, layers):
    tiny = three
    here, at_home, _ = trained(setting, name, settings, tiny, layers, tmp_path / "here")
    with PretendDevice():
        there, away, saved = trained(setting, name, settings, on_device(tiny, DEVICE), layers, tmp_path / "there")
        assert all(isinstance(p, Elsewhere) for p in there.parameters())
        values = {n: p.detach().cpu() for n, p in there.named_parameters() if p.requires_grad}
    assert [c[:2] for c in away.curves] == [c[:2] for c in at_home.curves]
    np.testing.assert_allclose([c[2] for c in away.curves], [c[2] for c in at_home.curves], rtol=2e-3, atol=2e-4)
    for key, value in values.items():
        torch.testing.assert_close(value, dict(here.named_parameters())[key].detach(), rtol=2e-2, atol=2e-3)


def test_a_mask_of_the_processor_beside_other_tensors_is_found(setting, three, tmp_path, monkeypatch):
    """The guard itself: with a mask made where it must not be, training ends."""

    class Careless:
        def __getattr__(self, name):
            return getattr(torch, name)

        @staticmethod
        def eye(size, **options):
            options.pop("device")
            return torch.eye(size, **options)

    monkeypatch.setattr(adversarial_contrastive, "torch", Careless())
    with PretendDevice(), pytest.raises(RuntimeError, match="two devices"):
        trained(setting, "adversarial-contrastive", {}, on_device(three, DEVICE), "library", tmp_path)


@pytest.mark.parametrize("careless", [
    lambda x: x * torch.ones(3),
    lambda x: torch.randn(3, generator=torch.Generator(), device=x.device),
    lambda x: x.numpy(),
    lambda x: torch.where(torch.tensor([True, False, True]), x, x),
    lambda x: x.add_(torch.ones(3)),
    lambda x: x[torch.tensor([0, 1])],
    lambda x: torch.cat([x, torch.ones(3)]),
])  # fmt: skip
def test_what_a_gpu_would_refuse_is_refused(careless):
    with PretendDevice():
        there = torch.ones(3).to(DEVICE)
        assert float((there * 2.0 + torch.tensor(1.0)).sum()) == 9.0
        with pytest.raises((RuntimeError, TypeError)):
            careless(there)


@pytest.mark.slow
def test_a_checkpoint_goes_from_device_to_device(setting, three, tmp_path):
    """Stopped elsewhere after one update, gone on with here: the numbers of an uninterrupted run."""
    tiny = three
    name, settings = "adversarial", FORMS["adversarial"]
    _, whole, _ = trained(setting, name, settings, tiny, "library", tmp_path / "a", 2)
    with PretendDevice():
        _, state, saved = trained(setting, name, settings, on_device(tiny, DEVICE), "library", tmp_path / "b", 2)
    assert saved[0] and all(type(t) is torch.Tensor for t in saved[0].values())
    half = TrainingState(1, state.forward // 2, 0, 0.0, [c for c in state.curves if c[0] < 1], saved[0])
    save_checkpoint(tmp_path, half)
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None and all(t.device.type == "cpu" for t in loaded.tensors.values())
    _, resumed, _ = trained(setting, name, settings, tiny, "library", tmp_path / "c", 2, loaded)
    np.testing.assert_allclose([c[2] for c in resumed.curves], [c[2] for c in whole.curves], rtol=2e-3, atol=2e-4)


def test_a_model_saved_elsewhere_is_read_here(setting, three, tmp_path):
    tiny = three
    batch = setting.english.encoded[:6]
    with PretendDevice():
        away = on_device(tiny, DEVICE)
        model, _, _ = trained(setting, "english-only", {}, away, "fused", tmp_path / "x")
        save_model(tmp_path, model, away)
        there = predict_encoded(load_arm(tmp_path, away), batch, setting.english.pad)
    here = load_arm(tmp_path, tiny)
    assert here.device.type == "cpu"
    np.testing.assert_allclose(predict_encoded(here, batch, setting.english.pad), there, atol=1e-5)


def test_reading_elsewhere_gives_the_same(setting, three, tmp_path):
    def read(encoder):
        model = frozen(new_model(encoder, dataclasses.replace(MODEL, first_layer=1), 0))
        pad, rows = setting.english.pad, setting.bitext.pairs[0][:5]
        texts = ["A man sleeps.", "Mtu analala leo."]
        kept = (tmp_path / device_of(encoder).type, "tiny")
        held = measure_held_out(TransportSettings(token_layer=2), model, model, rows, pad)
        batches = [setting.bitext(0), setting.bitext(1)]
        erase = EraseLanguage.fit(*joint_states(model, batches))
        shifts = language_shifts(model, batches, LANGUAGES)
        some = setting.english.encoded[:5]
        return [
            predict_encoded(model, some, pad),
            predict_encoded(model, some, pad, kept=kept),
            predict_encoded(model, some, pad, kept=kept),
            predict_encoded(model, some, pad, shift=erase),
            predict_encoded(model, some, pad, shift=shifts[0]),
            predict_pairs(model, encoder, [("It rains.", "It is wet.")]),
            held.token, held.posterior, held.english, held.target,
            read_sentences(model, {"sw": rows}, pad, [1, 3]).pair("sw", 3)[1],
            token_states(encoder, texts, 2)[1].states,
            sentence_vectors(encoder, texts),
            attention_received(encoder, texts, 1)[0],
            patch_item(model, encoder, ("Mtu analala.", "Leo."), ("A man sleeps.", "Today."), 1, draws=2).patched,
            shifts.cpu().numpy(),
        ]  # fmt: skip

    here = read(three)
    with PretendDevice(), torch.no_grad():
        there = read(on_device(three, DEVICE))
    for ours, theirs in zip(here, there, strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-4)


def test_the_devices_by_name(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert find_device("auto").type == find_device("cpu").type == "cpu"
    for name, words in (("cuda", "no CUDA device"), ("mps", "no Apple GPU"), ("tpu", "auto, cpu, cuda or mps")):
        with pytest.raises(BadInput, match=words) as caught:
            find_device(name)
        assert "\n" not in str(caught.value)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert find_device("auto").type == "cpu" and find_device("mps").type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto").type == find_device("cuda").type == "cuda"


def test_what_a_record_says_of_the_device(monkeypatch):
    assert describe_backend(torch.device("cpu")) == {"device": "cpu"}
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA T4")
    assert describe_backend(torch.device("cuda"))["name"] == "NVIDIA T4"


def test_an_encoder_that_is_there_stays(setting):
    assert on_device(setting.tiny, torch.device("cpu")) is setting.tiny
