from __future__ import annotations

from typing import Any

import numpy as np

from core.encoder.packed import SHA256, Packed
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch


def test_the_encoder_describes_itself(encoder: Any) -> None:
    assert (encoder.name, encoder.prefix, encoder.pooling) == ("embedded", "query: ", "mean")
    assert (encoder.layers, encoder.hidden_size, encoder.max_tokens) == (12, 384, 512)
    assert encoder.fingerprint == SHA256


def test_the_model_is_frozen_whole_and_uses_sdpa(encoder: Any) -> None:
    model = encoder.model
    assert sum(p.numel() for p in model.parameters()) == 117_505_920
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert not any(t.is_meta for t in [*model.parameters(), *model.buffers()])
    assert model.config._attn_implementation == "sdpa" and model.pooler is None


def test_the_forward_pass_is_the_papers(encoder: Any) -> None:
    """One block written out in numpy: post-LN, exact GELU, positions from 0, token type 0."""
    from scipy.special import erf, softmax

    packed, size = Packed(), Packed().dimensions
    ids = encoder.tokenizer("query: The cat sat.")["input_ids"]

    def read(name: str, *shape: int) -> Any:
        return packed.tensor(name, shape).astype(np.float64)

    def norm(x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + size.eps)
        return scaled * read(f"{name}.w", 384) + read(f"{name}.b", 384)

    def linear(x: Any, name: str, out: int, into: int) -> Any:
        return x @ read(f"{name}.w", out, into).T + read(f"{name}.b", out)

    n = len(ids)
    x = read("emb.word", 250037, 384)[ids] + read("emb.pos", 512, 384)[:n] + read("emb.type", 2, 384)[0]
    x = norm(x, "emb.ln")
    q, k, v = (linear(x, f"l0.{part}", 384, 384).reshape(n, 12, 32).transpose(1, 0, 2) for part in "qkv")
    mixed = softmax(q @ k.transpose(0, 2, 1) / np.sqrt(32), axis=-1) @ v
    x = norm(x + linear(mixed.transpose(1, 0, 2).reshape(n, 384), "l0.ao", 384, 384), "l0.aln")
    inner = linear(x, "l0.fi", 1536, 384)
    inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
    x = norm(x + linear(inner, "l0.fo", 384, 1536), "l0.oln")
    with torch.inference_mode():
        got = encoder.model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[1][0].numpy()
    np.testing.assert_allclose(got, x, atol=1e-4)
