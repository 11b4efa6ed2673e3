"""The index finds what a plain product finds, and a stopped one goes on where it ended."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.retrieval import index
from core.retrieval.fields import Entry
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.encoder.vectors import sentence_vectors
    from core.retrieval.search import Listed, hubness, indexed, own_language_share

SIZE = 16


def _vectors(rows: int) -> np.ndarray:
    found = np.random.default_rng(1).normal(size=(rows, SIZE)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(index, "BLOCK", 10)
    monkeypatch.setattr(index, "SHARD", 40)


def _build(folder, vectors, read=None):
    return index.build(folder, len(vectors), SIZE, read or (lambda start, stop: vectors[start:stop]))


def test_finds_what_a_product_finds_over_shards(tmp_path, small):
    vectors = _vectors(133)
    made = _build(tmp_path, vectors)
    rows, scores = made.search(vectors[:20], 7)
    half = vectors.astype(np.float16).astype(np.float32)
    expected = np.argsort(-(vectors[:20] @ half.T), axis=1, kind="stable")[:, :7]
    assert (rows == expected).all() and (rows[:, 0] == np.arange(20)).all()
    np.testing.assert_allclose(scores[:, 0], 1.0, atol=2e-3)
    np.testing.assert_allclose(made.vectors([0, 50, 132]), half[[0, 50, 132]], atol=1e-6)


def test_asks_for_no_more_than_there_is(tmp_path, small):
    rows, _ = _build(tmp_path, _vectors(5)).search(_vectors(2), 100)
    assert rows.shape == (2, 5)


def test_a_stopped_index_goes_on(tmp_path, small):
    vectors, read = _vectors(95), []

    def stops(start, stop):
        if start == 60:
            raise KeyboardInterrupt
        read.extend(range(start, stop))
        return vectors[start:stop]

    with pytest.raises(KeyboardInterrupt):
        _build(tmp_path, vectors, stops)
    with (tmp_path / "vectors.part").open("ab") as file:
        file.write(b"\1\2\3")  # as a kill within a write leaves it

    def goes_on(start, stop):
        read.extend(range(start, stop))
        return vectors[start:stop]

    made = _build(tmp_path, vectors, goes_on)
    assert sorted(read) == list(range(95)), "no text is read twice"
    assert (made.search(vectors, 1)[0][:, 0] == np.arange(95)).all()


def test_a_finished_index_reads_nothing(tmp_path, small):
    vectors = _vectors(30)
    _build(tmp_path, vectors)

    def never(start, stop):
        raise AssertionError("read again")

    assert _build(tmp_path, vectors, never).rows == 30


def test_readers_that_differ_in_pooling_alone_have_each_their_index(tmp_path, tiny):
    collection = Listed([Entry(str(k), text, "en") for k, text in enumerate(("The cat sleeps.", "It rains."))])
    found = []
    for pooling in ("mean", "cls"):
        reader = dataclasses.replace(tiny, pooling=pooling)
        kept = indexed(tmp_path, collection, reader).vectors([0, 1])
        np.testing.assert_allclose(kept, sentence_vectors(reader, [entry.text for entry in collection.rows]), atol=2e-3)
        found.append(kept)
    assert np.abs(found[0] - found[1]).max() > 0.01 and len(list((tmp_path / "indexes").iterdir())) == 2


def test_collections_of_other_texts_have_other_hashes():
    hashes = {Listed([Entry(*row) for row in rows]).sha256 for rows in (
        [("1", "a", "en")], [("1", "a", "de")], [("1\0a", "", "en")], [("1", "a\0en\x012", "")],
        [("1", "a", "en"), ("2", "", "")],
    )}  # fmt: skip
    assert len(hashes) == 5


def test_hubness_and_own_language():
    even = hubness(np.arange(12).reshape(6, 2), 12)
    assert even == {"skewness": 0.0, "never": 0.0, "most": 1.0}
    hub = hubness(np.zeros((6, 1), int), 12)
    assert hub["most"] == 6 and hub["never"] == pytest.approx(100 * 11 / 12) and hub["skewness"] > 3
    assert own_language_share(["sw", "sw", "en", "ur"], ["sw", "en", "en", "hi"]) == 50.0
