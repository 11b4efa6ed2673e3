"""What was fixed before the test set was read: the committed file, its commit, and which runs follow it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import FIRST_RECIPE, content_hash
from core.reference.preregistration import FIXED, read_fixed

#: Seconds that git may take to answer.
_PATIENCE = 10


@dataclass(frozen=True)
class Commit:
    """The commit that last changed the file: its hash, its date, and whether the file differs from it now."""

    sha: str
    date: str
    changed_since: bool


@dataclass(frozen=True)
class Preregistered:
    """`primary`, `margin` (points) and `seeds` as the file says them; None without the file.

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
    not TOML."""
    found = read_fixed(path)
    content: Mapping[str, Any] = found[1] if found else {}
    protocols = set(content.get("fixed", {}).get("protocols", []))
    hashes = [protocol(record.get("config", {})) for record in records]
    return Preregistered(
        file=path.name,
        primary=content.get("primary"),
        margin=content.get("margin"),
        seeds=content.get("seeds"),
        protocols=len(protocols),
        followed=sum(one in protocols for one in hashes),
        runs=len(hashes),
        commit=fixing_commit(path),
    )


def protocol(config: Mapping[str, Any]) -> str:
    """`RunConfig.protocol` of a stored configuration."""
    decided = {key: value for key, value in config.items() if key != "warm_start"}
    if isinstance(decided.get("data"), Mapping):
        decided["data"] = {key: value for key, value in decided["data"].items() if key != "fingerprint"}
    return content_hash({"recipe": config.get("recipe", FIRST_RECIPE), **decided})


def fixing_commit(path: Path = FIXED) -> Commit | None:
    """The last commit that changed what `path` says, under this name or an earlier one: that a file was moved is no
    change. None where there is no git, no checkout, or no such commit."""
    history = _git(path, "log", "--follow", "--format=%x00%H %cs", "--name-status", "--", path.name)
    for entry in history.split("\0")[1:]:
        head, _, change = entry.strip().partition("\n")
        if change.strip().startswith("R100"):
            continue
        sha, _, date = head.partition(" ")
        return Commit(sha, date, bool(_git(path, "status", "--porcelain", "--", path.name)))
    return None


def _git(path: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(path.parent), *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
