"""An encoder's identity: another one for whatever changes a vector, the same for whatever does not."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import ModelConfig
from core.encoder import identity as identity_module
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    import torch
    from safetensors.torch import load_file, save_file

    from core.encoder.load import load_encoder
    from core.encoder.read_as import read_as
    from core.encoder.states import token_states
    from core.encoder.vectors import sentence_vectors
    from core.model.adapters import merged_backbone, trainable_backbone
    from core.reading.library import lowered
    from core.retrieval.vector_cache import cached_vectors

TEXTS = ["The Cat sat on the mats.", "cat", "the mat " * 12]
Change = Callable[[Path], None]


@pytest.fixture
def folder(small_bert: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_bert, tmp_path / "small"))


def _json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def _config(**values: Any) -> Change:
    return lambda folder: _json(folder / "config.json", lambda content: content.update(values))


def _tokenizer(change: Callable[[dict[str, Any]], object]) -> Change:
    return lambda folder: _json(folder / "tokenizer.json", change)


def _tokenizer_config(**values: Any) -> Change:
    return lambda folder: _json(folder / "tokenizer_config.json", lambda content: content.update(values))


def _weight(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    state["encoder.layer.1.output.dense.weight"][3, 5] += 0.5
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def _cls(folder: Path) -> None:
    modules = [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
               for i, (kind, path) in enumerate([("Transformer", ""), ("Pooling", "1_Pooling")])]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "cls"}))


def _prompt(folder: Path) -> None:
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "query: "}}))


def _shorter(folder: Path) -> None:
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 6}))


def _swap_pieces(content: dict[str, Any]) -> None:
    pieces = content["model"]["vocab"]
    pieces["cat"], pieces["sat"] = pieces["sat"], pieces["cat"]


def _end_with_another_token(content: dict[str, Any]) -> None:
    content["post_processor"]["special_tokens"]["[SEP]"]["ids"] = [4]


def _add_token(content: dict[str, Any]) -> None:
    added = dict(content["added_tokens"][0], id=content["model"]["vocab"]["mat"], content="mat", special=False)
    content["added_tokens"].append(added)


#: What differs between two folders that are otherwise the same, and changes vectors.
CHANGES: dict[str, Change] = {
    "a weight": _weight,
    "heads": _config(num_attention_heads=4),
    "activation": _config(hidden_act="relu"),
    "norm": _config(layer_norm_eps=0.5),
    "pooling": _cls,
    "prefix": _prompt,
    "longest text": _shorter,
    "longest text of the tokeniser": _tokenizer_config(model_max_length=9),
    "normaliser": _tokenizer(lambda content: content["normalizer"].update(lowercase=False)),
    "pieces": _tokenizer(_swap_pieces),
    "special tokens around a text": _tokenizer(_end_with_another_token),
    "an added token": _tokenizer(_add_token),
}
#: What differs and changes no vector.
HARMLESS: dict[str, Change] = {
    "nothing but the place": lambda folder: None,
    "the library that saved it": _config(transformers_version="4.0.0", architectures=["BertForMaskedLM"]),
    "its old name": _config(_name_or_path="somewhere/else"),
    "the side cut, which loading sets": _tokenizer_config(truncation_side="left", padding_side="left"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_a_vector_changes_the_identity(folder: Path, tmp_path: Path, what: str) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    CHANGES[what](other)
    before, after = load_encoder(str(folder)), load_encoder(str(other))
    vectors = [sentence_vectors(encoder, TEXTS) for encoder in (before, after)]
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-6, "the change is one that counts"
    assert encoder_identity(before) != encoder_identity(after)
    assert (before.fingerprint == after.fingerprint) == (what != "a weight"), "which tells weights alone"


@pytest.mark.parametrize("what", HARMLESS)
def test_what_changes_no_vector_keeps_the_identity(folder: Path, tmp_path: Path, what: str) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "elsewhere" / "other"))
    HARMLESS[what](other)
    before, after = load_encoder(str(folder)), load_encoder(str(other))
    np.testing.assert_array_equal(*[sentence_vectors(encoder, TEXTS) for encoder in (before, after)])
    assert encoder_identity(before) == encoder_identity(after)


def test_weights_that_no_vector_is_read_from_do_not_count(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in state.items() if not name.startswith("pooler.")}
    assert len(kept) < len(state)
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    first, second = load_encoder(str(folder)), load_encoder(str(folder))
    assert not torch.equal(first.model.pooler.dense.weight, second.model.pooler.dense.weight), "drawn at loading"
    assert encoder_identity(first) == encoder_identity(second)


def test_what_a_call_leaves_in_the_tokeniser_does_not_count(folder: Path) -> None:
    fresh, used = load_encoder(str(folder)), load_encoder(str(folder))
    used.tokenizer(TEXTS, truncation=True, max_length=4, padding="max_length")
    assert used.tokenizer.backend_tokenizer.truncation is not None
    assert encoder_identity(used) == encoder_identity(fresh)
    assert used.tokenizer.backend_tokenizer.truncation["max_length"] == 4, "and is left as it was"


def test_the_tokeniser_s_special_tokens_count(folder: Path) -> None:
    encoder, other = load_encoder(str(folder)), load_encoder(str(folder))
    other.tokenizer.pad_token = "[MASK]"
    assert encoder_identity(encoder) != encoder_identity(other)


def test_a_trained_arm_is_another_encoder_of_the_same_fingerprint(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    backbone = trainable_backbone(encoder.model, ModelConfig(rank=2, first_layer=1), 0)
    unchanged = dataclasses.replace(encoder, model=merged_backbone(backbone))
    assert encoder_identity(unchanged) == encoder_identity(encoder), "adapters begin at nothing"
    with torch.no_grad():
        for name, parameter in backbone.named_parameters():
            if "lora_B" in name:
                parameter.add_(0.1)
    trained = dataclasses.replace(encoder, model=merged_backbone(backbone))
    assert trained.fingerprint == encoder.fingerprint
    assert encoder_identity(trained) != encoder_identity(encoder)


def test_a_weight_that_is_written_to_is_read_again(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    before = encoder_identity(encoder)
    weight = encoder.model.embeddings.word_embeddings.weight
    with torch.no_grad():
        weight[6, 0] += 1
    changed = encoder_identity(encoder)
    with torch.no_grad():
        weight[6, 0] -= 1
    assert changed != before


def test_number_format_and_layer_count(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    readers = {form: read_as(encoder, form, "torch") for form in ("float32", "bfloat16", "int8")}
    vectors = {form: sentence_vectors(reader, TEXTS) for form, reader in readers.items()}
    names = {encoder_identity(reader) for reader in readers.values()}
    assert len(names) == 3 and encoder_identity(readers["float32"]) == encoder_identity(encoder)
    for form in ("bfloat16", "int8"):
        assert not np.array_equal(vectors[form], vectors["float32"])
    layers = [token_states(encoder, TEXTS[:1], layer)[0].states for layer in range(3)]
    assert not np.array_equal(layers[0], layers[1]) and not np.array_equal(layers[1], layers[2])
    assert len({encoder_identity(encoder, layer=layer) for layer in (None, 0, 1, 2)}) == 4


def test_another_format_of_what_is_kept_is_another_identity(folder: Path, monkeypatch) -> None:
    encoder = load_encoder(str(folder))
    before = encoder_identity(encoder)
    monkeypatch.setattr(identity_module, "VECTOR_FORMAT", identity_module.VECTOR_FORMAT + 1)
    assert encoder_identity(encoder) != before


def test_quantised_maps_are_refused(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    with pytest.raises(ValueError, match="before it was quantised"):
        encoder_identity(dataclasses.replace(encoder, model=lowered(encoder.model, "int8")))


@pytest.mark.parametrize("what", CHANGES)
def test_vectors_are_kept_apart(folder: Path, tmp_path: Path, what: str) -> None:
    """Of the same weights, texts and number format: each reader gets its own vectors from one folder."""
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    CHANGES[what](other)
    readers = [load_encoder(str(each)) for each in (folder, other)]
    for _ in range(2):  # made, then kept
        for reader in readers:
            np.testing.assert_array_equal(
                cached_vectors(tmp_path / "kept", reader, TEXTS), sentence_vectors(reader, TEXTS)
            )
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_texts_that_only_their_ends_tell_apart_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    reader = load_encoder(str(folder))
    for texts in (["cat\0", "sat"], ["cat", "\0sat"], ["c", "at\0sat"]):
        cached_vectors(tmp_path, reader, texts)
    assert len(list(tmp_path.glob("*.npy"))) == 3


#: Where the fingerprint of the weights is part of a run's identity, and nothing is kept by it.
RUN_IDENTITIES = {
    "core/cli/run.py", "core/cli/tune.py", "core/cli/verify_reference.py",
    "core/experiment/run.py",
    "core/model/weights.py", "core/query_encoders/experiment.py", "core/query_encoders/query_encoder.py",
    "core/query_encoders/run.py",
}  # fmt: skip


def test_nothing_is_kept_by_the_fingerprint_of_the_weights_alone() -> None:
    named = {
        path.relative_to(ROOT).as_posix()
        for top in ("core", "store", "pages")
        for path in (ROOT / top).rglob("*.py")
        if re.search(r"\.fingerprint\b(?!\()", path.read_text(encoding="utf-8"))
    }
    imported = {name for name in named if "core.data.fingerprint" in (ROOT / name).read_text(encoding="utf-8")}
    assert named - imported - {"core/encoder/identity.py"} == RUN_IDENTITIES


def test_pages_name_the_format_without_torch() -> None:
    import subprocess
    import sys

    code = "import sys; from core.encoder.identity import VECTOR_FORMAT; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_embedded_encoder_and_its_copy(encoder: Encoder) -> None:
    again = load_encoder()
    assert encoder_identity(again) == encoder_identity(encoder)
    assert encoder_identity(dataclasses.replace(encoder, prefix="")) != encoder_identity(encoder)
