"""Fused layers beside the library's, and beside transformers' `Trainer` at its best: ratios in processor time.

The first benchmark runs updates of two arms with both kinds of layers in turn, on the same batches. The second trains
English pairs under `Trainer` with bfloat16 weights and products, batches grouped by length, attention as plain products
(its fused backward pass is slower on processors) and every layer compiled, in one process with ours; compiling is
counted apart. Both print ratios, and nothing fails on time:

    ISOGLOSS_DATA=FOLDER OMP_NUM_THREADS=1 python -m pytest tests/benchmarks/test_fused_training.py -m benchmark -s
"""

from __future__ import annotations

import os
import statistics
import time

import pytest

from core.config import DataConfig, ModelConfig, TrainingConfig
from core.data.catalog import open_catalog
from core.languages import LOW_RESOURCE
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.base import NoSettings, Step
    from core.arms.english_only import EnglishOnly
    from core.arms.registry import find_arm
    from core.model.batches import collate_pairs
    from core.model.entry_states import EntryStates
    from core.model.optimiser import build_optimiser
    from core.model.weights import frozen, in_precision, new_model
    from core.reading.precision import native_precision
    from core.training.arm import train_arm, update_generator
    from core.training.bitext_pairs import BitextBatches
    from core.training.english import EnglishBatches
    from core.training.loop import TrainingState

UPDATES = int(os.environ.get("ISOGLOSS_BENCHMARK_UPDATES", "40"))
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(7200)]


@pytest.fixture(scope="module")
def catalog(data_dir):
    return open_catalog(data_dir)


def started(encoder, batches):
    """A model at its start, but with adapters that do something."""
    model = new_model(encoder, ModelConfig(), 0)
    model.fit_scale([batches.pairs(k) for k in range(2)])
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.02 * torch.randn(parameter.shape, generator=generator))
    return model


