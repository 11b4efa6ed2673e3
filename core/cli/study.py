"""`study`: questions as files. List them, write one of your own, check it, see what it can show, lock it, run it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.arms.names import WARM_START
from core.cli.common import Data, Home, Json, NoData, NoHome, emit, tell
from core.errors import BadInput, MissingData

if TYPE_CHECKING:
    import pandas as pd

    from core.experiment.studies.power import PowerPlan
    from core.experiment.studies.schema import Study
    from core.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Studies as files: list, new, check, plan, lock, run, status, verdict.")
Named = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped study's name, or a study's file.")]


@app.command("list")
def list_(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """The studies that come with the project: what they ask, whether they are locked, and how many runs are here."""
    from core.experiment.studies.lock import read_lock
    from core.experiment.studies.read import find_study, shipped_names, study_path
    from core.workspace import open_workspace

    workspace = open_workspace(home)
    rows = []
    for name in shipped_names():
        study, lock = find_study(name), read_lock(study_path(name))
        rows.append(
            {
                "name": name,
                "title": study.title,
                "benchmark": study.benchmark().title or study.benchmark().name,
                "locked": lock.locked if lock else (True if study.protocols else None),
                "runs": sum(len(arm.seeds or study.seeds) for arm in study.arms),
                "finished": _finished(name, workspace),
            }
        )
    lines = [f"{row['name']:<14} {row['runs']:>3} runs, {row['finished']} here   {row['title']}" for row in rows]
    emit({"studies": rows}, json, "\n".join(lines))


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", help="The file to write; it must not be there yet.")],
    source: Annotated[str, typer.Option("--from", help="A shipped study, or a study's file.")] = "quick",
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Write a study's file to change: a copy of another, comments included, under the name of the new file."""
    import re

    from core.experiment.studies.read import parse_study, study_path

    if out.exists():
        raise BadInput(f"{out} is already there; name another file.")
    if out.suffix != ".toml":
        raise BadInput(f"A study's file ends in .toml; name it {out.with_suffix('.toml').name}.")
    name = re.sub(r"[^a-z0-9-]+", "-", out.stem.lower()).strip("-") or "study"
    text = study_path(source).read_text(encoding="utf-8")
    text = re.sub(r'^name = ".*"$', f'name = "{name}"', text, count=1, flags=re.MULTILINE)
    # What was fixed of another study is not fixed of this one.
    text = re.sub(r"^protocols = \[.*?^\]\n", "", text, count=1, flags=re.MULTILINE | re.DOTALL)
    parse_study(text, out.name)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another file.") from error
    emit(
        {"ok": True, "out": str(out), "name": name}, json, f"Wrote {out}; `python -m core study check {out}` reads it."
    )


