"""The index beside peers, and the encoder beside SentenceTransformer, as ratios in the same run; nothing fails on time:

    python -m pytest tests/benchmarks/test_retrieval_speed.py -m benchmark -s

Sizes are set by ISOGLOSS_VECTORS (100,000 unless told) and ISOGLOSS_SENTENCES (300); times are of the processor, on one
thread, so that a shared machine tells the same ratios.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import pytest

from core.retrieval import index
from tests.support.late import COLLECTING
from tests.support.peers import peer

if not COLLECTING:
    import torch

    from core.encoder.read_as import read_as
    from core.encoder.tokens import buckets, tokenise
    from core.encoder.vectors import sentence_vectors
    from core.reading.precision import native_precision

pytestmark = pytest.mark.benchmark
ROWS, SIZE, QUERIES, TOP = int(os.environ.get("ISOGLOSS_VECTORS", "100000")), 384, 30, 10
SENTENCES = int(os.environ.get("ISOGLOSS_SENTENCES", "300"))


@pytest.fixture(scope="module")
def vectors():
    """Clouds around 200 centres, as topics are, and queries near rows of them."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    centres = 0.7 * random.normal(size=(200, SIZE)).astype(np.float32)
    rows = centres[random.integers(0, 200, ROWS)] + random.normal(size=(ROWS, SIZE)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    asked = rows[random.integers(0, ROWS, QUERIES)] + 0.03 * random.normal(size=(QUERIES, SIZE)).astype(np.float32)
    return rows, asked / np.linalg.norm(asked, axis=1, keepdims=True)


def test_index_beside_peers(vectors, tmp_path):
    import faiss

    usearch = peer("usearch.index")
    by_product = usearch.MetricKind.IP

    faiss.omp_set_num_threads(1)
    rows, asked = vectors
    gold = np.argsort(-(asked @ rows.T), 1)[:, :TOP]
    began = time.process_time()
    ours = index.build(tmp_path, ROWS, SIZE, lambda start, stop: rows[start:stop])
    building = time.process_time() - began
    half = torch.from_numpy(rows).bfloat16()
    flat = faiss.IndexFlatIP(SIZE)
    flat.add(rows)
    codes = faiss.IndexScalarQuantizer(SIZE, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    codes.train(rows[:20_000])
    codes.add(rows)
    lists = faiss.index_factory(SIZE, f"IVF{int(ROWS**0.5)},SQ8", faiss.METRIC_INNER_PRODUCT)
    lists.train(rows[:20_000])
    lists.add(rows)
    lists.nprobe = 16
    peers: dict[str, tuple[Callable[[np.ndarray], np.ndarray], int]] = {
        "ours (faiss fp16, mapped)": (lambda q: ours.search(q, TOP)[0][0], 2 * SIZE),
        "numpy float32 (BLAS)": (lambda q: np.argpartition(-(q @ rows.T)[0], TOP)[:TOP], 4 * SIZE),
        "torch bfloat16": (
            lambda q: torch.topk(half @ torch.from_numpy(q[0]).bfloat16(), TOP).indices.numpy(), 2 * SIZE),
        "faiss flat float32": (lambda q: flat.search(q, TOP)[1][0], 4 * SIZE),
        "faiss 8 bit": (lambda q: codes.search(q, TOP)[1][0], SIZE),
        "faiss lists, 8 bit": (lambda q: lists.search(q, TOP)[1][0], SIZE + 13),
        "usearch exact float32": (
            lambda q: np.ravel(usearch.search(rows, q, TOP, by_product, exact=True, threads=1).keys), 4 * SIZE),
    }  # fmt: skip
    times = {}
    for name, (find, size) in peers.items():
        find(asked[:1])
        began = time.process_time()
        found = [find(asked[k : k + 1]) for k in range(QUERIES)]
        times[name] = (time.process_time() - began) / QUERIES
        recall = np.mean([len(set(a.tolist()) & set(b.tolist())) / TOP for a, b in zip(gold, found, strict=True)])
        ratio = times[name] / times["ours (faiss fp16, mapped)"]
        print(
            f"{name:<28} recall@10 {recall:.3f}  {1e3 * times[name]:8.2f} ms a query, x{ratio:.2f}  {size} B a vector"
        )
        assert recall > 0.9
    print(f"built in {building:.1f} s without encoding; a million rows at this rate: "
          f"{1e3 * times['ours (faiss fp16, mapped)'] * 1e6 / ROWS:.0f} ms a query on one thread")  # fmt: skip


def test_encoding_beside_sentence_transformers(encoder, tmp_path):
    """The peer reads the same weights with its defaults: batches of 32, sorted by length."""
    from sentence_transformers import SentenceTransformer, models

    from core.data.catalog import starter_catalog

    torch.set_num_threads(1)
    catalog = starter_catalog()
    texts = [text for code in catalog.retrieval_languages() for pair in catalog.retrieval(code).pairs for text in pair]
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(texts, random.integers(1, 6))) for _ in range(SENTENCES)]
    encoder.model.save_pretrained(tmp_path / "model")
    encoder.tokenizer.save_pretrained(tmp_path / "model")
    reader = models.Transformer(str(tmp_path / "model"), max_seq_length=encoder.max_tokens)
    peer = SentenceTransformer(modules=[reader, models.Pooling(encoder.hidden_size), models.Normalize()], device="cpu")

    def peer_reads() -> np.ndarray:
        return np.asarray(peer.encode([encoder.prefix + text for text in texts]))

    forms: tuple[str, ...] = ("float32", "int8")
    if native_precision() != "float32":
        forms = ("float32", native_precision(), "int8")
    readers = {form: read_as(encoder, form, "torch") for form in forms}
    readers["packed"] = read_as(encoder)
    for reader_of_form in readers.values():
        sentence_vectors(reader_of_form, texts[:1])  # prepared once, before the clock runs
    ways: dict[str, Callable[[], np.ndarray]] = {"SentenceTransformer.encode": peer_reads} | {
        f"ours, {form}": (lambda form=form: sentence_vectors(readers[form], texts)) for form in readers
    }
    own = tokenise(encoder, texts, prefix=True)
    real = sum(len(row.ids) for row in own)
    padded = sum(len(b) * max(len(own[k].ids) for k in b) for b in buckets([len(row.ids) for row in own], 1024))
    expected, first = None, None
    for name, read in ways.items():
        began = time.process_time()
        found = read()
        seconds = time.process_time() - began
        expected = found if expected is None else expected
        first = first or seconds
        nearness = float((expected * found).sum(1).min())
        print(f"{name:<28} {real / seconds:8.0f} tokens/s, x{first / seconds:.2f}, lowest cosine {nearness:.4f}")
        assert nearness > (0.9 if "int8" in name else 0.99)
    print(f"padding: {100 * (padded / real - 1):.1f} of 100 tokens")
