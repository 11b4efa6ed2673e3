from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.encoder.load import load_encoder
    from core.encoder.states import layer_states, token_states
    from core.encoder.vectors import sentence_vectors

TEXTS = ["The cat sat on the mats.", "cat"]


@pytest.fixture
def folder(small_bert: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_bert, tmp_path / "small"))


def as_sentence_transformer(folder: Path, pooling: dict[str, Any], prompts: dict[str, Any] | None = None) -> None:
    kinds = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16, **pooling}))
    if prompts is not None:
        (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))


def test_a_transformers_folder(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    assert (encoder.name, encoder.prefix, encoder.pooling) == (str(folder), "", "mean")
    assert (encoder.layers, encoder.hidden_size, encoder.max_tokens) == (2, 16, 40)
    assert encoder.fingerprint == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert not encoder.model.training and not any(p.requires_grad for p in encoder.model.parameters())
    (read, _), (every, _) = token_states(encoder, TEXTS, 1), layer_states(encoder, TEXTS)
    assert read.words == ["The", "cat", "sat", "on", "the", "mats", "."]
    assert read.tokens == ["the", "cat", "sat", "on", "the", "mat", "##s", "."]
    assert every.states.shape == (3, 8, 16)
    np.testing.assert_allclose(read.states, every.states[1], atol=1e-6)
    (long,) = token_states(encoder, ["cat " * 100], 2)
    assert long.truncated and len(long.tokens) == 38


def test_a_special_token_named_in_a_text_stays_text(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    (read,) = token_states(encoder, ["cat [SEP] [MASK] [PAD]"], 0)
    assert read.tokens[0] == "cat" and not set(read.tokens) & {"[SEP]", "[MASK]", "[PAD]"}
    assert not set(encoder.tokenizer("cat [SEP][CLS]")["input_ids"][1:-1]) & {2, 3}


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": ["mean"]}, "mean"),
    ],
)
def test_pooling_of_a_sentence_transformers_folder(folder: Path, config: dict[str, Any], pooling: str) -> None:
    as_sentence_transformer(folder, config)
    encoder = load_encoder(str(folder))
    assert encoder.pooling == pooling
    ids = encoder.tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        states = encoder.model(input_ids=ids).last_hidden_state[0]
    expected = states[0] if pooling == "cls" else states.mean(0)
    np.testing.assert_allclose(sentence_vectors(encoder, TEXTS)[0], expected / expected.norm(), atol=1e-5)


def test_vectors_are_those_of_sentence_transformers(folder: Path) -> None:
    """The peer writes a folder with its own code and reads it with its own code; only the vectors are compared."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as parts

    transformer = parts.Transformer(str(folder))
    pooling = parts.Pooling(16, pooling_mode="mean")
    peer = SentenceTransformer(modules=[transformer, pooling, parts.Normalize()], prompts={"query": "query: "})
    peer.default_prompt_name = "query"
    saved = folder.parent / "saved"
    peer.save_pretrained(str(saved))
    encoder = load_encoder(str(saved))
    assert encoder.prefix == "query: "
    np.testing.assert_allclose(sentence_vectors(encoder, TEXTS), peer.encode(TEXTS), atol=1e-5)


@pytest.mark.parametrize(
    ("prompts", "prefix"),
    [
        ({"prompts": {"query": "ask: ", "passage": "told: "}, "default_prompt_name": None}, "ask: "),
        ({"prompts": {"query": "ask: ", "passage": "told: "}, "default_prompt_name": "passage"}, "told: "),
        ({"prompts": {}}, ""),
        ({"prompts": None, "default_prompt_name": 3}, ""),
        (None, ""),
    ],
)
def test_prefix_of_a_sentence_transformers_folder(folder: Path, prompts: Any, prefix: str) -> None:
    as_sentence_transformer(folder, {"pooling_mode": "mean"}, prompts)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 20}))
    encoder = load_encoder(str(folder))
    assert encoder.prefix == prefix and encoder.max_tokens == 20


def test_the_e5_family_is_read_with_its_prefix(folder: Path) -> None:
    renamed = folder.rename(folder.parent / "multilingual-e5-base")
    assert load_encoder(str(renamed)).prefix == "query: "


def test_weights_in_parts(folder: Path) -> None:
    from transformers import BertModel

    parts = folder.parent / "parts"
    shutil.copytree(folder, parts, ignore=shutil.ignore_patterns("model.safetensors"))
    BertModel.from_pretrained(folder).save_pretrained(parts, max_shard_size="8KB")
    assert len(list(parts.glob("model-*.safetensors"))) > 1
    whole, split = load_encoder(str(folder)), load_encoder(str(parts))
    assert len(split.fingerprint) == 64 and split.fingerprint != whole.fingerprint
    np.testing.assert_allclose(sentence_vectors(split, TEXTS), sentence_vectors(whole, TEXTS), atol=1e-6)


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def only_pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def cut_weights(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def no_pooling(folder: Path) -> None:
    as_sentence_transformer(folder, {"pooling_mode": "median"})


def outside(folder: Path) -> None:
    (folder / "modules.json").write_text(json.dumps([{"path": "../..", "type": "x.Transformer"}]))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "config.json").unlink(), "no config.json"),
        (lambda f: (f / "config.json").write_text("{"), "config.json"),
        (lambda f: edit(f / "config.json", model_type="made-up"), "without foreign code"),
        (lambda f: edit(f / "config.json", num_hidden_layers=5), "do not fit"),
        (lambda f: edit(f / "config.json", hidden_size=32), "do not fit|cannot be read"),
        (lambda f: (f / "model.safetensors").unlink(), "no model.safetensors"),
        (only_pickled, "pickled weights"),
        (cut_weights, "weights cannot be read"),
        (lambda f: (f / "tokenizer.json").write_text("{}"), "tokeniser"),
        (lambda f: (f / "modules.json").write_text("[1]"), "list of modules"),
        (lambda f: (f / "modules.json").write_bytes(b"\xff"), "as JSON"),
        (no_pooling, "Invalid pooling mode: 'median'"),
        (outside, "outside of its own"),
    ],
)
def test_a_spoilt_folder_is_one_sentence(folder: Path, spoil: Any, said: str) -> None:
    spoil(folder)
    with pytest.raises(BadInput, match=said) as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)


def test_code_beside_the_weights_never_runs(folder: Path) -> None:
    mark = folder.parent / "ran"
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass Evil: pass\n")
    edit(folder / "config.json", model_type="evil", auto_map={"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"})
    with pytest.raises(BadInput, match="foreign code"):
        load_encoder(str(folder))
    assert not mark.exists()


@pytest.mark.parametrize(
    "spec",
    ["", "  ", "a\0b", "no such model", "./nowhere", "/nowhere", "~nobody/x", "a/b/c", "x" * 5000, "../up", "é/ü"],
)
def test_a_name_that_names_nothing_is_one_sentence(spec: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_encoder(spec)
    assert "\n" not in str(caught.value) and len(str(caught.value)) > 20
