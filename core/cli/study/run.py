"""`study run`: the runs of a study, made, one after another or several at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.arms.names import WARM_START
from core.cli.common import Data, Device, Home, Json, emit, tell
from core.cli.study.app import Named, app
from core.errors import BadInput, Cancelled
from core.notation import plural

if TYPE_CHECKING:
    from core.data.catalog import Catalog
    from core.experiment.studies.lock import Lock
    from core.experiment.studies.schema import Study
    from core.experiment.studies.seal import Seal
    from core.progress import Progress
    from core.workspace import Workspace


@app.command()
def run(
    study: Named,
    arms: Annotated[
        list[str] | None,
        typer.Option("--arm", help="An arm of the study, or warm-start for no arm; else all. Repeatable."),
    ] = None,
    seeds: Annotated[list[int] | None, typer.Option("--seed", min=0, help="A seed; else all. Repeatable.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Runs made at once, a process each.")] = 1,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads of a run.")] = None,
    device: Device = "auto",
    nice: Annotated[int, typer.Option("--nice", min=0, max=19, help="Give way to other work, from 0 to 19.")] = 0,
    other_commit: Annotated[
        bool, typer.Option("--other-commit", help="Run a locked study with code of another commit; it is recorded.")
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FOLDER",
            help="Keep finished runs in this folder as they end, and first take those that are in it: the way of a "
            "study to another machine.",
        ),
    ] = None,
    since: Annotated[float | None, typer.Option(hidden=True, help="When the run began that this one is part of.")] = (
        None
    ),
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a study's runs that are not there yet; the same command goes on after a stop, and ends when all are in."""
    from core.cli.run import make_runs, planned_runs, runs_table
    from core.cli.study.workers import make_in_processes
    from core.data.catalog import open_catalog
    from core.experiment.studies.lock import valid_lock
    from core.experiment.studies.read import read_study, stored_name, study_path
    from core.experiment.studies.sheet import keep_study
    from core.experiment.studies.study_data import check_own_bitext, data_notes, study_catalog
    from core.workspace import open_workspace

    began = time.time() if since is None else since
    if nice:
        give_way(nice)
    workspace, catalog = open_workspace(home), open_catalog(data)
    path = study_path(study)
    read = read_study(path)
    _known(read, arms, seeds)
    lock = valid_lock(read, path)
    allowed = frozenset(read.protocols)
    catalog = study_catalog(read, catalog)
    check_own_bitext(read, catalog)
    for note in data_notes(read, catalog) if since is None else ():
        tell(note)
    chosen = None if arms is None else [arm for arm in arms if arm != WARM_START]
    planned = planned_runs(read, catalog, read.encoder, chosen, seeds or None)
    if catalog.kind == "real" and any(config.reads_test for config in planned) and not (lock or allowed):
        raise BadInput(
            f"{read.name} reads the test split and is not locked; fix it first with "
            f"`python -m core study lock {study}`, or read validation."
        )
    keep_study(path, stored_name(read.name), workspace.studies)
    kept = _keeper(keep, workspace, read, catalog) if keep else None
    seal = _seal(lock, workspace, other_commit) if lock else None
    if workers > 1:
        common = ["study", "run", str(path.resolve()), "--home", str(workspace.home), "--since", repr(began)]
        common += ["--data", str(Path(data).expanduser().resolve())] if data else []
        common += ["--threads", str(threads or max(1, (os.cpu_count() or 1) // workers))]
        common += ["--device", device]
        common += ["--other-commit"] if other_commit else []
        common += ["--keep", str(keep.expanduser().resolve())] if keep else []
        make_in_processes(planned, workspace, workers, common, lambda: is_paused(workspace, read.name, began))
    watched = stops_when(lambda: is_paused(workspace, read.name, began))
    rows = make_runs(
        planned, workspace, catalog, read.encoder, stored_name(read.name), threads, allowed, device, seal, watched, kept
    )  # fmt: skip
    waiting = _open(workspace, [row["run_id"] for row in rows], catalog) if seal else 0
    text = runs_table(rows, catalog) if not waiting else (
        f"{plural(len(rows), 'run')} of {read.name} {'is' if len(rows) == 1 else 'are'} in; what they answered on test "
        "is sealed until the last one is."
    )  # fmt: skip
    emit({"study": read.name, "runs": rows, "sealed": waiting}, json, text)


def give_way(nice: int) -> None:
    """Lower this process's priority, and under Linux that of its session where it leads one: there the processor is
    shared between sessions first, so that `nice` alone counts within one (sched(7), "The autogroup feature")."""
    if hasattr(os, "nice"):
        os.nice(nice)
    with suppress(OSError, AttributeError):
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")


def _keeper(folder: Path, workspace: Workspace, study: Study, catalog: Catalog) -> Callable[[], None]:
    """Takes from `folder` what the workspace has not, and returns what keeps in it the runs that are in since."""
    from core.cli.run import encoder_sha256
    from core.experiment.studies.kept import shipped_runs, synchronise
    from core.experiment.studies.plan import plan_study

    folder = folder.expanduser().resolve()
    whole = plan_study(study, catalog, encoder_sha256(study.encoder))
    shipped = shipped_runs(study, whole)

    def keep() -> None:
        synchronise(folder, workspace, whole, shipped)

    taken, kept = synchronise(folder, workspace, whole, shipped)
    if taken or kept:
        tell(f"{plural(taken, 'run')} taken from {folder.name}, {plural(kept, 'run')} kept in it.")
    return keep


def _known(study: Study, arms: list[str] | None, seeds: list[int] | None) -> None:
    """Raises `BadInput` for an arm or seed that the study does not have."""
    names = [arm.name for arm in study.arms]
    for name in arms or []:
        if name not in (*names, WARM_START):
            raise BadInput(f"{name[:60]!r} is no arm of {study.name}; it has {', '.join(names)}.")
    for seed in seeds or []:
        if seed not in study.seeds:
            raise BadInput(f"{seed} is no seed of {study.name}; it has {', '.join(map(str, study.seeds))}.")


def _seal(lock: Lock, workspace: Workspace, other_commit: bool) -> Seal:
    """The seal of a lock, once lock and code are those that the study's runs are made with."""
    from core.experiment.studies.code_version import code_commit, same_code
    from core.experiment.studies.seal import Seal, check_same_lock, read_records

    here = code_commit()
    same = same_code(lock.commit, here)
    if same is False and not other_commit:
        raise BadInput(
            f"The code is of commit {here[:12]}, and {lock.study} was locked with {lock.commit[:12]}: run it in a "
            f"worktree of that commit (`git worktree add FOLDER {lock.commit[:12]}`), or give --other-commit, which is "
            "recorded."
        )
    if same is False:
        tell(f"Run with code of commit {here[:12]}, where {lock.study} was locked with {lock.commit[:12]}.")
    elif same is None:
        tell(f"Whether the code is that of the lock of {lock.study} cannot be told: git does not know one of the two.")
    seal = Seal.of(lock, other_commit=same is False)
    check_same_lock(seal, read_records(workspace.runs))
    return seal


def _open(workspace: Workspace, run_ids: list[str], catalog: Catalog) -> int:
    """Store the sealed runs if their study is complete; how many still wait."""
    from core.data.catalogue_gold import CatalogueGold
    from store.results.importer import import_folders

    waiting: list[str] = []
    folders = [workspace.run(run_id) for run_id in run_ids]
    import_folders(workspace, folders, catalogue=CatalogueGold(catalog=catalog), on_sealed=waiting.append)
    return len(waiting)


def pause_mark(workspace: Workspace, study: str) -> Path:
    """The file whose time says when runs of a study were last asked to stop."""
    return workspace.runs / f".pause-{study}"


def is_paused(workspace: Workspace, study: str, began: float) -> bool:
    """Whether a `study run` that began then has been asked to stop since."""
    try:
        return float(pause_mark(workspace, study).read_text(encoding="utf-8")) > began
    except (OSError, ValueError):
        return False


def stops_when(asked: Callable[[], bool]) -> Callable[[Progress], Progress]:
    """Progress that raises `Cancelled` at the next update or batch once `asked()` is true."""

    def watched(progress: Progress) -> Progress:
        def report(done: int, total: int, text: str = "") -> None:
            progress(done, total, text)
            if asked():
                raise Cancelled("Paused. `python -m core study run` goes on where this ended.")

        return report

    return watched
