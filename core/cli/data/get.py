"""`data get`: fetch data sets that the project knows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Json, emit, tell
from core.cli.data.app import app
from core.errors import BadInput, IsoglossError, MissingData

if TYPE_CHECKING:
    from core.data.fetch.get import Fetched
    from core.data.fetch.manifest import Download
    from core.data.registry import Declared

Folder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder to fetch into; else ISOGLOSS_DATA, else data/ in the workspace."),
]
Place = Annotated[
    Path | None,
    typer.Option("--home", help="Workspace whose data/ is taken; else ISOGLOSS_HOME, else workspace/."),
]
_REFUSED = "Nothing was fetched: {} once the licence of each is accepted; read them, and give --accept-licence."


@dataclass(frozen=True)
class Outcome:
    """What became of one data set: "fetched", "here", "by hand" or "failed", and in the last two a sentence."""

    source: Declared
    wanted: Download | None
    status: str
    fetched: Fetched | None = None
    problem: str = ""


@app.command()
def get(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Data sets, by the names that `data list` gives.")
    ] = None,
    study: Annotated[
        str | None, typer.Option("--study", metavar="NAME|FILE", help="Fetch all that a study needs.")
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept the licences of what is fetched, which are shown first.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there and are others.")] = False,
    data: Folder = None,
    home: Place = None,
    json: Json = False,
) -> int:
    """Fetch known data sets from where they are published: licence shown first, every file checked by its hash.

    A fetch that was cut off goes on where it stopped when the same command is given again.
    """
    from core.data.fetch.manifest import chosen_sources, read_downloads
    from core.data.registry import known_sources

    folder = data_folder(data, home)
    known, downloads = known_sources(folder), read_downloads()
    if not names and study is None:
        raise BadInput("Name data sets, or a study with --study; `python -m core data list` shows what can be fetched.")
    chosen = {source.name: source for source in chosen_sources(names or (), known)}
    unknown: tuple[str, ...] = ()
    if study is not None:
        needed, unknown = _of_study(study, known, downloads)
        chosen |= {source.name: source for source in needed}
    outcomes = _fetch_all(list(chosen.values()), downloads, folder, accept_licence, replace)
    problems = [*(one.problem for one in outcomes if one.problem), *unknown]
    if len(outcomes) == 1 and outcomes[0].status == "by hand" and not unknown:
        raise MissingData(problems[0])
    text = _text(outcomes, folder)
    if json or text:
        emit(_document(outcomes, unknown, folder), json, text)
    for problem in problems:
        tell(problem)
    return 1 if problems else 0


def data_folder(data: Path | None, home: Path | None) -> Path:
    """Where data sets are fetched to: `data`, else `ISOGLOSS_DATA`, else `data/` of the workspace, made if absent.

    Raises `BadInput` if a folder that was named is not there.
    """
    import os

    from core.files import refusing
    from core.workspace import open_workspace

    named = data or os.environ.get("ISOGLOSS_DATA")
    if named:
        folder = Path(named).expanduser().resolve()
        if not folder.is_dir():
            raise BadInput(f"The data folder {folder} is not there; name another with --data or ISOGLOSS_DATA.")
        return folder
    folder = open_workspace(home).data
    with refusing(f"The data folder {folder}", "name another with --data"):
        folder.mkdir(exist_ok=True)
    return folder


def _is_read_unasked(folder: Path) -> bool:
    """Whether verbs read this folder when no other is named."""
    import os

    from core.workspace import named_workspace

    named = os.environ.get("ISOGLOSS_DATA")
    return folder == (Path(named).expanduser().resolve() if named else named_workspace().data)


def _of_study(
    study: str, known: Sequence[Declared], downloads: dict[str, Download]
) -> tuple[list[Declared], tuple[str, ...]]:
    from core.experiment.studies.lock import valid_lock
    from core.experiment.studies.needs import study_needs
    from core.experiment.studies.read import find_study, study_path

    read = find_study(study)
    fixed = bool(read.protocols) or valid_lock(read, study_path(study)) is not None
    needs = study_needs(read, known, downloads, fixed)
    return [source for source in known if source.name in needs.sources], needs.unknown


def _fetch_all(
    chosen: Sequence[Declared], downloads: dict[str, Download], folder: Path, accepted: bool, replace: bool
) -> list[Outcome]:
    from core.data.fetch.get import fetch, missing_files
    from core.data.fetch.http import Unreachable
    from core.data.registry import find
    from core.progress import bar

    outcomes: dict[str, Outcome] = {}
    waiting: list[tuple[Declared, Download]] = []
    for source in chosen:
        wanted = downloads.get(source.name)
        if wanted is None:
            here = find(source, folder) is not None
            problem = "" if here else f"{source.name} is fetched by hand: {source.how}"
            outcomes[source.name] = Outcome(source, None, "here" if here else "by hand", None, problem)
            continue
        try:
            if missing_files(wanted, folder, replace):
                waiting.append((source, wanted))
            else:
                outcomes[source.name] = Outcome(source, wanted, "here")
        except BadInput as error:
            outcomes[source.name] = Outcome(source, wanted, "failed", None, str(error))
    if waiting:
        _ask(waiting, folder, accepted)
    unreachable: list[str] = []
    for source, wanted in waiting:
        try:
            done = fetch(wanted, folder, bar(source.name, "B"), replace, unreachable, tell)
            outcomes[source.name] = Outcome(source, wanted, "fetched" if done.came else "here", done)
        except KeyboardInterrupt:
            tell("What has come is kept; the same command goes on from there.")
            raise
        except IsoglossError as error:
            if isinstance(error, Unreachable):
                unreachable.append(error.host)
            problem = f"{source.name} was not fetched: {error} By hand: {source.how}"
            outcomes[source.name] = Outcome(source, wanted, "failed", None, problem)
    return [outcomes[source.name] for source in chosen]


def _ask(waiting: Sequence[tuple[Declared, Download]], folder: Path, accepted: bool) -> None:
    """Show what is to come and its licences; raise `BadInput` unless they are accepted."""
    tell(f"Into {folder}:")
    for source, wanted in waiting:
        tell(f"  {source.name}: {wanted.bytes / 1e6:,.1f} MB from {wanted.ways[0].origin}, licence: {source.licence}")
    if accepted:
        return
    sentence = _REFUSED.format(f"{', '.join(source.name for source, _ in waiting)} can be fetched")
    if not sys.stdin.isatty():
        raise BadInput(sentence)
    tell("Do you accept these licences? (yes/no)")
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise BadInput(sentence)


def _document(outcomes: Sequence[Outcome], unknown: Sequence[str], folder: Path) -> dict[str, Any]:
    return {
        "ok": not unknown and not any(one.problem for one in outcomes),
        "folder": str(folder),
        "sources": [
            {
                "name": one.source.name,
                "status": one.status,
                "licence": one.source.licence,
                "files": len(one.wanted.files) if one.wanted else None,
                "bytes": one.wanted.bytes if one.wanted else None,
                "came": one.fetched.came if one.fetched else 0,
                "origin": one.fetched.origin if one.fetched else "",
                "hash_of": one.wanted.hash_of if one.wanted else None,
                "seen": one.wanted.seen if one.wanted else None,
                "problem": one.problem or None,
            }
            for one in outcomes
        ],
        "unknown": list(unknown),
    }


def _text(outcomes: Sequence[Outcome], folder: Path) -> str:
    lines = []
    for one in outcomes:
        if one.status == "fetched" and one.wanted and one.fetched:
            what = "file" if one.wanted.hash_of == "file" else "table"
            lines.append(
                f"{one.source.name}: {one.fetched.came} files from {one.fetched.origin}; each {what} is, by its hash, "
                "that of the copy that the first study read."
            )
        elif one.status == "here":
            lines.append(f"{one.source.name}: already here.")
    if any(one.status == "fetched" for one in outcomes) and not _is_read_unasked(folder):
        lines.append(f"Read them with --data {folder}, or set ISOGLOSS_DATA to it.")
    return "\n".join(lines)
