"""OPTICAL's own setting as one resumable experiment: strengths chosen on held-out bitext, then every run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.config import ModelConfig
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.errors import MissingData
from core.experiment.finished import Finished
from core.progress import Progress
from core.query_encoders.context import ExperimentContext
from core.query_encoders.run import execute, runs_folder
from core.query_encoders.settings import QueryRun, QueryTraining, experiment
from core.workspace import Workspace

#: The files that decide a run's numbers.
ROLES = ("xnli", "bitext-training", "retrieval", "question-retrieval")


@dataclass(frozen=True)
class Scale:
    """How much of the experiment is made: `updates`, `seeds` and sizes are capped, for a trial of the command."""

    updates: int | None = None
    seeds: int | None = None
    held_out_pairs: int | None = None
    pool_questions: int | None = None


def base_run(catalog: Catalog, encoder: Encoder, scale: Scale) -> QueryRun:
    """What all runs have in common. Raises `MissingData` without LAReQA or a language's bitext."""
    plan = experiment()
    if catalog.kind != "real" or "en" not in catalog.question_languages():
        raise MissingData("The retrieval experiment needs LAReQA's XQuAD-R and training bitext: name them by --data.")
    absent = [code for code in plan["languages"] if code not in catalog.bitext_languages()]
    if absent:
        raise MissingData(
            f"There is no training bitext of {', '.join(absent)}; `python -m core data` says how to get it."
        )
    evaluation = plan["evaluation"]
    return QueryRun(
        "", 0, encoder.fingerprint, tuple(plan["languages"]), catalog.fingerprint(ROLES),
        plan["training"]["precision"], _least(evaluation["held_out_pairs"], scale.held_out_pairs),
        _least(evaluation["pool_questions"], scale.pool_questions),
    )  # fmt: skip


def run_experiment(
    workspace: Workspace, catalog: Catalog, encoder: Encoder, progress: Callable[[str], Progress],
    scale: Scale = Scale(),
) -> list[Finished]:  # fmt: skip
    """Make what is not there: trials, then seed by seed the arms."""
    plan, base = experiment(), base_run(catalog, encoder, scale)
    context, folder = ExperimentContext(base, workspace, catalog, encoder), runs_folder(workspace)
    runs: list[Finished] = []

    def make(run: QueryRun) -> None:
        done = execute(run, context, folder, progress(f"{run.arm} seed {run.seed}"))
        runs.append(done)

    for arm in plan["untrained"]:
        make(dataclasses.replace(base, arm=arm))
    weights = {
        arm: _chosen(arm, base, context, folder, progress, scale) for arm in plan["strengths"] if arm != "updates"
    }
    weights |= {arm: weights[main] for arm, main in plan["inherits"].items()}
    for seed in range(max(plan["seeds"].values())):
        for arm, seeds in plan["seeds"].items():
            if seed < _least(seeds, scale.seeds):
                updates = _least(plan["training"]["updates"], scale.updates)
                make(_training_run(base, arm, seed, weights[arm], updates))
    return runs


def _chosen(
    arm: str,
    base: QueryRun,
    context: ExperimentContext,
    folder: Path,
    progress: Callable[[str], Progress],
    scale: Scale,
) -> float:
    """The strength with the highest reciprocal rank on held-out bitext; of equals the weaker."""
    strengths = experiment()["strengths"]
    updates = _least(strengths["updates"], scale.updates)
    best, chosen = float("-inf"), 0.0
    for weight in sorted(strengths[arm]):
        run = dataclasses.replace(_training_run(base, arm, 0, weight, updates), trial=True)
        trial = execute(run, context, folder, progress(f"{arm}, strength {weight}")).describe()
        if trial["held_out"]["reciprocal_rank"] > best:
            best, chosen = trial["held_out"]["reciprocal_rank"], weight
    return chosen


def _training_run(base: QueryRun, arm: str, seed: int, weight: float, updates: int) -> QueryRun:
    plan = experiment()
    training = QueryTraining(**(plan["training"] | {"updates": updates, "weight": weight}))
    return dataclasses.replace(base, arm=arm, seed=seed, model=ModelConfig(**plan["model"]), training=training)


def _least(value: int, limit: int | None) -> int:
    return value if limit is None else min(value, limit)
