"""Tuning trials of an arm: one form of it, read on English validation and on held-out bitext, never on test."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.arms.registry import find_arm
from core.config import RunConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.experiment.finished import Finished
from core.experiment.run import execute
from core.experiment.studies.depth import EMBEDDED_LAYERS
from core.experiment.studies.plan import HELD_OUT_COST_SETTINGS, on_data, plan_study
from core.experiment.studies.schema import Study, StudyArm
from core.progress import Progress, silent
from core.workspace import Workspace


@dataclass(frozen=True)
class Trial:
    """One row of the log: what was tried, from which warm start, and what it gave.

    english is accuracy x100 on all of XNLI validation in English (`english_start` the warm start's). The objectives
    are read on held-out bitext of the five languages, the same for every form: `cost`, the weighted transport cost
    under fixed settings, and `probe`, accuracy x100 of a fresh language probe, each with the warm start's;
    `objective` is the one of the two that the arm is judged by (lower is better; NaN for an arm without one).
    `retrieval` is accuracy at 1, x100, mean over languages and both directions, on the test pairs of retrieval.
    """

    arm: str
    settings: str
    updates: int
    warm_start: str
    english: float
    english_start: float
    objective: float
    cost: float
    cost_start: float
    probe: float
    probe_start: float
    retrieval: float
    minutes: float
    took: str
    run_id: str


def trial_config(
    study: Study, catalog: Catalog, encoder_sha256: str, arm: str, settings: dict[str, Any], updates: int, *,
    bitext_batch: int | None = None, warm_start: str | None = None, seed: int = 0, depth: int = EMBEDDED_LAYERS,
) -> RunConfig:  # fmt: skip
    """The run of one trial: the study's arm with `settings` in place of its defaults, English validation alone.

    `depth` is how many layers the encoder has.
    """
    study = on_data(study, catalog.kind)
    reading = dataclasses.replace(
        study.readings, other_items=0, languages=(), robust_seeds=(), generalised_items=0, robust_items=0,
        calibrate=False,
    )  # fmt: skip
    plain = dataclasses.replace(
        study, train=dataclasses.replace(study.train, updates=updates), readings=reading, starter={},
        arms=(StudyArm(arm, settings=settings),),
        benchmarks=(dataclasses.replace(study.benchmark(), split="validation", everywhere=()),),
        bitext=dataclasses.replace(study.bitext, batch=bitext_batch or study.bitext.batch),
    )  # fmt: skip
    planned = plan_study(plain, catalog, encoder_sha256, [arm], [seed], depth)[-1]
    return dataclasses.replace(
        planned, evaluation=dataclasses.replace(planned.evaluation, yardstick=HELD_OUT_COST_SETTINGS),
        warm_start=warm_start or planned.warm_start,
    )  # fmt: skip


def try_out(
    config: RunConfig, settings: dict[str, Any], workspace: Workspace, catalog: Catalog, encoder: Encoder,
    progress: Progress = silent,
) -> Trial:  # fmt: skip
    """Make the run and read its row; a run that is there is not made again."""
    done = execute(config, workspace, catalog, encoder, preset="tuning", progress=progress)
    described = done.describe()
    start = Finished(workspace.run(str(config.warm_start)), True)
    judge = find_arm(config.arm).judged_by
    cost, probe = _score(done, "bitext_cost"), _score(done, "language_probe")
    objective = {"transport": cost, "language": probe, None: float("nan")}[judge]
    took = {True: "yes", False: "no", None: "-"}[described["took"]] if judge else "-"
    return Trial(
        config.arm, json.dumps(settings | {"bitext_batch": config.data.bitext_batch}, sort_keys=True),
        described["updates"], str(config.warm_start),
        _score(done, "accuracy", "en"), _score(start, "accuracy", "en"),
        objective, cost, _score(done, "bitext_cost_start"), probe, _score(done, "language_probe_start"),
        _retrieval(done), described["training_seconds"] / 60.0, took, config.run_id,
    )  # fmt: skip


def _score(run: Finished, name: str, language: str = "") -> float:
    scores = pd.read_parquet(run.folder / "scores.parquet")
    values = scores[(scores["name"] == name) & (scores["language"] == language)]["value"]
    return float(values.iloc[0]) if len(values) else float("nan")


def _retrieval(run: Finished) -> float:
    scores = pd.read_parquet(run.folder / "scores.parquet")
    rows = scores[scores["name"].str.startswith("retrieval_accuracy@1")]
    return float(rows["value"].mean())
