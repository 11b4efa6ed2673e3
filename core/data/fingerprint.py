"""What data a result was made from, as one hash of names and content."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from core.data.registry import Found
from core.errors import BadInput


def fingerprint(sources: Iterable[Found], seed: str = "") -> str:
    """SHA-256 hex of the sources' names, their files' names within the data folder, and their content.

    The same files give the same hash wherever the folder lies. Raises `BadInput` if a file has gone.
    """
    digest = sha256(seed.encode())
    for found in sorted(sources, key=lambda one: one.declared.name):
        for file in found.files:
            for path in (file.path, file.english):
                if path is not None:
                    name = path.relative_to(found.root).as_posix()
                    digest.update(f"\n{found.declared.name}\n{name}\n{content_hash(path)}".encode())
    return digest.hexdigest()


def content_hash(path: Path) -> str:
    """SHA-256 hex of a file; computed again only when its size or time of change is another."""
    try:
        stat = path.stat()
        return _content_hash(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error


@cache
def _content_hash(path: Path, size: int, changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()
