"""Files of what the frozen lower layers give: their names, the disk they may take, and how they appear.

A file is kept only if at least 20 GiB, and three times its size, stay free beside it. It appears whole or not at all:
it grows as a draft, `.part`, under a lock that a process loses when it ends, however it ends.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import torch
from filelock import FileLock, Timeout

from core.config import RECIPE
from core.files import put_in_place
from core.model.nli import NLIModel
from core.reading.formats import Reading

#: What stays free beside a file that is kept: so many bytes, and so many times its own size.
_FREE, _TIMES = 20 << 30, 3


def states_file(folder: Path, encoder: str, model: NLIModel, read: Iterable[bytes], digits: int) -> Path:
    """Where the states of what is `read` are kept.

    The name, `digits` long, tells all that they depend on: beside what is read the recipe, the version of torch, the
    encoder, the layer that they enter, the number format, the layers if they are fused, the engine if it is
    not the library, and the device if it is not
    the processor.
    """
    reader = f"{RECIPE} {torch.__version__} {encoder} {model.config.first_layer} {model.precision}"
    reader += "" if model.layers == "library" else f" {model.layers}"
    reader += "" if model.reading == Reading() else f" {model.reading}"
    reader += "" if model.device.type == "cpu" else f" {model.device.type}"
    digest = hashlib.sha256(reader.encode())
    for part in read:
        digest.update(part)
    return folder / f"{digest.hexdigest()[:digits]}.states"


def is_kept(path: Path, size: int) -> bool:
    """Whether all `size` bytes are there."""
    return path.exists() and path.stat().st_size == size


def room(folder: Path, size: int) -> bool:
    """Whether a file of `size` bytes may be kept."""
    return shutil.disk_usage(folder).free - size >= max(_FREE, _TIMES * size)


@contextmanager
def keeping(path: Path, size: int) -> Iterator[BinaryIO | None]:
    """A file to fill, which is at `path` afterwards if all `size` bytes are in it, and else nowhere.

    None where the disk is short or another process is filling it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path) as alone:
        if not alone or not room(path.parent, size):
            yield None
            return
        draft = path.with_suffix(".part")
        try:
            with draft.open("wb") as file:
                yield file
            if is_kept(draft, size):
                put_in_place(draft, path, durable=False)
        finally:
            draft.unlink(missing_ok=True)


def remove_strays(folder: Path) -> None:
    """Remove the drafts of processes that were killed: those whose lock nobody holds, and those of the time before
    locks, `<name>.<process>`, a day after they were last written to."""
    for draft in folder.glob("*.part"):
        with _alone(draft) as alone:
            if alone:
                draft.unlink(missing_ok=True)
    yesterday = time.time() - 24 * 3600
    for draft in folder.glob("*.[0-9]*"):
        with suppress(OSError):  # another process may have removed it
            if re.fullmatch(r"[0-9a-f]+\.\d+", draft.name) and draft.stat().st_mtime < yesterday:
                draft.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether this process, and no other, may write the draft of `path` until the end of the context."""
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        # Before the release, so that whoever opened it in the meantime finds that it is no more and makes another.
        with suppress(OSError):
            os.unlink(lock.lock_file)
        lock.release()
