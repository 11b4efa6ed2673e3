"""Small drawn results of a study, for tests of what is passed on: the numbers mean nothing, their analysis is real."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.exchange.results import BenchmarkPredictions, StudyResults
from core.experiment.studies.read import parse_study
from core.experiment.studies.sheet import study_sheet
from core.experiment.studies.verdict import as_record, judge_study
from core.reference.stored_verdict import read_verdict
from core.reference.unpack import read_reference
from core.shipped import SHIPPED
from core.verdict.answers import PROBABILITIES
from core.verdict.paired_values import consecutive

TEXT = """name = "{name}"
title = "A small study of {name}"
seeds = [0, 1, 2]

[warm]
updates = 2

[train]
updates = 2

[bitext]
languages = ["sw", "th"]

[analysis]
method = "{method}"

[[benchmark]]
name = "xnli"
source = "xnli"
licence = "{licence}"

[[arm]]
name = "english-only"
role = "baseline"

[[arm]]
name = "transport"

[[arm]]
name = "adversarial"

[[arm]]
name = "mean-matching"
role = "control"
seeds = [0]
{questions}
"""
QUESTIONS = """
[[question]]
first = "transport"
second = "english-only"

[[question]]
first = "transport"
second = "adversarial"
margin = 4.0

[[question]]
first = "mean-matching"
second = "english-only"
group = "source"
family = "secondary"
"""
ARMS = ("english-only", "transport", "adversarial", "mean-matching")
LANGUAGES = ("en", "sw", "th", "fr")
STRENGTH = {"english-only": 0.3, "transport": 0.45, "adversarial": 0.2, "mean-matching": 0.3}
#: Runs a file as a program in which these packages cannot be imported.
WITHOUT = """
import runpy, sys
for name in sys.argv.pop(1).split():
    sys.modules[name] = None
sys.path[:] = [folder for folder in sys.path if folder]
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
#: What a bundle is checked without: all but pandas and numpy, and the project itself.
NOT_THERE = "torch transformers scipy statsmodels sklearn pyarrow duckdb core store"


def small_results(
    method: str = "crossed", name: str = "small", licence: str = "CC BY-NC 4.0", seeds: Sequence[int] = (0, 1, 2),
    items: int = 90, first_item: int = 0,
) -> StudyResults:  # fmt: skip
    """Runs of `ARMS` (the last at the first seed alone) on items of 3 a premise in `LANGUAGES`."""
    questions = QUESTIONS if method == "crossed" else ""
    text = TEXT.format(name=name, method=method, licence=licence, questions=questions)
    study = parse_study(text)
    runs = [(arm, seed) for arm in ARMS for seed in (seeds if arm != ARMS[-1] else seeds[:1])]
    predictions = _predictions(runs, items, first_item)
    robust = pd.DataFrame()
    scores = _scores(runs)
    if method == "first":
        noise = _predictions([run for run in runs if run[1] == seeds[0]], items, first_item + 1000)
        robust = noise.assign(split="noise")
        answers: Mapping[str, Any] = json.loads(json.dumps(study_sheet(study, predictions, robust, scores)))
    else:
        found = judge_study(study, predictions)
        answers = {"questions": [dict(as_record(one)) for one in found.answers], "skipped": []}
    part = BenchmarkPredictions(study.benchmark(), predictions, consecutive(3))
    records = tuple(_record(arm, seed) for arm, seed in runs)
    collapsed = {run_id("adversarial", seed): True for seed in seeds}
    return StudyResults(study, text, "", records, (part,), robust, scores, collapsed, json.loads(json.dumps(answers)))


def shipped_results() -> StudyResults:
    """The first study's, from the results that ship with the project."""
    from core.experiment.studies.read import study_path

    reference = read_reference(SHIPPED)
    text = study_path("xnli-first").read_text(encoding="utf-8")
    predictions, study = reference.predictions("test"), parse_study(text)
    runs = set(predictions["run_id"])
    part = BenchmarkPredictions(study.benchmark(), predictions, consecutive(3))
    records = tuple(record for record in reference.records if record["run_id"] in runs)
    return StudyResults(
        study, text, "", records, (part,), reference.by_arm("robust"), reference.by_arm("scores"), {},
        read_verdict(SHIPPED)[1],
    )  # fmt: skip


def run_id(arm: str, seed: int) -> str:
    """Twelve hexadecimal digits."""
    return hashlib.sha256(f"{arm} {seed}".encode()).hexdigest()[:12]


def recompute(folder: Path, without: str = NOT_THERE) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own `recompute.py` where the packages `without` cannot be imported."""
    command = [sys.executable, "-c", WITHOUT, without, str(folder / "recompute.py")]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True)


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Put another content in a bundle's file, and its sum in the manifest: what is left to see it are the numbers."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _predictions(runs: Sequence[tuple[str, int]], items: int, first_item: int) -> pd.DataFrame:
    ids = np.arange(first_item, first_item + items)
    parts = []
    for arm, seed in runs:
        for code in LANGUAGES:
            random = np.random.default_rng([seed, first_item, *arm.encode(), *code.encode()])
            gold = (ids * 7 + ids // 3) % 3
            raised = random.dirichlet([1.2, 0.9, 1.0], len(ids)) + STRENGTH[arm] * np.eye(3)[gold]
            shares = (raised / raised.sum(1, keepdims=True)).astype(np.float32)
            part = pd.DataFrame({"run_id": run_id(arm, seed), "arm": arm, "seed": seed, "language": code,
                                 "item_id": ids, "gold": gold.astype(np.int8)})  # fmt: skip
            parts.append(part.assign(**{name: shares[:, k] for k, name in enumerate(PROBABILITIES)}))
    return pd.concat(parts, ignore_index=True)


def _scores(runs: Sequence[tuple[str, int]]) -> pd.DataFrame:
    rows = []
    for arm, seed in runs:
        for k, code in enumerate(("sw", "th")):
            for name in ("retrieval_accuracy@1", "retrieval_accuracy@1_from_english"):
                value = 60.0 + 5 * k + seed + 10 * STRENGTH[arm]
                rows.append(
                    (run_id(arm, seed), arm, seed, name, "held-out", code, -1, value, value - 4, value + 4, 300)
                )
    columns = ["run_id", "arm", "seed", "name", "split", "language", "layer", "value", "low", "high", "items"]
    return pd.DataFrame(rows, columns=columns)


def _record(arm: str, seed: int) -> dict[str, Any]:
    return {
        "run_id": run_id(arm, seed), "arm": arm, "seed": seed, "warm_start": f"warm-{seed}", "recipe": 3,
        "protocol": f"{seed:012x}", "created": f"2026-11-2{seed}T10:00:00+00:00", "updates": 2, "seconds": 4.5,
        "encoder": "embedded", "encoder_sha256": "0" * 64, "nli_pairs": 64, "bitext_pairs": 20,
        "versions": {"torch": "2.13.0", "numpy": "2.4.6"}, "machine": {"cores": 2, "python": "3.11.7"},
        "config": {
            "arm": arm, "seed": seed, "warm_start": f"warm-{seed}", "settings": {"weight": 1.0},
            "data": {"kind": "real", "fingerprint": "f", "bitext_languages": ["sw", "th"]},
            "evaluation": {"precision": "float32"},
        },
    }  # fmt: skip
