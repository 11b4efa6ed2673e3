"""Locking a study: what it says, which runs may read its test split, and the code that makes them, in one dated file.

The lock lies beside the study's file. A study whose content has changed since is no longer the locked one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.errors import BadInput
from core.experiment.studies.code_version import code_commit
from core.experiment.studies.schema import Study
from core.later import identifying

FORMAT = 1


@dataclass(frozen=True)
class Lock:
    """`sha256` of the study's content; `protocols` run by run: arm, seed, protocol; `commit` of the code, if known."""

    study: str
    sha256: str
    locked: str
    commit: str
    questions: tuple[str, ...]
    protocols: tuple[dict[str, Any], ...]

    @property
    def allowed(self) -> frozenset[str]:
        """The protocols that may read the test split."""
        return frozenset(str(row["protocol"]) for row in self.protocols)

    @property
    def digest(self) -> str:
        """SHA-256 of all that the lock says."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def study_sha256(study: Study) -> str:
    """SHA-256 of what a study says; comments, order of keys, the file's name, and keys that came later and have their
    default (`core.later`) do not count."""
    content = json.dumps(identifying(study), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def lock_path(study_file: Path) -> Path:
    """Where the lock of a study's file lies: `mine.toml` to `mine.lock.json`."""
    return study_file.with_suffix(".lock.json")


def make_lock(study: Study, runs: list[RunConfig]) -> Lock:
    """The lock of a study with these runs, as of now."""
    rows = tuple({"arm": run.name, "seed": run.seed, "protocol": run.protocol} for run in runs)
    asked = tuple(
        f"{q.family}: {q.first} minus {q.second}, {f'{q.benchmark}, ' if q.benchmark else ''}"
        f"{', '.join(q.languages) or q.group}, margin {q.margin:g}"
        for q in study.questions
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Lock(study.name, study_sha256(study), now, code_commit(), asked, rows)


def lock_text(lock: Lock) -> str:
    """The lock as the text of its file."""
    content = {"format": FORMAT, **dataclasses.asdict(lock), "digest": lock.digest}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read_lock(study_file: Path) -> Lock | None:
    """The lock beside a study's file; None where there is none.

    Raises `BadInput` if it cannot be read, or is not as it was written.
    """
    path = lock_path(study_file)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        lock = Lock(
            str(found["study"]), str(found["sha256"]), str(found["locked"]), str(found["commit"]),
            tuple(map(str, found["questions"])), tuple(dict(row) for row in found["protocols"]),
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"The lock {path.name} cannot be read; get it again from where the study is kept.") from error
    if found.get("digest", lock.digest) != lock.digest:
        raise BadInput(f"The lock {path.name} has changed since it was written; get it again from where it is kept.")
    return lock


def valid_lock(study: Study, study_file: Path) -> Lock | None:
    """The lock if it is of this content; None where there is none.

    Raises `BadInput` where the study has changed since it was locked.
    """
    lock = read_lock(study_file)
    if lock is not None and lock.sha256 != study_sha256(study):
        raise BadInput(
            f"{study_file.name} has changed since it was locked on {lock.locked[:10]}; a changed study is another "
            "study: restore the file, or save the change under another name and lock that."
        )
    return lock
