"""`study plan`: what a study takes, and what 3 to 10 seeds can show."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput, MissingData
from core.progress import bar

if TYPE_CHECKING:
    from core.config import RunConfig
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
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Measure a few updates and items of each arm for the minutes.")
    ] = True,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Processor threads of the probe.")] = 1,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """What a study takes and what it can show: runs, minutes, disk; half-width and detectable effect by seeds."""
    from core.cli.run import depth_for
    from core.data.catalog import open_catalog
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study
    from core.experiment.studies.study_data import study_catalog
    from core.workspace import open_workspace

    workspace = open_workspace(home)
    read = find_study(study)
    catalog = open_catalog(data)
    runs = plan_study(read, catalog, "0" * 64, depth=depth_for(read, read.encoder))
    chosen = _benchmark(read, benchmark)
    power = _power(read, chosen, predictions, seed_sd, cluster, workspace, catalog)
    budget = _budget(read, runs, workspace, study_catalog(read, catalog), threads if probe else None)
    payload: dict[str, Any] = {
        "study": read.name,
        "runs": len(runs),
        **budget,
        "power": [{"k": r.k, "half_width": r.half_width, "mde": r.mde, "mde_corrected": r.mde_corrected}
                  for r in power.rows],
        "components": asdict(power.found),
        "rests_on": power.note,
    }  # fmt: skip
    emit(payload, json, _plan_text(read, budget, len(runs), power))


def _budget(
    study: Study, runs: list[RunConfig], workspace: Workspace, catalog: Catalog, threads: int | None
) -> dict[str, Any]:
    """minutes (of processor time, None without a probe), disk_mb, and minutes_by_arm: a run's mean."""
    from core.experiment.studies.budget import disk_without_probe, run_costs

    if threads is None:
        known = study.encoder == "embedded"
        return {
            "minutes": None, "disk_mb": round(disk_without_probe(runs, catalog), 1) if known else None,
            "minutes_by_arm": {}, "probe": None,
        }  # fmt: skip
    import torch

    from core.encoder.load import load_encoder
    from core.experiment.studies.probe import probe

    torch.set_num_threads(threads)
    encoder = load_encoder(study.encoder)
    measured = probe(runs, workspace, catalog, encoder, bar("probe"))
    costs = run_costs(runs, catalog, measured)
    by_arm: dict[str, list[float]] = {}
    for cost in costs:
        by_arm.setdefault(cost.config.name, []).append(cost.minutes)
    return {
        "minutes": round(sum(cost.minutes for cost in costs), 2),
        "disk_mb": round(sum(cost.disk_mb for cost in costs), 1),
        "minutes_by_arm": {name: round(sum(part) / len(part), 2) for name, part in by_arm.items()},
        "probe": {"threads": measured.threads, "seconds": round(measured.seconds, 1)},
    }


def _benchmark(study: Study, name: str | None) -> Benchmark:
    known = [one.name for one in study.benchmarks]
    if name and name not in known:
        raise BadInput(f"{name[:60]!r} is no benchmark of {study.name}; it has {', '.join(known)}.")
    return study.benchmark(name or "")


def _power(
    study: Study, benchmark: Benchmark, predictions: Path | None, seed_sd: float | None, cluster: int | None,
    workspace: Workspace, catalog: Catalog,
) -> PowerPlan:  # fmt: skip
    """From a file of predictions, else from the newest group of stored runs, whichever study made them."""
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
    made_for = ", ".join(sorted(set(runs["preset"].astype(str)))) if "preset" in runs else "no named study"
    tell(f"Planned from the {compared.split} predictions of {len(runs)} stored run(s) of {made_for}.")
    return table.merge(runs[["run_id", "arm", "seed"]], on="run_id"), own


def _plan_text(study: Study, budget: dict[str, Any], runs: int, power: PowerPlan) -> str:
    disk = "disk not known without a probe" if budget["disk_mb"] is None else f"{budget['disk_mb']:,.0f} MB"
    minutes = (
        "minutes are left out with --no-probe" if budget["minutes"] is None else
        f"about {budget['minutes']:,.0f} minutes of processor time on this machine, {budget['probe']['threads']} "
        f"thread(s), by a probe of {budget['probe']['seconds']:.0f} seconds"
    )  # fmt: skip
    lines = [
        f"{study.name}: {runs} runs, {disk}; {minutes}.",
        *(f"  {name:<28} {value:8.1f} minutes a run" for name, value in budget["minutes_by_arm"].items()),
        f"Power from {power.note} ({power.premises:,} clusters of items).",
        "seeds   half-width   found with 80 % power   at the first step of Holm",
    ]
    lines += [f"{r.k:>5}   {r.half_width:>10.2f}   {r.mde:>21.2f}   {r.mde_corrected:>25.2f}" for r in power.rows]
    return "\n".join(lines)