@app.command()
def check(study: Named, data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """Read a study and say what it needs that is not here; what is wrong in it is told with its line."""
    from core.data.catalog import open_catalog
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study

    read = find_study(study)
    catalog = open_catalog(data)
    runs = plan_study(read, catalog, "0" * 64)
    payload = {
        "ok": True,
        "name": read.name,
        "data": catalog.kind,
        "runs": len(runs),
        "arms": [arm.name for arm in read.arms],
        "seeds": list(read.seeds),
        "languages": list(runs[-1].data.bitext_languages),
        "questions": len(read.questions),
    }
    text = (
        f"{read.name}: {len(read.arms)} arms, {len(read.seeds)} seed(s), {len(runs)} runs, {len(read.questions)} "
        f"question(s); bitext in {', '.join(runs[-1].data.bitext_languages) or 'no language'}, on "
        f"{'real data' if catalog.kind == 'real' else 'the starter set, whose numbers mean nothing else'}."
    )
    emit(payload, json, text)


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


@app.command()
def lock(study: Named, data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """Fix a study before its test split is read: its content, runs and questions, dated, in a file beside it."""
    from core.cli.run import encoder_sha256
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import lock_path, lock_text, make_lock, valid_lock
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import read_study, study_path

    path = study_path(study)
    read = read_study(path)
    there = valid_lock(read, path)
    if there is None:
        if read.protocols:
            raise BadInput(f"{read.name} was fixed before there were locks: its protocols stand in its file.")
        there = make_lock(read, plan_study(read, open_catalog(data), encoder_sha256(read.encoder)))
        lock_path(path).write_text(lock_text(there), encoding="utf-8")
    emit(
        {"ok": True, "out": str(lock_path(path)), "sha256": there.sha256, "locked": there.locked,
         "runs": len(there.protocols), "questions": list(there.questions)},
        json,
        f"{read.name} is locked since {there.locked} ({there.sha256[:12]}): {len(there.protocols)} runs, "
        f"{len(there.questions)} question(s). Keep {lock_path(path).name} with the study, in git.",
    )  # fmt: skip


@app.command()
def run(
    study: Named,
    arms: Annotated[list[str] | None, typer.Option("--arm", help="An arm of the study; else all. Repeatable.")] = None,
    seeds: Annotated[list[int] | None, typer.Option("--seed", min=0, help="A seed; else all. Repeatable.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads to use.")] = None,
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
    if catalog.kind == "real" and read.benchmark().split == "test" and not allowed:
        raise BadInput(
            f"{read.name} reads the test split and is not locked; fix it first with "
            f"`python -m core study lock {study}`, or read validation."
        )
    planned = plan_study(read, catalog, encoder_sha256(read.encoder), arms or None, seeds or None)
    rows = make_runs(planned, workspace, catalog, read.encoder, stored_name(read.name), threads, allowed)
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


@app.command()
def verdict(study: Named, data: Data = None, home: Home = None, json: Json = False) -> None:
    """Answer a study's questions from its stored runs; whether all its runs are in is said first."""
    from core.cli.run import encoder_sha256
    from core.cli.verdict import judge
    from core.data.catalog import open_catalog
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study, stored_name
    from core.experiment.studies.verdict import as_record, judge_study, sentence
    from core.workspace import open_workspace
    from store.results.collapse import collapsed_arms
    from store.results.predictions import read as read_predictions
    from store.results.runs import list_runs

    workspace, catalog, read = open_workspace(home), open_catalog(data), find_study(study)
    stored = list_runs(workspace)
    if read.analysis.method == "first":
        runs = _group_of(stored[stored["preset"] == stored_name(read.name)], read.name)
        document = judge(workspace, str(runs["group_id"].iloc[0]))
        made = {f"{arm} seed {seed}" for arm, seed in zip(runs["arm"], runs["seed"], strict=True)}
        asked = [f"{arm.name} seed {seed}" for arm in read.arms for seed in arm.seeds or read.seeds]
        missing = [run for run in asked if run not in made]
        answers = document["questions"]
        lines, skipped = [question["sentence"] for question in answers], []
        collapsed = document["collapsed"]
    else:
        planned = plan_study(read, catalog, encoder_sha256(read.encoder))
        arms = [config for config in planned if config.arm != WARM_START]
        runs = stored[stored["run_id"].isin([config.run_id for config in arms])]
        if runs.empty:
            raise MissingData(f"No run of {read.name} is stored; make them with `python -m core study run {study}`.")
        have = set(runs["run_id"])
        missing = [f"{config.name} seed {config.seed}" for config in arms if config.run_id not in have]
        table = read_predictions(workspace, list(runs["run_id"]), read.benchmark().split)
        found = judge_study(read, table.merge(runs[["run_id", "arm", "seed"]], on="run_id"))
        answers = [dict(as_record(answer)) for answer in found.answers]
        lines = [sentence(answer) for answer in found.answers]
        skipped = [f"{one.contrast.first} against {one.contrast.second}: {one.reason}" for one in found.skipped]
        collapsed = [arm for arm, (count, _) in collapsed_arms(workspace, runs).items() if count]
    if missing:
        tell(f"Not complete: {len(missing)} run(s) are missing, {', '.join(missing[:5])}{'…' if missing[5:] else ''}.")
    for sentence_skipped in skipped:
        tell(f"Not answered: {sentence_skipped}.")
    payload = {"study": read.name, "complete": not missing, "missing": missing, "collapsed": collapsed,
               "questions": answers, "skipped": skipped}  # fmt: skip
    emit(payload, json, "\n".join(lines) or "No question of the study can be answered.")


def _group_of(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Of the stored runs of a study those of arms in its newest group."""
    from store.results.groups import list_groups

    groups = list_groups(runs)
    if not groups:
        raise MissingData(f"No run of {name} is stored; make them with `python -m core study run {name}`.")
    return groups[0]


def _finished(name: str, workspace: Workspace) -> int:
    """Runs of the study that are stored here."""
    from core.experiment.studies.read import stored_name
    from store.results.runs import list_runs

    if not workspace.results.is_file():
        return 0
    runs = list_runs(workspace)
    return int(((runs["preset"] == stored_name(name)) & (runs["arm"] != WARM_START)).sum())
