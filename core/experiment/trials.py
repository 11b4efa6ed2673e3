"""Trials: what is trained and how, compared by English validation accuracy per minute and file size."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from core.arms.base import NoSettings
from core.arms.english_only import EnglishOnly
from core.config import ModelConfig, TrainingConfig
from core.data.catalog import Catalog
from core.encoder.device import device_of
from core.encoder.encoder import Encoder
from core.evaluation.predict import predict_encoded
from core.model.adapters import trainable_backbone, trainable_state
from core.model.batches import encode_items
from core.model.fused_layers import check_layers
from core.model.nli import NLIModel
from core.model.weights import in_precision
from core.progress import Progress, silent
from core.reading.precision import check_precision
from core.training.arm import train_arm
from core.training.english import EnglishBatches
from core.training.loop import TrainingState


@dataclass(frozen=True)
class Trial:
    """One trial: settings, and what they gave. `cpu_minutes` is processor time of training alone."""

    tuning: str
    first_layer: int
    rank: int
    learning_rate: float
    precision: str
    mix: str
    updates: int
    tokens: int
    cpu_minutes: float
    task_loss: float
    english: float
    items: int
    megabytes: float


def run_trial(
    encoder: Encoder,
    catalog: Catalog,
    model_config: ModelConfig,
    training: TrainingConfig,
    seed: int = 0,
    progress: Progress = silent,
    repeats: Mapping[str, int] | None = None,
) -> Trial:
    """Train the English task alone and read English validation.

    task_loss is the mean over the last quarter of the updates; megabytes what the trained weights take as float16.
    """
    batches = EnglishBatches(encoder, catalog, training, seed, repeats=repeats)
    backbone = trainable_backbone(encoder.model, model_config, seed)
    model = NLIModel(backbone, model_config, encoder.hidden_size).to(device_of(encoder))
    model.fit_scale([batches.pairs(k) for k in range(min(8, training.updates))])
    model = in_precision(model, check_precision(training.precision), check_layers(training.layers))
    began = time.process_time()
    arm = EnglishOnly(NoSettings(), None, (), seed)
    state = train_arm(model, arm, batches, training, seed, TrainingState(), progress=progress)
    minutes = (time.process_time() - began) / 60
    losses = [v for step, name, v in state.curves if name == "task_loss" and step >= training.updates * 3 // 4]
    items = catalog.xnli("validation", "en").items
    encoded = encode_items(encoder, items, training.max_tokens)
    predicted = predict_encoded(model, encoded, encoder.tokenizer.pad_token_id).argmax(1)
    right = sum(int(p) == item.label for p, item in zip(predicted, items, strict=True))
    size = sum(t.numel() for t in trainable_state(model).values()) * 2 / 1e6
    mix = ", ".join(f"{name} x{count}" for name, count in sorted((repeats or {}).items())) or "all"
    return Trial(
        model_config.tuning, model_config.first_layer, model_config.rank if model_config.tuning == "lora" else 0,
        training.learning_rate, training.precision,
        mix, training.updates, state.forward, minutes,
        float(torch.tensor(losses).mean()), 100.0 * right / len(items), len(items), size,
    )  # fmt: skip
