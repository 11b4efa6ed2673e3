"""Files that appear whole or not at all: written as a draft beside their place, flushed, then named in one rename.

A draft lies in a hidden folder beside its target, `.<name>.<8 hex digits>.draft`, which the writing process holds
locked; a draft whose lock nobody holds is of a process that was killed, and the next writer of the same target
removes it. `remove_drafts` removes those of a whole folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import BadInput

if sys.platform != "win32":  # there are no such locks there, so there nothing is swept
    import fcntl

SUFFIX = ".draft"
#: The advice where what is kept in a workspace finds no room.
MAKE_ROOM = "make room, or name another workspace with --home"
#: Characters of the target's name in a draft's: both names have to fit into a file system's 255 bytes.
_NAMED = 40


def atomic_write(path: Path, content: bytes | str, *, durable: bool = True, what: str = "", advice: str = "") -> None:
    """Give `path` this content (text as UTF-8), as a whole or not at all; see `atomic_draft`."""
    with atomic_draft(path, durable=durable, what=what, advice=advice) as draft:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def atomic_draft(path: Path, *, durable: bool = True, what: str = "", advice: str = "") -> Iterator[Path]:
    """A path of the same file name to write to, which nothing is at yet; at the end of the context it takes the name
    `path`.

    What `path` held is whole until then, and stays if the context is left by an exception; the draft is removed
    then. The file gets the mode of any new file (0644 under the usual umask), whatever its writer gave it. Without
    `durable` it is not flushed to the disk first, so a power cut may cost it. The folder of `path` has to be there.

    Raises `OSError`; with `what` instead `BadInput`: "<what> cannot be written (<reason>); <advice>."
    """
    with refusing(what, advice), _draft_folder(path) as folder:
        draft = folder / path.name
        yield draft
        with suppress(OSError):  # some file systems know no modes
            draft.chmod(stat.S_IMODE(folder.stat().st_mode) & 0o666)
        put_in_place(draft, path, durable=durable)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill, which at the end of the context is at `path`, in place of what was there.

    It is removed if the context is left by an exception. A folder cannot take the place of another in one step:
    between two renames neither is at `path`. The folder of `path` has to be there.
    """
    with _draft_folder(path) as outer:
        draft = outer / path.name
        draft.mkdir()
        yield draft
        replaced = outer / f"{path.name}.replaced"
        if path.exists():
            os.replace(path, replaced)
        try:
            put_in_place(draft, path)
        except OSError:
            if replaced.exists():
                os.replace(replaced, path)
            raise


def put_in_place(draft: Path, path: Path, *, durable: bool = True) -> None:
    """Rename a finished draft, a file or a folder, on the same file system; flushed to the disk first if `durable`.

    A file takes the place of another; where a folder is to go there may be nothing but an empty one.
    """
    if durable:
        for file in sorted(part for part in draft.rglob("*") if part.is_file()) if draft.is_dir() else [draft]:
            _flush(file)
    os.replace(draft, path)
    if durable:
        with suppress(OSError):  # some file systems, and Windows, flush no folder
            _flush(path.parent)


def remove_drafts(folder: Path, name: str = "") -> None:
    """Remove the drafts in `folder` of processes that were killed: all, or those of files that begin like `name`."""
    try:
        drafts = [part for part in folder.iterdir() if part.name.endswith(SUFFIX) and part.name.startswith(f".{name}")]
    except OSError:
        return
    for draft in drafts:
        lock = _locked(draft, wait=False)
        if lock is not None:
            shutil.rmtree(draft, ignore_errors=True)
            os.close(lock)


@contextmanager
def refusing(what: str, advice: str = "") -> Iterator[None]:
    """Turn an `OSError` into `BadInput`: "<what> cannot be written (<reason>); <advice>."; nothing without `what`."""
    try:
        yield
    except OSError as error:
        if not what:
            raise
        reason = error.strerror or str(error).split("\n")[0]
        raise BadInput(f"{what} cannot be written ({reason}){'; ' if advice else ''}{advice}.") from error


@contextmanager
def _draft_folder(path: Path) -> Iterator[Path]:
    """A new folder beside `path`, locked while the context lasts and removed after it."""
    name = path.name[:_NAMED]
    remove_drafts(path.parent, f"{name}.")
    while True:
        folder = path.with_name(f".{name}.{secrets.token_hex(4)}{SUFFIX}")
        folder.mkdir()
        lock = _locked(folder, wait=True)
        if folder.is_dir():  # else it was swept before it was locked
            break
        if lock is not None:
            os.close(lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _locked(folder: Path, wait: bool) -> int | None:
    """A descriptor that holds the folder's lock until it is closed; None where it cannot be had."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
