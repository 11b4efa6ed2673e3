"""Reading beside its peers, each as its expert would set it: processor seconds of one thread, interleaved.

    ISOGLOSS_DATA=FOLDER python -m pytest tests/benchmarks/test_reading_speed.py -m benchmark -s

Peers: SentenceTransformer in float32 (as it comes) and in bfloat16 with batches of 8, which are less padded;
CrossEncoder in float32 and bfloat16; simalign's argmax with its model in float32 and bfloat16; OpenVINO in bfloat16
over our batches, where it is installed; and our own reading before packed layers. Nothing here fails on time.
Quality stands beside each: the lowest cosine to float32, AER, accuracy. ISOGLOSS_TEXTS (120) bounds the texts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.data.catalog import open_catalog
from tests.support.late import COLLECTING
from tests.support.peers import peer

if not COLLECTING:
    import torch

    from core.alignment.defaults import chosen_settings
    from core.alignment.linking import link_pairs
    from core.bitext.scores import reference, score_pairs
    from core.config import ModelConfig
    from core.encoder.read_as import read_as
    from core.encoder.tokens import buckets, pad, tokenise
    from core.encoder.vectors import sentence_vectors
    from core.evaluation.predict import predict_encoded
    from core.model.batches import encode_pairs
    from core.model.weights import frozen, new_model, read_model_as

pytestmark = pytest.mark.benchmark
TEXTS, ROUNDS = int(os.environ.get("ISOGLOSS_TEXTS", "120")), 3


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def catalog():
    return open_catalog(None)


@pytest.fixture(scope="module")
def saved(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("peer")
    encoder.model.save_pretrained(folder)
    encoder.tokenizer.save_pretrained(folder)
    return str(folder)


def race(ways: dict[str, Callable[[], Any]]) -> dict[str, tuple[float, Any]]:
    """Seconds and result of each way, the first call left out."""
    for way in ways.values():
        way()
    best: dict[str, tuple[float, Any]] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.thread_time()
            result = way()
            seconds = time.thread_time() - began
            if name not in best or seconds < best[name][0]:
                best[name] = seconds, result
    return best


def show(title: str, found: dict[str, tuple[float, Any]], quality: Callable[[Any], str]) -> None:
    print(f"\n{title}")
    ours = found["ours"][0]
    for name, (seconds, result) in found.items():
        print(f"  {name:<42}{seconds:8.2f} s, ours {seconds / ours:5.2f} times as fast   {quality(result)}")


def mixed_texts(catalog) -> list[str]:
    """Half sentences, half texts of up to 500 tokens made of several, of all languages there are."""
    random = np.random.default_rng(0)
    codes = catalog.retrieval_languages()
    short = [text for code in codes for pair in catalog.retrieval(code).pairs[:60] for text in pair]
    chosen = [str(random.choice(short)) for _ in range(TEXTS // 2)]
    return chosen + [" ".join(random.choice(short, random.integers(4, 25))) for _ in range(TEXTS - TEXTS // 2)]


def test_vectors_of_mixed_lengths(encoder, catalog, saved):
    from sentence_transformers import SentenceTransformer, models

    texts = mixed_texts(catalog)
    prompted = [encoder.prefix + text for text in texts]

    def transformer(dtype: torch.dtype, batch: int) -> Callable[[], np.ndarray]:
        kind = models.Transformer(saved, max_seq_length=encoder.max_tokens, model_args={"dtype": dtype})
        whole = SentenceTransformer(modules=[kind, models.Pooling(encoder.hidden_size)], device="cpu")
        return lambda: whole.encode(
            prompted, batch_size=batch, normalize_embeddings=True, convert_to_tensor=True
        ).float().numpy()  # fmt: skip

    def ours(*reading: str) -> Callable[[], np.ndarray]:
        read = read_as(encoder, *reading)
        return lambda: sentence_vectors(read, texts)

    ways: dict[str, Callable[[], Any]] = {
        "SentenceTransformer float32, as it comes": transformer(torch.float32, 32),
        "SentenceTransformer bfloat16, batches of 8": transformer(torch.bfloat16, 8),
        "ours before: torch float32": ours("float32", "torch"),
        "ours before: torch bfloat16": ours("bfloat16", "torch"),
        "packed float32": ours("float32", "packed"),
        "ours": ours(),
    }
    try:
        ways["OpenVINO bfloat16, our batches"] = openvino_vectors(encoder, texts)
    except ImportError:
        print("OpenVINO is not installed and not compared with.")
    found = race(ways)
    exact = found["ours before: torch float32"][1]
    lengths = [len(row.ids) for row in tokenise(encoder, texts, prefix=True)]
    show(
        f"vectors of {len(texts)} texts of {min(lengths)} to {max(lengths)} tokens",
        found, lambda vectors: f"lowest cosine to float32 {(vectors * exact).sum(1).min():.5f}",
    )  # fmt: skip
    flops = sum(lengths) * 2 * sum(p.numel() for p in encoder.model.encoder.parameters() if p.dim() == 2)
    print(f"  linear maps reach {100 * flops / found['ours'][0] / peak():.0f} % of the measured bfloat16 peak")


def peak() -> float:
    """Operations a second of one large product in bfloat16."""
    a, b = torch.randn(2048, 1536).bfloat16(), torch.randn(1536, 1536).bfloat16()
    seconds, _ = race({"ours": lambda: a @ b})["ours"]
    return 2 * 2048 * 1536 * 1536 / seconds


def openvino_vectors(encoder, texts) -> Callable[[], np.ndarray]:
    import sys
    import types

    silent = types.ModuleType("openvino_telemetry")
    silent.Telemetry = lambda *a, **k: types.SimpleNamespace(__getattr__=None)  # type: ignore[attr-defined]
    sys.modules["openvino_telemetry"] = silent
    import openvino

    class Blocks(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = encoder.model.encoder.layer

        def forward(self, states: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
            for layer in self.layer:
                own = layer.attention.self
                heads = (own.num_attention_heads, own.attention_head_size)
                query, key, value = (
                    m(states).view(*states.shape[:2], *heads).transpose(1, 2) for m in (own.query, own.key, own.value)
                )
                mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=added)
                mixed = mixed.transpose(1, 2).reshape(states.shape)
                states = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed) + states)
                opened = torch.nn.functional.gelu(layer.intermediate.dense(states))
                states = layer.output.LayerNorm(layer.output.dense(opened) + states)
            return states

    width = encoder.hidden_size
    with torch.no_grad():
        graph = openvino.convert_model(
            Blocks(), example_input=(torch.randn(2, 7, width), torch.zeros(2, 1, 1, 7)),
            input=[openvino.PartialShape([-1, -1, width]), openvino.PartialShape([-1, 1, 1, -1])],
        )  # fmt: skip
    hints = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    request = openvino.Core().compile_model(graph, "CPU", hints).create_infer_request()

    @torch.inference_mode()
    def read() -> np.ndarray:
        rows = tokenise(encoder, texts, prefix=True)
        out = np.zeros((len(texts), width), np.float32)
        for batch in buckets([len(row.ids) for row in rows], 1024):
            ids, mask = pad(encoder, [rows[k] for k in batch])
            entered = encoder.model.embeddings(input_ids=ids).numpy()
            added = np.where(mask.numpy() > 0, 0, -1e4).astype(np.float32)[:, None, None]
            states = torch.from_numpy(request.infer([entered, added])[0])
            pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[batch] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return out

    return read


def test_alignment_and_bitext_scores(encoder, catalog, saved):
    from core.alignment.alignment_error import count_links, score_counts
    from core.data.gold_alignment import gold_sets

    sets = gold_sets(catalog, "validation")
    chosen = [(*pair, gold) for held in sets for pair, gold in zip(held.file.pairs, held.file.links, strict=True)]
    chosen = [row for row in chosen if row[0] and row[1]][:: max(1, len(chosen) // (2 * TEXTS))][: 2 * TEXTS]
    pairs = [(source, target) for source, target, _ in chosen]
    settings = chosen_settings(None)

    def linked(*reading: str) -> Callable[[], list[Any]]:
        read = read_as(encoder, *reading)
        return lambda: [one.links for one in link_pairs(read, pairs, settings)]

    def simalign(dtype: torch.dtype) -> Callable[[], list[Any]]:
        aligner = peer("simalign").SentenceAligner(model=saved, token_type="bpe", matching_methods="a", layer=7)
        aligner.embed_loader.emb_model.to(dtype)
        plain = aligner.embed_loader.get_embed_list

        def as_float32(batch: Any) -> Any:  # numpy has no bfloat16
            return plain(batch).float()

        aligner.embed_loader.get_embed_list = as_float32
        return lambda: [aligner.get_word_aligns(source, target)["inter"] for source, target in pairs]

    found = race(
        {
            "simalign argmax, as it comes": simalign(torch.float32),
            "simalign argmax, its model in bfloat16": simalign(torch.bfloat16),
            "ours before: torch float32": linked("float32", "torch"),
            "packed float32": linked("float32", "packed"),
            "ours": linked(),
        }
    )

    def error(links: list[Any]) -> str:
        counts = [count_links(row[2], frozenset(map(tuple, own))) for row, own in zip(chosen, links, strict=True)]
        return f"AER {score_counts(np.array(counts, np.int64)).aer:.2f}"

    show(f"word links of {len(pairs)} pairs", found, error)
    texts = [(" ".join(source), " ".join(target)) for source, target in pairs]

    def scored(*reading: str) -> Callable[[], np.ndarray]:
        read = read_as(encoder, *reading)
        return lambda: score_pairs(read, texts, reference(read, texts))

    found = race({"ours before: torch float32": scored("float32", "torch"), "ours": scored()})
    exact = found["ours before: torch float32"][1]

    def ranks(scores: np.ndarray) -> str:
        from scipy.stats import spearmanr

        return "rank correlations " + ", ".join(
            f"{spearmanr(scores[:, k], exact[:, k])[0]:.4f}" for k in (0, 1, 2, 4)
        )  # fmt: skip

    show(f"bitext scores of {len(texts)} pairs", found, ranks)


def test_evaluation(encoder, catalog, saved, tmp_path):
    from sentence_transformers import CrossEncoder
    from transformers import BertForSequenceClassification

    items = catalog.xnli("validation", "en").items[: 4 * TEXTS]
    pairs = [(item.premise, item.hypothesis) for item in items]
    classifier = BertForSequenceClassification.from_pretrained(saved, num_labels=3)
    classifier.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    model = frozen(new_model(encoder, ModelConfig(), 0))

    def cross(dtype: torch.dtype) -> Callable[[], Any]:
        whole = CrossEncoder(str(tmp_path), device="cpu", max_length=128, local_files_only=True)
        whole.model.to(dtype)
        return lambda: whole.predict(pairs, show_progress_bar=False, convert_to_tensor=True).float().numpy()

    def ours(*reading: str) -> Callable[[], Any]:
        read = read_model_as(model, read_as(encoder, *reading).reading)
        padding = encoder.tokenizer.pad_token_id
        return lambda: predict_encoded(read, encode_pairs(encoder, pairs, None, 128), padding)

    found = race(
        {
            "CrossEncoder float32, as it comes": cross(torch.float32),
            "CrossEncoder bfloat16": cross(torch.bfloat16),
            "ours before: torch bfloat16": ours("bfloat16", "torch"),
            "ours": ours(),
        }
    )
    exact = ours("float32", "torch")()

    def nearness(probabilities: Any) -> str:
        return f"largest difference to our float32 {np.abs(probabilities - exact).max():.4f}"

    show(f"evaluation of {len(pairs)} pairs", found, lambda p: nearness(p) if np.allclose(p.sum(1), 1) else "")

    def study(*reading: str) -> Callable[[], Any]:
        """Three arms, whose frozen layers are read once, as a study and `evaluate` read them."""
        read = [read_model_as(model, read_as(encoder, *reading).reading) for _ in range(3)]
        padding, count = encoder.tokenizer.pad_token_id, iter(range(99))

        def evaluate() -> Any:
            kept = tmp_path / str(next(count)), encoder.fingerprint
            encoded = encode_pairs(encoder, pairs, None, 128)
            return [predict_encoded(one, encoded, padding, kept=kept) for one in read][-1]

        return evaluate

    def thrice(way: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: [way() for _ in range(3)][-1]

    found = race({"CrossEncoder bfloat16, three": thrice(cross(torch.bfloat16)), "ours": study()})
    show(f"evaluation of {len(pairs)} pairs by three arms", found, lambda p: nearness(p) if p.shape[1] == 3 else "")
