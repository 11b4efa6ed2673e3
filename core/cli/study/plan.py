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
    from core.data.catalog import Catalog
    from core.experiment.studies.power import PowerPlan
    from core.experiment.studies.schema import Benchmark, Study
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
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", help="One of the study's benchmarks; else its first.")
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
    catalog = open_catalog(data)
    runs = plan_study(read, catalog, "0" * 64)
    chosen = _benchmark(read, benchmark)
    power = _power(read, chosen, predictions, seed_sd, cluster, workspace, catalog)
    payload: dict[str, Any] = {
        "study": read.name,
        "runs": len(runs),
        "power": [{"k": r.k, "half_width": r.half_width, "mde": r.mde, "mde_corrected": r.mde_corrected}
                  for r in power.rows],
        "components": asdict(power.found),
        "rests_on": power.note,
    }  # fmt: skip
    emit(payload, json, _plan_text(read, len(runs), power))


def _benchmark(study: Study, name: str | None) -> Benchmark:
    known = [one.name for one in study.benchmarks]
    if name and name not in known:
        raise BadInput(f"{name[:60]!r} is no benchmark of {study.name}; it has {', '.join(known)}.")
    return study.benchmark(name or "")


def _power(
    study: Study, benchmark: Benchmark, predictions: Path | None, seed_sd: float | None, cluster: int | None,
    workspace: Workspace, catalog: Catalog,
) -> PowerPlan:  # fmt: skip
    """From a file of predictions, else from the stored runs of the study's arms."""
    from core.experiment.studies.power import plan_power

    family = len([q for q in study.questions if q.family == "primary"]) or 1
    if predictions is not None:
        from core.verdict.predictions_file import read_predictions

        return plan_power(read_predictions(predictions), (), cluster or 1, family, seed_sd)
    from core.experiment.studies.verdict import benchmark_rows, clusters_of, group_languages
    from core.verdict.answers import read_answers
    from core.verdict.paired_values import consecutive

    table, own = _stored(workspace, benchmark)
    if own:
        table = benchmark_rows(benchmark, table, True)
    answers = read_answers(table)
    codes = tuple(c for c in group_languages(benchmark, study, "aligned", answers.languages) if c in answers.languages)
    clusters = None if cluster else clusters_of(benchmark, study, catalog) if own else consecutive(3)
    return plan_power(answers, codes, cluster or 1, family, seed_sd, clusters=clusters)


def _stored(workspace: Workspace, benchmark: Benchmark) -> tuple[Any, bool]:
    """Predictions of the newest group, on the benchmark where it was read: then the second is True."""
    from store.results.groups import compare_runs, find_group
    from store.results.predictions import coverage, read

    try:
        group = find_group(workspace)
        covered = coverage(workspace, list(group["run_id"]))
        own = benchmark.stored_split in set(covered["split"])
        compared = compare_runs(workspace, group, benchmark.stored_split if own else "")
    except MissingData as error:
        raise BadInput(
            "No predictions are stored to plan from; give some by --predictions, or train a few runs with "
            "`python -m core run --preset quick --seeds 2`."
        ) from error
    runs = compared.runs
    table = read(workspace, list(runs["run_id"]), compared.split)
    tell(f"Planned from the {compared.split} predictions of {len(runs)} stored run(s).")
    return table.merge(runs[["run_id", "arm", "seed"]], on="run_id"), own


def _plan_text(study: Study, runs: int, power: PowerPlan) -> str:
    lines = [
        f"{study.name}: {runs} runs.",
        f"Power from {power.note} ({power.premises:,} clusters of items).",
        "seeds   half-width   found with 80 % power   at the first step of Holm",
    ]
    lines += [f"{r.k:>5}   {r.half_width:>10.2f}   {r.mde:>21.2f}   {r.mde_corrected:>25.2f}" for r in power.rows]
    return "\n".join(lines)
