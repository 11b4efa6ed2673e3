"""Single members of a zip archive that somebody else made: bounded in bytes and number, none outside its folder."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from core.errors import BadInput

#: Members that an archive may list, and bytes that those read may unpack to, all together.
MEMBERS = 2_000
LIMIT = 500_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError, ValueError)


def extract(archive: Path, members: Sequence[str], folder: Path, limit: int = LIMIT) -> list[Path]:
    """Unpack these members into `folder`, each under its last name, and return their paths in order.

    Raises `BadInput` if the archive is not readable, lacks one of them, unpacks to more than `limit` bytes, or lists
    more than `MEMBERS` members, a link, a device or a path that leads out of a folder: then none of it is trusted.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            listed = file.infolist()
            _check(archive, listed)
            stated = {info.filename: info.file_size for info in listed if not info.is_dir()}
            for member in members:
                if member not in stated:
                    raise BadInput(f"{archive.name} has no {member}.")
            if sum(stated[member] for member in members) > limit:
                raise BadInput(f"{archive.name} unpacks to more than the {limit:,} bytes that are taken.")
            paths = []
            for member in members:
                path = folder / PurePosixPath(member).name
                limit -= _copy(file, member, path, limit)
                paths.append(path)
            return paths
    except _BROKEN as error:
        raise BadInput(f"{archive.name} is not a readable archive ({str(error)[:100]}).") from error


def _check(archive: Path, listed: Sequence[zipfile.ZipInfo]) -> None:
    if len(listed) > MEMBERS:
        raise BadInput(f"{archive.name} lists more than {MEMBERS:,} members, so that none of it is read.")
    for info in listed:
        name = info.orig_filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
            raise BadInput(f"{archive.name} holds {name[:60]!r}, which leads out of its folder; none of it is read.")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadInput(f"{archive.name} holds {name[:60]!r}, a link or a device; none of it is read.")


def _copy(file: zipfile.ZipFile, member: str, path: Path, limit: int) -> int:
    """Copy a member; what it says of its own length is not believed. Returns its bytes."""
    done = 0
    with file.open(member) as source, path.open("wb") as target:
        while piece := source.read(1 << 16):
            done += len(piece)
            if done > limit:
                raise BadInput(f"{Path(str(file.filename)).name} unpacks to more bytes than are taken.")
            target.write(piece)
    return done
