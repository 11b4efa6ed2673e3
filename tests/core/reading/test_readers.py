"""Each engine gives the states that transformers gives, of mixed lengths, whole or from kept states."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from core.config import ModelConfig
from core.errors import BadInput
from core.reading.formats import Reading
from tests.support.late import COLLECTING
from tests.support.small_bert import save_small_bert

if not COLLECTING:
    import torch

    from core.encoder.load import load_encoder
    from core.encoder.read_as import describe, read_as
    from core.encoder.states import layer_states, token_states
    from core.encoder.vectors import sentence_vectors
    from core.model.nli import NLIModel
    from core.reading.packed import PackedReader
    from core.reading.reader import choose, reader

TEXTS = ["the cat sat", "cat", "", "the mat " * 9, "sat on the mat", "the cat sat on the mats", "mat"]
PACKED = [Reading("float32", "packed"), Reading("bfloat16", "packed")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_bert(tmp_path_factory.mktemp("small"))


def _batch(seed: int = 0):
    """Ids and mask [6, 9] with texts of 9, 4, 4, 1, 9 and 6 tokens."""
    generator = torch.Generator().manual_seed(seed)
    mask = (torch.arange(9)[None] < torch.tensor([9, 4, 4, 1, 9, 6])[:, None]).long()
    return torch.randint(5, 12, (6, 9), generator=generator) * mask, mask


@pytest.mark.parametrize("reading", [Reading("bfloat16"), *PACKED], ids=str)
def test_states_are_those_of_transformers_at_every_layer(folder: Path, reading: Reading) -> None:
    encoder = load_encoder(str(folder))
    ids, mask = _batch()
    with torch.inference_mode():
        wanted = encoder.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        found = reader(encoder.model, reading).states(ids, mask, range(3))
    for theirs, ours in zip(wanted, found, strict=True):
        real = mask.bool()
        assert ours.dtype == torch.float32 and ours.shape == theirs.shape
        near = torch.nn.functional.cosine_similarity(theirs[real], ours[real], dim=-1).min()
        assert near > (0.999 if reading.precision == "bfloat16" else 0.999999)


@pytest.mark.parametrize("reading", [Reading(), *PACKED], ids=str)
def test_the_upper_layers_from_kept_states_give_what_the_whole_gives(folder: Path, reading: Reading) -> None:
    engine = reader(load_encoder(str(folder)).model, reading)
    ids, mask = _batch(1)
    with torch.inference_mode():
        kept, last = engine.states(ids, mask, [1, 2])
        again = engine.upper(kept, mask, 1, [2])[0]
        every = engine.upper(kept, mask, 1, [1, 2])
    assert torch.equal(last[mask.bool()], again[mask.bool()])
    assert torch.equal(kept[mask.bool()], every[0][mask.bool()]) and torch.equal(again, every[1])


@pytest.mark.parametrize("reading", [Reading(), Reading("bfloat16"), *PACKED], ids=str)
def test_a_model_gives_every_layer_from_kept_states_whoever_reads(folder: Path, reading: Reading) -> None:
    model = NLIModel(load_encoder(str(folder)).model, ModelConfig(first_layer=0), 16).eval()
    ids, mask = _batch(2)
    with torch.no_grad():
        wanted = model.hidden_states(ids, mask)
        model.reading = reading
        frozen = model.frozen_states(ids, mask)
        found = model.hidden_states(ids, mask, frozen)
    assert frozen is not None and len(found) == len(wanted) == 3
    for ours, theirs in zip(found, wanted, strict=True):
        real = mask.bool()
        near = torch.nn.functional.cosine_similarity(ours[real], theirs[real], dim=-1).min()
        assert near > (0.999 if reading.precision == "bfloat16" else 0.999999)


def test_a_batch_of_other_texts_changes_nothing_but_rounding(folder: Path) -> None:
    encoder = read_as(load_encoder(str(folder)), "float32", "packed")
    together = sentence_vectors(encoder, TEXTS)
    alone = np.concatenate([sentence_vectors(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("reading", PACKED, ids=str)
def test_all_that_takes_an_encoder_reads_as_it_says(folder: Path, reading: Reading) -> None:
    plain = load_encoder(str(folder))
    encoder = dataclasses.replace(plain, reading=reading)
    tolerance = 0.1 if reading.precision == "bfloat16" else 1e-5
    np.testing.assert_allclose(sentence_vectors(encoder, TEXTS), sentence_vectors(plain, TEXTS), atol=tolerance)
    words = [text for text in TEXTS if text]
    for ours, theirs in zip(layer_states(encoder, words), layer_states(plain, words), strict=True):
        np.testing.assert_allclose(ours.states, theirs.states, atol=tolerance)
    for ours, theirs in zip(token_states(encoder, words, 1), token_states(plain, words, 1), strict=True):
        np.testing.assert_allclose(ours.states, theirs.states, atol=tolerance)


def test_a_changed_weight_is_packed_again_and_shared_ones_once(folder: Path) -> None:
    encoder = read_as(load_encoder(str(folder)), "float32", "packed")
    before = sentence_vectors(encoder, TEXTS)
    first = reader(encoder.model, encoder.reading)
    assert reader(encoder.model, encoder.reading) is first
    with torch.no_grad():
        encoder.model.encoder.layer[1].output.dense.weight[3, 5] += 0.5
    assert np.abs(sentence_vectors(encoder, TEXTS) - before).max() > 1e-4
    second = reader(encoder.model, encoder.reading)
    assert isinstance(first, PackedReader) and isinstance(second, PackedReader)
    assert second._layers[0] is first._layers[0] and second._layers[1] is not first._layers[1]


@pytest.mark.parametrize("reading", [Reading("bfloat16"), *PACKED], ids=str)
def test_an_engine_does_not_keep_a_model_alive(folder: Path, reading: Reading) -> None:
    encoder = dataclasses.replace(load_encoder(str(folder)), reading=reading)
    sentence_vectors(encoder, TEXTS)
    alive = weakref.ref(encoder.model)
    del encoder
    gc.collect()
    assert alive() is None


def test_what_is_chosen_and_what_is_refused(folder: Path) -> None:
    model = load_encoder(str(folder)).model
    assert choose(model, "float32") == Reading("float32", "packed") and choose(model, "int8") == Reading("int8")
    assert choose(model).backend == "packed" and choose(model, "auto", "torch").backend == "torch"
    with pytest.raises(BadInput, match="float32 or bfloat16; use --backend torch"):
        choose(model, "int8", "packed")
    with pytest.raises(BadInput, match="float32, bfloat16 or int8, not 'half'"):
        choose(model, "half")
    with pytest.raises(BadInput, match="torch or packed, not 'fast'"):
        choose(model, "float32", "fast")


def test_other_kinds_are_read_by_the_library(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    encoder.model.config.hidden_act = "relu"
    assert choose(encoder.model).backend == "torch"
    with pytest.raises(BadInput, match="GELU and no decoder; use --backend torch"):
        choose(encoder.model, "float32", "packed")


def test_layers_with_berts_maps_that_compute_something_else_are_not_packed() -> None:
    from transformers import (
        ConvBertConfig,
        ConvBertModel,
        RoFormerConfig,
        RoFormerModel,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    sizes = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    for config, kind in ((RoFormerConfig, RoFormerModel), (ConvBertConfig, ConvBertModel)):
        assert choose(kind(config(**sizes, intermediate_size=32)), "float32").backend == "torch"
    assert choose(XLMRobertaModel(XLMRobertaConfig(**sizes, intermediate_size=32)), "float32").backend == "packed"


def test_a_processor_without_bfloat16_packs_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_encoder(str(folder)).model
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    assert choose(model, "bfloat16") == Reading("bfloat16", "torch")
    assert choose(model, "float32").backend == "packed"
    with pytest.raises(BadInput, match="no bfloat16 for packed layers; use --backend torch"):
        choose(model, "bfloat16", "packed")


def test_a_result_says_how_it_was_read(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    told = describe(read_as(encoder, "bfloat16", "packed"))
    assert told["precision"] == "bfloat16" and told["backend"] == "packed" and told["encoder"] == str(folder)
    assert told["encoder_identity"] != describe(encoder)["encoder_identity"]
