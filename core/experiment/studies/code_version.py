"""Which commit the code is of that runs, and whether two commits have the same code."""

from __future__ import annotations

import subprocess

from core.workspace import CHECKOUT

#: After a commit: files differ from it.
DIRTY = "-dirty"
#: What decides a run's numbers; a study's own files have their lock.
_CODE = (
    "core", "requirements.txt", "constraints.txt",
    ":!core/experiment/studies/*.toml", ":!core/experiment/studies/*.lock.json",
)  # fmt: skip


def code_commit() -> str:
    """The commit of the code that runs, with "-dirty" where it differs from it; "" where git does not say."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return ""
    return f"{head}{DIRTY}" if _git("status", "--porcelain", "--untracked-files=no", "--", *_CODE) else head


def same_code(commit: str, other: str) -> bool | None:
    """Whether two commits as `code_commit` names them have the same code; None where that cannot be told: one is not
    known, is not in this checkout's history, or has changes that no commit holds."""
    clean = [name.removesuffix(DIRTY) for name in (commit, other)]
    if not all(clean):
        return None
    if DIRTY in commit + other:
        return None if clean[0] == clean[1] else False
    if clean[0] == clean[1]:
        return True
    if _git("cat-file", "-t", clean[0]) != "commit" or _git("cat-file", "-t", clean[1]) != "commit":
        return None
    return _git("diff", "--name-only", *clean, "--", *_CODE) == ""


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=20, check=True
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