@pytest.mark.parametrize("name", ["english-only", "transport-posterior"])
def test_fused_beside_library(encoder, catalog, tmp_path, capsys, name):
    precision, count = native_precision(), max(4, UPDATES // 4)
    config = TrainingConfig(updates=count, precision=precision)
    english = EnglishBatches(encoder, catalog, config, 0)
    data = DataConfig("real", "", count * 32, LOW_RESOURCE, 2500, 30)
    bitexts = [catalog.training_bitext(code) for code in LOW_RESOURCE]
    bitext = BitextBatches(encoder, bitexts, data, count, 0)
    base, kind = started(encoder, english), find_arm(name)
    seconds: dict[str, list[float]] = {"library": [], "fused": []}
    losses: dict[str, list[float]] = {"library": [], "fused": []}
    models = {}
    for layers in seconds:
        model = in_precision(base, precision, layers)
        teacher = in_precision(frozen(base), precision, layers)
        arm, entry = kind(kind.parse_settings({}), teacher, LOW_RESOURCE, 0), EntryStates(tmp_path, "embedded", model)
        models[layers] = model, arm, entry
    for update in range(count + 1):
        for layers, (model, arm, entry) in models.items():
            at = max(update - 1, 0)
            nli = entry.fill(english.pairs(at))
            pairs = entry.fill_bitext(bitext(at), False) if kind.uses_bitext else None
            model.zero_grad(set_to_none=True)
            began = time.process_time()
            loss = arm.loss(model, Step(nli, pairs, 0.5, update_generator(0, update))).total
            loss.backward()
            if update:  # the first warms up
                seconds[layers].append(time.process_time() - began)
                losses[layers].append(float(loss.detach()))
    each = [a / b for a, b in zip(seconds["library"], seconds["fused"], strict=True)]
    apart = max(abs(a - b) for a, b in zip(losses["library"], losses["fused"], strict=True))
    with capsys.disabled():
        print(
            f"\n{name}, {torch.get_num_threads()} threads, {precision}, {count} updates in turn: library "
            f"{statistics.mean(seconds['library']):.2f} s of processor an update, fused "
            f"{statistics.mean(seconds['fused']):.2f}: {sum(seconds['library']) / sum(seconds['fused']):.2f} times "
            f"(median of the updates {statistics.median(each):.2f}); losses differ by at most {apart:.4f}"
        )
    assert apart < 0.05


def ours(encoder, catalog, config, kept=None):
    """Real tokens a second of processor time; from entry states that another arm of the seed has left in `kept`."""
    batches = EnglishBatches(encoder, catalog, config, 0)
    model = started(encoder, batches)
    arm = EnglishOnly(NoSettings(), None, (), 0)
    reader = in_precision(model, config.precision, "fused")
    entry = EntryStates(kept, "embedded", reader) if kept else None
    for update in range(config.updates if entry else 0):
        entry.fill(batches.pairs(update))

    def filled(update):
        return (entry.fill(batches.pairs(update)) if entry else batches.pairs(update)), None

    began = time.process_time()
    state = train_arm(reader, arm, filled, config, 0, TrainingState())
    return state.forward / (time.process_time() - began)


def peer(encoder, catalog, config, folder):
    """The same of `Trainer`, after the first quarter of the updates, and the seconds that compiling took."""
    from transformers import Trainer, TrainerCallback, TrainingArguments, get_linear_schedule_with_warmup

    batches = EnglishBatches(encoder, catalog, config, 0)
    model = in_precision(started(encoder, batches), config.precision)
    for layer in model.backbone.encoder.layer:
        layer.compile(dynamic=True)
    marks: list[tuple[float, float, int]] = []
    counted: list[int] = []

    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def train(self, mode=True):
            return super().train(False)

        def forward(self, batch, labels=None):
            loss, kl, logits = self.inner.task_loss(batch, update_generator(0, len(counted)))
            counted.append(batch.tokens)
            return {"loss": loss + model.config.kl_weight * kl, "logits": logits}

    class Clock(TrainerCallback):
        def on_step_end(self, *args, **kwargs):
            children = os.times()
            marks.append((time.process_time(), children.children_user + children.children_system, sum(counted)))

    arguments = TrainingArguments(
        output_dir=str(folder), max_steps=config.updates, per_device_train_batch_size=config.batch_pairs,
        max_grad_norm=config.clip, use_cpu=True, report_to=[], save_strategy="no", logging_strategy="no",
        disable_tqdm=True, remove_unused_columns=False, seed=0, train_sampling_strategy="group_by_length",
    )  # fmt: skip
    optimiser = build_optimiser(model, config)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"]
    rates = get_linear_schedule_with_warmup(optimiser, round(config.warmup * config.updates), config.updates)
    trainer = Trainer(
        model=Wrapped(), args=arguments, optimizers=(optimiser, rates), callbacks=[Clock()],
        train_dataset=[{"input_ids": pair.ids, "pair": pair} for pair in batches.encoded],
        data_collator=lambda rows: {"batch": collate_pairs([row["pair"] for row in rows], batches.pad)},
    )  # fmt: skip
    began = time.process_time()
    trainer.train()
    warm = marks[len(marks) // 4]
    steady = (marks[-1][2] - warm[2]) / (marks[-1][0] - warm[0])
    return steady, max(0.0, warm[0] - began - warm[2] / steady)


def test_beside_trainer_at_its_best(encoder, catalog, tmp_path, capsys):
    config = TrainingConfig(updates=UPDATES, precision=native_precision())
    speed, later, peers = [], [], []
    for turn in range(2):
        speed.append(ours(encoder, catalog, config))
        later.append(ours(encoder, catalog, config, tmp_path / "entry"))
        peers.append(peer(encoder, catalog, config, tmp_path / str(turn)))
    other = statistics.mean(p[0] for p in peers)
    ratio = statistics.mean(speed) / other
    with capsys.disabled():
        print(
            f"\nEnglish pairs, {torch.get_num_threads()} threads, {config.precision}, {UPDATES} updates, twice: "
            f"{statistics.mean(speed):.0f} real tokens a second of processor with fused layers, "
            f"{statistics.mean(later):.0f} from kept entry states, compiled Trainer {other:.0f} once it is compiled, "
            f"which took {peers[0][1]:.0f} s: "
            f"{ratio:.2f} and {statistics.mean(later) / other:.2f} times"
        )
    assert ratio > 0
