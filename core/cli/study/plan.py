"""`study plan`: what a study takes, and what 3 to 10 seeds can show."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput, MissingData

if TYPE_CHECKING:
    from core.experiment.studies.power import PowerPlan
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace


@app.command()
def plan(
    study: Named,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="CSV, TSV, JSONL or Parquet of predictions to plan from.")
    ] = None,
    seed_sd: Annotated[
        float | None, typer.Option("--seed-sd", min=0.0, help="Paired deviation between seeds, in points.")
    ] = None,
    cluster: Annotated[
        int | None, typer.Option("--cluster", min=1, help="Consecutive items that belong together.")
    ] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """What a study takes and what it can show: runs, and half-width and detectable effect for 3 to 10 seeds."""
    from core.data.catalog import open_catalog
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study
    from core.workspace import open_workspace

    workspace = open_workspace(home)
    read = find_study(study)
    runs = plan_study(read, open_catalog(data), "0" * 64)
    power = _power(read, predictions, seed_sd, cluster, workspace)
    payload: dict[str, Any] = {
        "study": read.name,
        "runs": len(runs),
        "power": [{"k": r.k, "half_width": r.half_width, "mde": r.mde, "mde_corrected": r.mde_corrected}
                  for r in power.rows],
        "components": asdict(power.found),
        "rests_on": power.note,
    }  # fmt: skip
    emit(payload, json, _plan_text(read, len(runs), power))


def _power(
    study: Study, predictions: Path | None, seed_sd: float | None, cluster: int | None, workspace: Workspace
) -> PowerPlan:
    """From a file of predictions, else from the stored runs of the study's arms."""
    from core.experiment.studies.power import plan_power

    family = len([q for q in study.questions if q.family == "primary"]) or 1
    if predictions is not None:
        from core.verdict.predictions_file import read_predictions

        return plan_power(read_predictions(predictions), (), cluster or 1, family, seed_sd)
    from core.verdict.answers import read_answers

    table = _stored(workspace)
    benchmark = study.benchmark()
    size = cluster or (benchmark.cluster if isinstance(benchmark.cluster, int) else 1)
    answers = read_answers(table)
    codes = tuple(c for c in benchmark.aligned or study.bitext.languages if c in answers.languages)
    return plan_power(answers, codes, size, family, seed_sd)


def _stored(workspace: Workspace) -> Any:
    from store.results.groups import find_comparison
    from store.results.predictions import read

    try:
        compared = find_comparison(workspace)
    except MissingData as error:
        raise BadInput(
            "No predictions are stored to plan from; give some by --predictions, or train a few runs with "
            "`python -m core run --preset quick --seeds 2`."
        ) from error
    runs = compared.runs
    table = read(workspace, list(runs["run_id"]), compared.split)
    tell(f"Planned from the {compared.split} predictions of {len(runs)} stored run(s).")
    return table.merge(runs[["run_id", "arm", "seed"]], on="run_id")


def _plan_text(study: Study, runs: int, power: PowerPlan) -> str:
    lines = [
        f"{study.name}: {runs} runs.",
        f"Power from {power.note} ({power.premises:,} clusters of items).",
        "seeds   half-width   found with 80 % power   at the first step of Holm",
    ]
    lines += [f"{r.k:>5}   {r.half_width:>10.2f}   {r.mde:>21.2f}   {r.mde_corrected:>25.2f}" for r in power.rows]
    return "\n".join(lines)
