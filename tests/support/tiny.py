"""A two-layer random encoder with the real tokeniser: every path of training in seconds."""

from __future__ import annotations

import dataclasses
import shutil
from types import SimpleNamespace

import pytest

from core.config import DataConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from core.encoder.encoder import Encoder

MODEL = ModelConfig(rank=4, alpha=8, first_layer=0, posterior_size=8, hidden_size=16)


def tiny_encoder(encoder: Encoder, layers: int = 2) -> Encoder:
    """`encoder` with a random model of width 16 in place of its own."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=250037, hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=512, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(5)
        model = BertModel(config, add_pooling_layer=False).eval().requires_grad_(False)
    return dataclasses.replace(
        encoder, model=model, layers=layers, hidden_size=16, fingerprint="ab" * 32, name="tiny", prefix=""
    )


def free_disk(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let the disk have `size` bytes free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=size))


def configuration(arm: str, updates: int = 6, warm_start: str | None = None, **settings: object) -> RunConfig:
    """A run of a few updates over the starter set."""
    return RunConfig(
        arm=arm, seed=0, encoder_sha256="ab" * 32, model=MODEL,
        training=TrainingConfig(updates=updates, batch_pairs=4, learning_rate=1e-2, head_learning_rate=1e-2),
        data=DataConfig("starter", "f", updates * 4, ("sw", "th"), 50, 4),
        evaluation=EvaluationConfig(other_items=6, held_out_pairs=30, plan_pairs=1),
        settings=settings, warm_start=warm_start,
    )  # fmt: skip
