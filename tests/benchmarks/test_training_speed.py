"""Training and evaluation beside the plain alternative, in real tokens a second, in one run.

The peers are transformers' `Trainer` with dynamic padding on the same model, trainable parameters, optimiser, pairs
and updates, without dropout as here, and sentence-transformers' `CrossEncoder.predict` on the same encoder and pairs.
What differs in training is what is compared: order and padding of the batches, and the number format. English
validation accuracy is printed for both trainings, seed by seed and as the mean difference, and for evaluation in
float32 beside bfloat16. Each ratio is also held against the machine's own matrix products. Nothing here fails on time:

    ISOGLOSS_DATA=FOLDER python -m pytest tests/benchmarks/test_training_speed.py -m benchmark -s
"""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from core.config import ModelConfig, TrainingConfig
from core.data.catalog import open_catalog
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.base import NoSettings
    from core.arms.english_only import EnglishOnly
    from core.evaluation.predict import predict_encoded
    from core.model.batches import collate_pairs, encode_items
    from core.model.optimiser import build_optimiser
    from core.model.weights import frozen, in_precision, new_model
    from core.reading.precision import native_precision
    from core.training.arm import train_arm, update_generator
    from core.training.english import EnglishBatches
    from core.training.loop import TrainingState

UPDATES = int(os.environ.get("ISOGLOSS_BENCHMARK_UPDATES", "240"))
SEEDS = int(os.environ.get("ISOGLOSS_BENCHMARK_SEEDS", "1"))
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(7200 * SEEDS)]


@pytest.fixture(scope="module")
def catalog(data_dir):
    return open_catalog(data_dir)


def peak(dtype: torch.dtype) -> float:
    """Operations a second of a large product in `dtype`."""
    left, right = (torch.randn(2048, 2048).to(dtype) for _ in range(2))
    for _ in range(3):
        left @ right
    began = time.perf_counter()
    for _ in range(10):
        left @ right
    return 10 * 2 * 2048**3 / (time.perf_counter() - began)


def operations_a_token(encoder, first_trained: int) -> tuple[float, float]:
    """Operations of the linear maps for one token: forward, and forward with the backward pass to the inputs."""
    maps = sum(m.weight.numel() for m in encoder.model.modules() if isinstance(m, torch.nn.Linear))
    trained = maps * (encoder.layers - first_trained) / encoder.layers
    return 2.0 * maps, 2.0 * maps + 2.0 * trained


def english_accuracy(model, encoder, catalog) -> float:
    items = catalog.xnli("validation", "en").items
    predicted = predict_encoded(model, encode_items(encoder, items, 128), encoder.tokenizer.pad_token_id).argmax(1)
    return 100.0 * float(np.mean([p == item.label for p, item in zip(predicted, items, strict=True)]))


def ours(encoder, catalog, config, settings, seed=0):
    batches = EnglishBatches(encoder, catalog, config, seed)
    model = new_model(encoder, settings, seed)
    model.fit_scale([batches.pairs(k) for k in range(8)])
    began = time.perf_counter()
    # The lowered copy shares what is trained, so the model itself is trained.
    state = train_arm(
        in_precision(model, native_precision()),
        EnglishOnly(NoSettings(), None, (), seed),
        batches,
        config,
        seed,
        TrainingState(),
    )
    seconds = time.perf_counter() - began
    return model, state.forward / seconds


def peer(encoder, catalog, config, settings, seed, folder):
    """The same model and optimiser under `Trainer`: random batches in float32, padded to the longest of each."""
    from transformers import Trainer, TrainingArguments, get_linear_schedule_with_warmup

    batches = EnglishBatches(encoder, catalog, config, seed)
    model = new_model(encoder, settings, seed)
    model.fit_scale([batches.pairs(k) for k in range(8)])
    counted = []

    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def train(self, mode=True):
            return super().train(False)

        def forward(self, batch, labels=None):
            loss, kl, logits = self.inner.task_loss(batch, update_generator(seed, len(counted)))
            counted.append(batch.tokens)
            return {"loss": loss + settings.kl_weight * kl, "logits": logits}

    arguments = TrainingArguments(
        output_dir=str(folder), max_steps=config.updates, per_device_train_batch_size=config.batch_pairs,
        max_grad_norm=config.clip, use_cpu=True, report_to=[], save_strategy="no", logging_strategy="no",
        disable_tqdm=True, remove_unused_columns=False, seed=seed,
    )  # fmt: skip
    optimiser = build_optimiser(model, config)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"]
    rates = get_linear_schedule_with_warmup(optimiser, round(config.warmup * config.updates), config.updates)
    trainer = Trainer(
        model=Wrapped(), args=arguments, train_dataset=batches.encoded, optimizers=(optimiser, rates),
        data_collator=lambda rows: {"batch": collate_pairs(rows, batches.pad)},
    )  # fmt: skip
    began = time.perf_counter()
    trainer.train()
    return model.eval(), sum(counted) / (time.perf_counter() - began)


