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
from core.reading.formats import AUTO
from core.workspace import Workspace
from store.user import bitext_scores, bitexts

if TYPE_CHECKING:
    from core.bitext.cut import DetectionMetrics
    from core.bitext.score_calibration import ScoreCalibration

#: Pairs scored between two writes, and those of a file of good pairs that are read.
PORTION, GOOD_READ = 2048, 500
#: How scores were made that do not say.
_FIRST_READING = {"encoder": "embedded", "precision": "float32", "backend": "torch"}


def score_stored(
    workspace: Workspace, bitext: str, size: int | None, show: Progress, device: str = "cpu", good: Path | None = None,
    precision: str = "auto", backend: str = "auto", encoder: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Score a sample of `size` pairs, or all with None; returns counts and what planted damage showed.

    The encoder reads on `device`. `good` is a file of pairs that are right in the same two languages: how many of them
    the cut loses is told too. What has scores goes on as they were made (with None: by the encoder that made them),
    unless another `encoder`, `precision` or `backend` is asked for: then all are made again. Raises `BadInput` for a
    bitext that is not stored or has too few pairs, and for an encoder that cannot be read.
    """
    from core.bitext.noise_score import NAMES
    from core.bitext.score_calibration import ScoreCalibration
    from core.bitext.scores import cut_at, reference, score_pairs
    from core.bitext.synthetic_noise import SAMPLE, add_good, measure
    from core.encoder.load import EMBEDDED, load_encoder
    from core.encoder.read_as import describe, read_as
    from core.encoder.tokens import count_cut

    row = bitexts.get(workspace, bitext)
    identity, total = row["bitext_id"], int(row["pairs"])
    languages = row["source_language"], row["target_language"]
    if total < 10:
        raise BadInput(f"{row['name']} has {total} pairs; planted damage says nothing with fewer than 10.")
    given = good_pairs(good, languages) if good is not None else []
    chosen = bitexts.sample_pairs(workspace, identity, total if size is None else size)
    progress = _ShownTwice(progress_file(workspace, identity), len(chosen), show)
    try:
        progress.stage("loading the encoder")
        kept = bitext_scores.read_trust(workspace, identity)
        before_now = kept.get("read_by", _FIRST_READING) if kept else {}
        loaded = load_encoder(encoder or str(before_now.get("encoder", EMBEDDED)), device)
        as_before = before_now if loaded.name == before_now.get("encoder") else {}
        read = read_as(loaded, *(
            as_before.get(name, asked) if asked == AUTO else asked
            for name, asked in (("precision", precision), ("backend", backend))
        ))  # fmt: skip
        reader = describe(read)
        if kept and any(before_now[name] != reader[name] for name in before_now):
            bitext_scores.delete_scores(workspace, identity)
            kept = None
        first = bitexts.sample_pairs(workspace, identity, SAMPLE)
        pairs = list(zip(first["source"], first["target"], strict=True))
        known: dict[str, Any] = {}
        progress.stage(f"reading {len(pairs):,} pairs, to know what is usual here")
        against = reference(read, pairs, known)
        calibration = ScoreCalibration.from_document(kept)
        if calibration is None:
            progress.stage("scoring the sample")
            clean = score_pairs(read, pairs, against, lambda done, *_: progress(done), known, range(len(pairs)))
            bitext_scores.write_scores(workspace, identity, _table(first["number"], clean, NAMES))
            after = bitexts.pairs_by_number(workspace, identity, [int(n) + 1 for n in first["number"]])["target"]
            following = [text if isinstance(text, str) else None for text in after]
            progress.stage("damaging pairs in eight known ways, and scoring those")
            calibration = measure(read, pairs, against, clean, following, languages, total, known=known)
            bitext_scores.write_trust(workspace, identity, calibration.document() | {"read_by": reader})
        if given:
            progress.stage("scoring the good pairs that were given")
            calibration = add_good(read, calibration, pairs, against, given, languages)
            bitext_scores.write_trust(workspace, identity, calibration.document() | {"read_by": reader})
        known.clear()
        progress.stage("scoring")
        scored = set(bitext_scores.read_scores(workspace, identity)["number"])
        left = chosen[~chosen["number"].isin(scored)]
        before = len(chosen) - len(left)
        for start in range(0, len(left), PORTION):
            part = left.iloc[start : start + PORTION]
            progress(before + start)
            texts = list(zip(part["source"], part["target"], strict=True))
            offset = before + start
            scores = score_pairs(read, texts, against, lambda done, *_, at=offset: progress(at + done))
            bitext_scores.write_scores(workspace, identity, _table(part["number"], scores, NAMES))
        progress(len(chosen))
    finally:
        progress.file.unlink(missing_ok=True)
    return {
        "bitext": identity,
        "name": row["name"],
        "pairs": total,
        "scored": len(bitext_scores.read_scores(workspace, identity)),
        "read_by": reader,
        "cut": count_cut(cut_at(read), [*chosen["source"], *chosen["target"]], prefix=True),
        **summary(calibration),
    }


def good_pairs(path: Path, languages: tuple[str, str]) -> list[tuple[str, str]]:
    """The first pairs of a bitext file, its sides in the order of `languages`. Raises `BadInput` if it has none."""
    from itertools import islice

    from core.bitext.propose import propose
    from core.bitext.reading import open_bitext, read
    from core.bitext.records import Pair

    opened = open_bitext([path])
    layout = propose(opened).layout
    swap = layout.source_language == languages[1] and layout.target_language == languages[0]
    found = (one for one in read(opened, layout) if isinstance(one, Pair) and one.source and one.target)
    pairs = [(one.target, one.source) if swap else (one.source, one.target) for one in islice(found, GOOD_READ)]
    if not pairs:
        raise BadInput(f"{path.name} holds no pair, so nothing is known of good ones.")
    return pairs


def summary(calibration: ScoreCalibration) -> dict[str, Any]:
    """The best score, its cut, what it finds of each kind alone and with the filters, which kinds it does not find, and
    what it loses of good pairs; a figure that is not defined is None."""
    from core.bitext.noise import KINDS

    best = calibration.best
    cut = calibration.cut(best)
    return {
        "best": best,
        "cut": cut,
        "planted": {kind: _plain(calibration.metrics(best, kind, cut)) for kind in KINDS},
        "with_filters": {kind: _plain(calibration.metrics(best, kind, cut, filters=True)) for kind in KINDS},
        "not_found": list(calibration.missed(best, cut, filters=True)),
        "good_lost": {kind: _plain(calibration.metrics(best, kind, cut)) for kind in calibration.good},
    }


def text(done: dict[str, Any]) -> str:
    """What `score_stored` returned, for a person."""
    from core.bitext.cut import EXPECTED
    from core.notation import interval, rate

    lines = [f"{done['name']}: {done['scored']:,} of {done['pairs']:,} pairs scored; best score: {done['best']}"]
    lines.append(f"  of planted damage it finds at its cut (95 % for a file of which {100 * EXPECTED:.0f} % is such):")
    for kind, found in done["planted"].items():
        if found["recall"] is None:
            lines.append(f"  {kind:<16} could not be planted: no pair of the sample can have it")
            continue
        both = done["with_filters"][kind]
        lines.append(
            f"  {kind:<16} {rate(found['recall'])} % ({interval(found['recall_low'], found['recall_high'])}) of "
            f"{found['planted']}; with the filters {rate(both['recall'])}"
        )
    for kind, lost in done["good_lost"].items():
        if lost["recall"] is not None:
            span = interval(lost["recall_low"], lost["recall_high"])
            lines.append(f"  of good pairs it loses: {kind} {rate(lost['recall'])} % ({span}) of {lost['planted']}")
    if done["cut"]:
        lines.append(f"  {done['cut']:,} sides are longer than is read; their ends do not count")
    read_by = done["read_by"]
    lines.append(f"  read by {read_by['encoder']}: {read_by['precision']}, {read_by['backend']}")
    if done["not_found"]:
        lines.append(f"  not found: {', '.join(done['not_found'])}")
    return "\n".join(lines)


def _plain(metrics: DetectionMetrics) -> dict[str, Any]:
    found = dataclasses.asdict(metrics)
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in found.items()}


def _table(numbers: pd.Series[int], scores: Any, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({"number": numbers.to_numpy()} | {name: scores[:, i] for i, name in enumerate(names)})


class _ShownTwice:
    """Progress for the terminal and, as a small file, for the page."""

    def __init__(self, file: Path, total: int, show: Progress) -> None:
        self.file, self._total, self._show, self._began = file, total, show, time.time()
        self._stage, self._done = "", 0
        file.parent.mkdir(parents=True, exist_ok=True)

    def stage(self, name: str) -> None:
        """Say what is being done from now on."""
        self._stage = name
        self(self._done)

    def __call__(self, done: int) -> None:
        self._done = done
        self._show(done, self._total)
        state = {
            "done": done, "total": self._total, "stage": self._stage, "pid": os.getpid(), "began": self._began,
            "now": time.time(),
        }  # fmt: skip
        atomic_write(self.file, json.dumps(state), durable=False)
