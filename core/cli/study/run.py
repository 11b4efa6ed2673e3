"""`study run|status`: the runs of a study, made and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.common import Data, Device, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput

if TYPE_CHECKING:
    pass


@app.command()
def run(
    study: Named,
    arms: Annotated[list[str] | None, typer.Option("--arm", help="An arm of the study; else all. Repeatable.")] = None,
    seeds: Annotated[list[int] | None, typer.Option("--seed", min=0, help="A seed; else all. Repeatable.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads to use.")] = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a study's runs that are not there yet; the same command goes on after a stop, and ends when all are in."""
    from core.cli.run import encoder_sha256, make_runs, runs_table
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import valid_lock
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import read_study, stored_name, study_path
    from core.experiment.studies.sheet import keep_study
    from core.experiment.studies.study_data import check_own_bitext, data_notes, study_catalog
    from core.workspace import open_workspace

    workspace, catalog = open_workspace(home), open_catalog(data)
    path = study_path(study)
    read = read_study(path)
    known = {arm.name for arm in read.arms}
    for name in arms or []:
        if name not in known:
            raise BadInput(
                f"{name[:60]!r} is no arm of {read.name}; it has {', '.join(arm.name for arm in read.arms)}."
            )
    for seed in seeds or []:
        if seed not in read.seeds:
            raise BadInput(f"{seed} is no seed of {read.name}; it has {', '.join(map(str, read.seeds))}.")
    lock = valid_lock(read, path)
    allowed = (lock.allowed if lock else frozenset()) | frozenset(read.protocols)
    catalog = study_catalog(read, catalog)
    check_own_bitext(read, catalog)
    for note in data_notes(read, catalog):
        tell(note)
    planned = plan_study(read, catalog, encoder_sha256(read.encoder), arms or None, seeds or None)
    if catalog.kind == "real" and any(config.reads_test for config in planned) and not allowed:
        raise BadInput(
            f"{read.name} reads the test split and is not locked; fix it first with "
            f"`python -m core study lock {study}`, or read validation."
        )
    keep_study(path, stored_name(read.name), workspace.studies)
    rows = make_runs(
        planned, workspace, study_catalog(read, catalog), read.encoder, stored_name(read.name), threads, allowed, device
    )
    emit({"study": read.name, "runs": rows}, json, runs_table(rows, catalog))


@app.command()
def status(study: Named, data: Data = None, home: Home = None, json: Json = False) -> None:
    """Which of a study's runs are in, which are under way, and which are still to be made."""
    from core.cli.run import encoder_sha256
    from core.data.catalog import open_catalog
    from core.experiment.finished import find_finished
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study
    from core.workspace import open_workspace

    workspace, read = open_workspace(home), find_study(study)
    rows = []
    for config in plan_study(read, open_catalog(data), encoder_sha256(read.encoder)):
        begun = (workspace.runs / f".tmp-{config.run_id}").is_dir()
        state = "finished" if find_finished(workspace, config.run_id) else "begun" if begun else "to be made"
        rows.append({"run_id": config.run_id, "arm": config.name, "seed": config.seed, "state": state})
    counts = {state: sum(row["state"] == state for row in rows) for state in ("finished", "begun", "to be made")}
    lines = [f"{row['run_id']}  {row['arm']:<28} seed {row['seed']:<3} {row['state']}" for row in rows]
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items()))
    emit({"study": read.name, "complete": counts["finished"] == len(rows), "counts": counts, "runs": rows}, json,
         "\n".join(lines))  # fmt: skip