def test_training(encoder, catalog, tmp_path, capsys):
    config = TrainingConfig(updates=UPDATES, learning_rate=8e-4)
    settings = ModelConfig()
    name = native_precision()
    apart = []
    for seed in range(SEEDS):
        model, speed = ours(encoder, catalog, config, settings, seed)
        plain, plain_speed = peer(encoder, catalog, config, settings, seed, tmp_path)
        accuracies = [english_accuracy(frozen(m), encoder, catalog) for m in (model, plain)]
        apart.append(accuracies[0] - accuracies[1])
        share = speed * operations_a_token(encoder, settings.first_layer)[1] / peak(getattr(torch, name))
        with capsys.disabled():
            print(
                f"\ntraining, seed {seed}, {torch.get_num_threads()} threads, {UPDATES} updates: {speed:.0f} real "
                f"tokens/s in {name}, Trainer {plain_speed:.0f}: {speed / plain_speed:.2f} times; English validation "
                f"{accuracies[0]:.1f} and {accuracies[1]:.1f}; linear maps reach {100 * share:.0f} % of the "
                "matrix-product peak"
            )
        assert min(accuracies) > 34.0
    if SEEDS > 1:
        error = np.std(apart, ddof=1) / SEEDS**0.5
        with capsys.disabled():
            print(f"\nours minus Trainer over {SEEDS} seeds: {np.mean(apart):+.1f}, standard error {error:.1f}")


def test_evaluation(encoder, catalog, tmp_path, capsys):
    from sentence_transformers import CrossEncoder
    from transformers import BertForSequenceClassification

    config = TrainingConfig(updates=min(UPDATES, 60), learning_rate=8e-4)
    model = frozen(ours(encoder, catalog, config, ModelConfig())[0])
    items = catalog.xnli("validation", "en").items
    settings = encoder.model.config
    settings.num_labels = 3
    classifier = BertForSequenceClassification(settings)
    classifier.bert.load_state_dict(encoder.model.state_dict(), strict=False)
    classifier.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    cross = CrossEncoder(str(tmp_path), device="cpu", max_length=128, local_files_only=True)
    pad = encoder.tokenizer.pad_token_id
    encoded = encode_items(encoder, items, 128)
    tokens = sum(len(pair.ids) for pair in encoded)
    seconds = {}
    for name in ("float32", native_precision()):
        reader = in_precision(model, name)
        predict_encoded(reader, encoded[:64], pad)
        began = time.perf_counter()
        predict_encoded(reader, encode_items(encoder, items, 128), pad)
        seconds[name] = time.perf_counter() - began
    pairs = [(item.premise, item.hypothesis) for item in items]
    cross.predict(pairs[:64], show_progress_bar=False)
    began = time.perf_counter()
    cross.predict(pairs, show_progress_bar=False)
    other = time.perf_counter() - began
    accuracies = [english_accuracy(in_precision(model, name), encoder, catalog) for name in seconds]
    name = native_precision()
    share = tokens / seconds[name] * operations_a_token(encoder, 0)[0] / peak(getattr(torch, name))
    with capsys.disabled():
        print(
            f"\nevaluation, {torch.get_num_threads()} threads: {tokens / seconds[name]:.0f} real tokens/s in {name}, "
            f"{tokens / seconds['float32']:.0f} in float32, CrossEncoder.predict {tokens / other:.0f}: "
            f"{other / seconds[name]:.2f} times; English validation {accuracies[-1]:.2f}, in float32 "
            f"{accuracies[0]:.2f}; linear maps reach {100 * share:.0f} % of the matrix-product peak"
        )
    assert abs(accuracies[0] - accuracies[-1]) < 0.5
