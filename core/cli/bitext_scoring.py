"""Scoring a stored bitext: the work behind `bitext score`, in portions that the store keeps as they are made."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.bitext.underway import progress_file
from core.errors import BadInput
from core.files import atomic_write
from core.progress import Progress
from core.workspace import Workspace
from store.user import bitexts

if TYPE_CHECKING:
    from core.bitext.score_calibration import ScoreCalibration

#: Pairs whose mean states are taken for each language's, and pairs scored between two writes.
CENTRED_ON, PORTION = 300, 2048


def score_stored(
    workspace: Workspace, bitext: str, size: int | None, show: Progress, device: str = "cpu"
) -> dict[str, Any]:
    """Score a sample of `size` pairs, or all with None; returns counts and what synthetic noise showed.

    The encoder reads on `device`. Raises `BadInput` for a bitext that is not stored or has too few pairs.
    """
    from core.bitext.noise_score import NAMES
    from core.bitext.score_calibration import ScoreCalibration
    from core.bitext.scores import centres, score_pairs
    from core.bitext.synthetic_noise import SAMPLE, measure
    from core.encoder.load import load_encoder

    row = bitexts.get(workspace, bitext)
    identity, total = row["bitext_id"], int(row["pairs"])
    if total < 10:
        raise BadInput(f"{row['name']} has {total} pairs; synthetic noise says nothing with fewer than 10.")
    chosen = bitexts.sample_pairs(workspace, identity, total if size is None else size)
    progress = _ShownTwice(progress_file(workspace, identity), len(chosen), show)
    try:
        progress(0)
        encoder = load_encoder(device=device)
        first = bitexts.sample_pairs(workspace, identity, SAMPLE)
        pairs = list(zip(first["source"], first["target"], strict=True))
        centre = centres(encoder, pairs[:CENTRED_ON])
        document = bitexts.read_trust(workspace, identity)
        calibration = ScoreCalibration.from_document(document) if document else None
        if calibration is None:
            known: dict[str, Any] = {}
            clean = score_pairs(encoder, pairs, centre, lambda done, *_: progress(done), known)
            bitexts.write_scores(workspace, identity, _table(first["number"], clean, NAMES))
            calibration = measure(encoder, pairs, centre, clean, known=known)
            bitexts.write_trust(workspace, identity, calibration.document())
        scored = set(bitexts.read_scores(workspace, identity)["number"])
        left = chosen[~chosen["number"].isin(scored)]
        before = len(chosen) - len(left)
        for start in range(0, len(left), PORTION):
            part = left.iloc[start : start + PORTION]
            progress(before + start)
            texts = list(zip(part["source"], part["target"], strict=True))
            offset = before + start
            scores = score_pairs(encoder, texts, centre, lambda done, *_, at=offset: progress(at + done))
            bitexts.write_scores(workspace, identity, _table(part["number"], scores, NAMES))
        progress(len(chosen))
    finally:
        progress.file.unlink(missing_ok=True)
    return {
        "bitext": identity,
        "name": row["name"],
        "pairs": total,
        "scored": len(bitexts.read_scores(workspace, identity)),
        **summary(calibration),
    }


def summary(calibration: ScoreCalibration) -> dict[str, Any]:
    """The best score, its cut, and what that finds of each kind; a precision that is not defined is None."""
    best = calibration.best
    cut = calibration.cut(best)
    metrics = {kind: dataclasses.asdict(calibration.metrics(best, kind, cut)) for kind in calibration.spoilt}
    for by_name in metrics.values():
        for key, value in by_name.items():
            if isinstance(value, float) and math.isnan(value):
                by_name[key] = None
    return {"best": best, "cut": cut, "planted": metrics}


def _table(numbers: pd.Series[int], scores: Any, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({"number": numbers.to_numpy()} | {name: scores[:, i] for i, name in enumerate(names)})


class _ShownTwice:
    """Progress for the terminal and, as a small file, for the page."""

    def __init__(self, file: Path, total: int, show: Progress) -> None:
        self.file, self._total, self._show, self._began = file, total, show, time.time()
        file.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, done: int) -> None:
        self._show(done, self._total)
        state = {
            "done": done, "total": self._total, "pid": os.getpid(), "began": self._began, "now": time.time(),
        }  # fmt: skip
        atomic_write(self.file, json.dumps(state), durable=False)
