from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.encoder.vectors import sentence_vectors

TEXTS = [
    "The cat sat on the mat.",
    "Hi",
    "Stock prices fell sharply today on both markets.",
    "แมวนั่งอยู่บนเสื่อ",
    "猫坐在垫子上。",
]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_batched_vectors_are_those_of_single_texts(encoder: Any, pooling: Any) -> None:
    pooled = dataclasses.replace(encoder, pooling=pooling)
    got = sentence_vectors(pooled, TEXTS, batch_tokens=40)
    for text, vector in zip(TEXTS, got, strict=True):
        ids = encoder.tokenizer("query: " + text, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            states = encoder.model(input_ids=ids).last_hidden_state[0]
        alone = states.mean(0) if pooling == "mean" else states[0]
        np.testing.assert_allclose(vector, (alone / alone.norm()).numpy(), atol=1e-5)


def test_order_and_norm(encoder: Any) -> None:
    many = [f"{TEXTS[i % 5]} {'again ' * (i * 7 % 11)}" for i in range(40)]
    forward, backward = sentence_vectors(encoder, many), sentence_vectors(encoder, many[::-1])
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(forward, axis=1), 1.0, atol=1e-5)
    assert forward.shape == (40, 384) and forward.dtype == np.float32


def test_translations_are_nearest(encoder: Any) -> None:
    other = ["Die Katze saß auf der Matte.", "Hallo", "Die Börsenkurse fielen heute an beiden Märkten stark."]
    scores = sentence_vectors(encoder, other) @ sentence_vectors(encoder, TEXTS[:3]).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_vector_depends_on_the_prefix(encoder: Any) -> None:
    bare = sentence_vectors(dataclasses.replace(encoder, prefix=""), TEXTS)
    assert (bare * sentence_vectors(encoder, TEXTS)).sum(axis=1).max() < 0.999


def test_empty_texts_share_one_vector(encoder: Any) -> None:
    vectors = sentence_vectors(encoder, ["", "  ", "\n", "cat"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    assert np.isfinite(vectors).all() and vectors[0] @ vectors[3] < 0.99


def test_hostile_and_long_texts_have_vectors(encoder: Any) -> None:
    vectors = sentence_vectors(encoder, ["\0", "\ud83d", "😀" * 5, "word " * 5000])
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_progress_counts_texts_and_may_stop(encoder: Any) -> None:
    seen: list[tuple[int, int]] = []
    sentence_vectors(encoder, TEXTS, batch_tokens=20, progress=lambda done, total, text="": seen.append((done, total)))
    assert seen[-1] == (5, 5) and [done for done, _ in seen] == sorted(done for done, _ in seen) and len(seen) > 1

    def stop(done: int, total: int, text: str = "") -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        sentence_vectors(encoder, TEXTS, progress=stop)


def test_no_texts_give_no_rows(encoder: Any) -> None:
    assert sentence_vectors(encoder, []).shape == (0, 384)
