"""What was fixed before the test set was read: the committed file, its commit, and which runs follow it."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import FIRST_RECIPE, content_hash
from core.experiment.studies.read import parse_study
from core.experiment.studies.schema import Question, Study
from core.experiment.studies.verdict import group_languages
from core.languages import sort_codes
from core.reference.preregistration import FIXED, read_fixed
from core.workspace import CHECKOUT

#: Seconds that git may take to answer.
_PATIENCE = 10


@dataclass(frozen=True)
class Commit:
    """The commit that last changed what the file says: its hash and date, the name that the file had in it, and whether
    the file differs now from the last one committed."""

    sha: str
    date: str
    name: str
    changed_since: bool


@dataclass(frozen=True)
class Preregistered:
    """`file` in the checkout; `primary`, `margin` (points) and number of `seeds` as it says them, None without it.

    `protocols` counts the configurations that may read the test split, `followed` those of `runs` runs that are among
    them. `commit` is None where the project is not a git checkout.
    """

    file: str
    primary: str | None
    margin: float | None
    seeds: int | None
    protocols: int
    followed: int
    runs: int
    commit: Commit | None


def preregistered(records: Iterable[Mapping[str, Any]], path: Path = FIXED) -> Preregistered:
    """Read the file that fixes the experiment and compare run.json contents with it. Raises `BadInput` if it is
    no study."""
    study = parse_study(found[0], path.name) if (found := read_fixed(path)) else None
    question = next((one for one in study.questions if one.family == "primary"), None) if study else None
    protocols = set(study.protocols) if study else set()
    hashes = [protocol(record.get("config", {})) for record in records]
    return Preregistered(
        file=path.relative_to(CHECKOUT).as_posix() if path.is_relative_to(CHECKOUT) else path.name,
        primary=endpoint(question, study) if study and question else None,
        margin=question.margin if question else None,
        seeds=len(study.seeds) if study else None,
        protocols=len(protocols),
        followed=sum(one in protocols for one in hashes),
        runs=len(hashes),
        commit=fixing_commit(path),
    )


def endpoint(question: Question, study: Study) -> str:
    """What a question of a study compares, in words."""
    benchmark = study.benchmark(question.benchmark)
    codes = question.languages or group_languages(benchmark, study, question.group, ())
    where = ", ".join(sort_codes(list(codes))) or "languages without bitext"
    title = benchmark.title or benchmark.name
    return f"{question.first} minus {question.second}, mean accuracy over {where}, {title} {benchmark.split}"


def protocol(config: Mapping[str, Any]) -> str:
    """`RunConfig.protocol` of a stored configuration."""
    decided = {key: value for key, value in config.items() if key != "warm_start"}
    if isinstance(decided.get("data"), Mapping):
        decided["data"] = {key: value for key, value in decided["data"].items() if key != "fingerprint"}
    return content_hash({"recipe": config.get("recipe", FIRST_RECIPE), **decided})


def fixing_commit(path: Path = FIXED) -> Commit | None:
    """The last commit that changed what `path` says, under this name or an earlier one; None where there is no git, no
    checkout, or no such commit.

    No change is what moves the file, writes it anew in another form (git says that it is a copy; tests hold the two to
    say the same), or changes comments alone.
    """
    history = _git(path, "log", "--follow", "--format=%x00%H %cs", "--name-status", "--", path.name)
    for entry in history.split("\0")[1:]:
        head, _, change = entry.strip().partition("\n")
        status, *names = change.strip().split("\t")
        if status == "R100" or status.startswith("C") or not names:
            continue
        sha, _, date = head.partition(" ")
        if status == "M" and _said(path, f"{sha}^", names[-1]) == _said(path, sha, names[-1]):
            continue
        return Commit(sha, date, names[-1], bool(_git(path, "status", "--porcelain", "--", path.name)))
    return None


def _said(path: Path, commit: str, name: str) -> object:
    """What the file called `name` said in a commit: its values, or its text where it was no TOML."""
    text = _git(path, "show", f"{commit}:{name}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return text


def _git(path: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(path.parent), *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
