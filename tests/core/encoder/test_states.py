from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.encoder.states import layer_states, token_states
    from core.encoder.tokens import TOKENISER_LOCK, buckets, clean, tokenise
    from core.reading.sharing import first_layers

TEXTS = ["The cat sat on the mat.", "แมวนั่งอยู่บนเสื่อ", "猫坐在垫子上。", "Kedi, paspasın üzerinde oturuyordu!"]


@pytest.mark.parametrize("layer", [0, 6, 12])
def test_states_are_those_of_the_model_alone(encoder: Any, layer: int) -> None:
    """Batched and cut after `layer` blocks, against one text at a time through the whole model."""
    for text, got in zip(TEXTS, token_states(encoder, TEXTS, layer), strict=True):
        encoded = encoder.tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            hidden = encoder.model(**encoded, output_hidden_states=True).hidden_states[layer][0, 1:-1]
        np.testing.assert_allclose(got.states, hidden.numpy(), atol=2e-5)
        assert got.states.dtype == np.float32 and got.states.shape == (len(got.tokens), encoder.hidden_size)
        assert got.tokens == encoder.tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])[1:-1]


def test_all_layers_at_once_are_the_layers_one_by_one(encoder: Any) -> None:
    for layer in (0, 3, 12):
        single = token_states(encoder, TEXTS, layer)
        for one, every in zip(single, layer_states(encoder, TEXTS), strict=True):
            assert every.states.shape == (13, len(one.tokens), 384)
            np.testing.assert_allclose(one.states, every.states[layer], atol=2e-5)


def test_a_cut_model_shares_its_weights_and_leaves_the_whole_one_alone(encoder: Any) -> None:
    cut = first_layers(encoder.model, 2)
    assert cut is not None and len(cut.encoder.layer) == 2 and len(encoder.model.encoder.layer) == 12
    assert cut.encoder.layer[1].output.dense.weight is encoder.model.encoder.layer[1].output.dense.weight


def test_a_wrapped_model_is_not_cut_but_read_whole(encoder: Any) -> None:
    """A wrapper passes attributes on: cutting it would change nothing and return the last layer for any other."""

    class Wrapper(torch.nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner, self.config = inner, inner.config

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

        def forward(self, **inputs: Any) -> Any:
            return self.inner(**inputs)

    wrapped = copy.copy(encoder)
    object.__setattr__(wrapped, "model", Wrapper(encoder.model))
    got, expected = token_states(wrapped, TEXTS, 4), token_states(encoder, TEXTS, 4)
    for one, two in zip(got, expected, strict=True):
        np.testing.assert_allclose(one.states, two.states, atol=2e-5)


def test_prefix_changes_states_but_not_what_is_listed(encoder: Any) -> None:
    for plain, prefixed in zip(
        token_states(encoder, TEXTS, 6), token_states(encoder, TEXTS, 6, prefix=True), strict=True
    ):
        assert (plain.tokens, plain.words) == (prefixed.tokens, prefixed.words)
        assert plain.word_of.tolist() == prefixed.word_of.tolist()
        assert np.abs(plain.states - prefixed.states).max() > 0.01


def test_words_and_their_subwords(encoder: Any) -> None:
    (read,) = token_states(encoder, ["Paspasın üzerinde, don't!"], 0)
    assert read.words == ["Paspasın", "üzerinde", ",", "don't", "!"]
    for index, word in enumerate(read.words):
        own = "".join(token for token, at in zip(read.tokens, read.word_of, strict=True) if at == index)
        assert own.strip("\u2581") == word
    (thai,) = token_states(encoder, ["แมวนั่งอยู่บนเสื่อ"], 0)
    assert len(thai.words) > 3 and "".join(thai.words) == "แมวนั่งอยู่บนเสื่อ"


def test_given_words_keep_their_indices(encoder: Any) -> None:
    words = ["I", "do", "n't", "", "know", "10", "%", "."]
    (read,) = token_states(encoder, [words], 0)
    assert read.words == words
    assert sorted(set(read.word_of.tolist())) == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\x01\x02", []])
def test_nothing_to_read_is_one_sentence(encoder: Any, text: Any) -> None:
    with pytest.raises(BadInput, match="nothing to read"):
        token_states(encoder, ["fine", text], 2)


@pytest.mark.parametrize("layer", [-1, 13])
def test_a_layer_that_is_not_there_is_one_sentence(encoder: Any, layer: int) -> None:
    with pytest.raises(BadInput, match="layers 0 to 12"):
        token_states(encoder, TEXTS, layer)


@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "\0",
        "😀👍🏽👨‍👩‍👧",
        "lone \ud800 surrogate \udfff",
        "\u202etxet",
        "e" + "\u0301" * 300,
        "</s><s>",
        "ﷺ" * 40,
    ],
)
def test_hostile_text_is_read(encoder: Any, text: str) -> None:
    (read,) = token_states(encoder, [text], 1)
    assert np.isfinite(read.states).all() and len(read.tokens) == len(read.word_of) > 0
    assert read.word_of.min() >= 0 and read.word_of.max() == len(read.words) - 1
    read.text.encode("utf-8")


@pytest.mark.parametrize("text", ["word " * 10_000, "ก" * 50_000, "x" * 50_000, "word " * 100 + " " * 40_000 + "end"])
def test_a_long_text_is_cut_and_says_so(encoder: Any, text: str) -> None:
    (read,) = token_states(encoder, [text], 1)
    assert read.truncated and len(read.tokens) <= 510
    assert set(read.word_of.tolist()) == set(range(len(read.words)))


def test_the_longest_text_that_fits_is_whole(encoder: Any) -> None:
    fits, (one_more,) = tokenise(encoder, ["a " * 510]), tokenise(encoder, ["a " * 511])
    assert len(fits[0].ids) == 512 and not fits[0].truncated
    assert len(one_more.ids) == 512 and one_more.truncated and one_more.ids[-1] == 2


def test_no_texts_give_nothing(encoder: Any) -> None:
    assert token_states(encoder, [], 3) == []


def test_threads_with_different_truncation_do_not_disturb_each_other(encoder: Any) -> None:
    long = ["a " * 200, "b " * 300]

    def whole(_: int) -> list[int]:
        return [len(row.ids) for row in tokenise(encoder, long)]

    def short(_: int) -> list[int]:
        with TOKENISER_LOCK:
            return [len(ids) for ids in encoder.tokenizer(long, truncation=True, max_length=16)["input_ids"]]

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(whole if i % 2 else short, i) for i in range(200)]
        for i, job in enumerate(jobs):
            assert job.result() == ([202, 302] if i % 2 else [16, 16])


def test_buckets_hold_every_text_once_within_the_limit() -> None:
    lengths = [5, 900, 17, 17, 3, 60, 1, 300]
    batches = buckets(lengths, 600)
    assert sorted(index for batch in batches for index in batch) == list(range(8))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= 600


def test_cleaning_keeps_the_length() -> None:
    assert clean("a\ud800b😀") == "a\ufffdb😀"
