"""A model's files may be anybody's: what they say is checked before anything is built of them."""

from __future__ import annotations

import json

import pytest

from core.config import ModelConfig
from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch
    from safetensors.torch import load_file, save_file

    from core.model.stored import read_settings
    from core.model.weights import SETTINGS, WEIGHTS, load_trainable, new_model, save_model


@pytest.fixture
def folder(tmp_path, tiny):
    save_model(tmp_path, new_model(tiny, ModelConfig(first_layer=0), 0), tiny)
    return tmp_path


def test_what_was_saved_is_read(folder, tiny):
    config, settings = read_settings(folder / SETTINGS, "run")
    assert config == ModelConfig(first_layer=0) and settings["encoder_sha256"] == tiny.fingerprint
    assert load_trainable(folder, tiny).config == config


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rank", 100_000), ("rank", "x"), ("rank", -1), ("rank", 0), ("rank", True), ("rank", 16.0), ("rank", None),
        ("rank", [16]), ("alpha", 0), ("first_layer", -1), ("first_layer", 99), ("posterior_size", 10**9),
        ("hidden_size", 10**12), ("kl_weight", -1.0), ("kl_weight", "1"), ("initial_log_variance", 1e300),
        ("tuning", "pickle"), ("tuning", 3), ("surprise", 1),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_one_sentence(folder, tiny, key, value):
    content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    content["model"][key] = value
    (folder / SETTINGS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadInput) as told:
        load_trainable(folder, tiny)
    assert key in str(told.value) or "layer" in str(told.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"model": 3}', '{"model": {"kl_weight": NaN}}', "{}", "\ud800"])
def test_settings_that_are_none_are_one_sentence(folder, tiny, text):
    (folder / SETTINGS).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadInput):
        load_trainable(folder, tiny)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t * float("nan"), "finite"), (lambda t: t + float("inf"), "finite"),
        (lambda t: t.to(torch.int8), "is in I8"), (lambda t: t.to(torch.bool), "is in BOOL"),
        (lambda t: t.to(torch.complex64), "is in C64"), (lambda t: t[..., :1].contiguous(), "do not fit"),
    ],
)  # fmt: skip
def test_weights_that_are_none_are_one_sentence(folder, tiny, change, words):
    state = load_file(folder / WEIGHTS)
    name = max(state, key=lambda key: state[key].numel())
    save_file(state | {name: change(state[name].float())}, folder / WEIGHTS)
    with pytest.raises(BadInput, match=words):
        load_trainable(folder, tiny)
