"""`study list|new|check|lock`: the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.arms.names import WARM_START
from core.cli.common import Data, Home, Json, NoData, NoHome, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput
from core.files import atomic_write

if TYPE_CHECKING:
    from core.workspace import Workspace


@app.command("list")
def list_(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """The studies that come with the project: what they ask, whether they are locked, and how many runs are here."""
    from core.experiment.studies.lock import read_lock
    from core.experiment.studies.read import FIXED_ON, find_study, shipped_names, study_path
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
                "locked": lock.locked if lock else FIXED_ON.get(name),
                "runs": sum(len(arm.seeds or study.seeds) for arm in study.arms),
                "finished": _finished(name, workspace),
            }
        )
    width = max(len(name) for name in shipped_names())
    lines = [
        f"{row['name']:<{width}} {row['runs']:>4} runs of arms, {row['finished']:>3} here   "
        f"{'locked ' + str(row['locked']) if row['locked'] else 'not locked':<17}   {row['title']}"
        for row in rows
    ]
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
    atomic_write(out, text, what=f"The study {out}", advice="name another file with --out")
    emit(
        {"ok": True, "out": str(out), "name": name}, json, f"Wrote {out}; `python -m core study check {out}` reads it."
    )


@app.command()
def check(study: Named, data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """Read a study and say what it needs that is not here; what is wrong in it is told with its line."""
    from core.cli.run import depth_for
    from core.data.catalog import open_catalog
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_study
    from core.experiment.studies.study_data import benchmark_languages, check_own_bitext, data_notes, study_catalog

    read = find_study(study)
    catalog = study_catalog(read, open_catalog(data))
    runs = plan_study(read, catalog, "0" * 64, depth=depth_for(read, read.encoder))
    check_own_bitext(read, catalog)
    for note in data_notes(read, catalog):
        tell(note)
    benchmarks: list[dict[str, Any]] = [
        {"name": one.name, "split": one.stored_split, "languages": list(benchmark_languages(one, catalog)),
         "labels": list(one.labels), "chance": round(one.chance, 2)}
        for one in read.benchmarks
    ]  # fmt: skip
    payload = {
        "ok": True,
        "name": read.name,
        "data": catalog.kind,
        "runs": len(runs),
        "arms": [arm.name for arm in read.arms],
        "seeds": list(read.seeds),
        "languages": list(runs[-1].data.bitext_languages),
        "questions": len(read.questions),
        "benchmarks": benchmarks,
    }
    text = (
        f"{read.name}: {len(read.arms)} arms, {len(read.seeds)} seed(s), {len(runs)} runs, {len(read.questions)} "
        f"question(s); bitext in {', '.join(runs[-1].data.bitext_languages) or 'no language'}, on "
        f"{'real data' if catalog.kind == 'real' else 'the starter set, whose numbers mean nothing else'}."
    )
    for one in benchmarks:
        text += (
            f"\n{one['name']}: {', '.join(one['languages'])}; {', '.join(one['labels'])}, chance {one['chance']:.1f}; "
            f"stored as {one['split']}."
        )
    emit(payload, json, text)


@app.command()
def lock(study: Named, data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """Fix a study before its test split is read: its content, runs and questions, dated, in a file beside it."""
    from core.cli.run import planned_runs
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import lock_path, lock_text, make_lock, valid_lock
    from core.experiment.studies.read import read_study, study_path

    path = study_path(study)
    read = read_study(path)
    there = valid_lock(read, path)
    if there is None:
        if read.protocols:
            raise BadInput(f"{read.name} was fixed before there were locks: its protocols stand in its file.")
        there = make_lock(read, planned_runs(read, open_catalog(data), read.encoder))
        place = lock_path(path)
        atomic_write(place, lock_text(there), what=f"The lock {place}", advice="copy the study where you may write")
    emit(
        {"ok": True, "out": str(lock_path(path)), "sha256": there.sha256, "locked": there.locked,
         "runs": len(there.protocols), "questions": list(there.questions)},
        json,
        f"{read.name} is locked since {there.locked} ({there.sha256[:12]}): {len(there.protocols)} runs, "
        f"{len(there.questions)} question(s). Keep {lock_path(path).name} with the study, in git.",
    )  # fmt: skip


def _finished(name: str, workspace: Workspace) -> int:
    """Runs of the study that are stored here."""
    from core.experiment.studies.read import stored_name
    from store.results.runs import list_runs

    if not workspace.results.is_file():
        return 0
    runs = list_runs(workspace)
    return int(((runs["preset"] == stored_name(name)) & (runs["arm"] != WARM_START)).sum())
