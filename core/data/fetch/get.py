"""A data set brought into the data folder: what is there is kept, what comes is checked, files appear whole.

What has come lies in `.incomplete/` of the data folder under its hash until the whole data set is there and checked;
then its files take their places. One process at a time fetches into a folder; another waits and finds them there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from core.data.fetch.http import ATTEMPTS, NotFetched, Unreachable, download
from core.data.fetch.manifest import Download, WantedFile, Way
from core.data.fetch.tables import archive_tables, hub_tables
from core.errors import BadInput
from core.files import atomic_draft, atomic_write, put_in_place, refusing
from core.progress import Progress, silent

INCOMPLETE = ".incomplete"
#: Bytes of disk that have to stay free beside what comes.
ROOM = 100_000_000


@dataclass(frozen=True)
class Fetched:
    """What was done: files that came, files that were there, and the address or repository they came from."""

    came: int
    there: int
    origin: str


def missing_files(wanted: Download, folder: Path, replace: bool = False) -> list[WantedFile]:
    """The files of a data set that are not in the folder.

    Raises `BadInput` if one is there and is another: it is not replaced without `replace`.
    """
    missing = []
    for file in wanted.files:
        path = folder / file.path
        if not path.exists():
            missing.append(file)
        elif not path.is_file() or _sha256(path) != file.sha256:
            if not replace:
                raise BadInput(
                    f"{path} is there and is not the file that {wanted.source} has; it is kept: move it away, or give "
                    "--replace."
                )
            missing.append(file)
    return missing


def fetch(
    wanted: Download,
    folder: Path,
    progress: Progress = silent,
    replace: bool = False,
    unreachable: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
    attempts: int = ATTEMPTS,
) -> Fetched:
    """Bring the missing files of a data set into `folder`, by the first of its ways that gives them.

    Args:
        progress: called with the bytes that came and those of all that is missing.
        unreachable: hosts that gave no answer before, which are not asked again.
        tell: called with a sentence when another process is waited for, or another way is tried.

    Raises `Unreachable`, `NotFetched` (nothing in the folder has changed then, and what came in part is kept for the
    next time), and `BadInput` if the folder cannot be written or holds another file of that name.
    """
    with _alone(folder, tell) as incomplete:
        missing = missing_files(wanted, folder, replace)
        if not missing:
            return Fetched(0, len(wanted.files), "")
        _check_room(folder, sum(file.bytes for file in missing))
        failure: NotFetched | None = None
        for way in wanted.ways:
            if failure is not None:
                tell(f"{failure} Trying {way.origin}.")
            try:
                _bring(way, missing, incomplete, progress, unreachable, attempts)
                break
            except NotFetched as error:
                failure = error
        else:
            assert failure is not None
            raise failure
        with refusing(str(folder), "name another folder with --data"):
            _place(missing, incomplete, folder)
    return Fetched(len(missing), len(wanted.files) - len(missing), way.origin)


def _bring(
    way: Way, missing: list[WantedFile], incomplete: Path, progress: Progress, unreachable: Sequence[str], attempts: int
) -> None:
    """Fill the part of every missing file with what its hash asks for."""
    total, done = sum(file.bytes for file in missing), 0
    if way.kind == "files":
        for file in missing:
            base = done
            _bring_file(
                file,
                _part(incomplete, file),
                lambda came, _, base=base: progress(base + came, total),
                unreachable,
                attempts,
            )
            done += file.bytes
        progress(total, total)
        return
    with tempfile.TemporaryDirectory(dir=incomplete) as scratch:
        for file, content in _tables(way, missing, incomplete, Path(scratch), progress, unreachable, attempts):
            given = sha256(content).hexdigest()
            if given != file.sha256:
                raise NotFetched(
                    f"The rows that {way.origin} gives for {Path(file.path).name} are not those that were expected "
                    f"(their SHA-256 is {given[:12]}, not {file.sha256[:12]}); none of it is taken."
                )
            atomic_write(_part(incomplete, file), content, what=str(incomplete), advice="make room on the disk")
            done += file.bytes
            progress(done, total)


def _place(files: list[WantedFile], incomplete: Path, folder: Path) -> None:
    """Give every file its place; of several with the same content, which came once, the last takes it away."""
    left = Counter(file.sha256 for file in files)
    for file in files:
        part, path = _part(incomplete, file), folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        left[file.sha256] -= 1
        if left[file.sha256]:
            with atomic_draft(path) as draft:
                shutil.copyfile(part, draft)
        else:
            put_in_place(part, path)


def _bring_file(file: WantedFile, part: Path, progress: Progress, unreachable: Sequence[str], attempts: int) -> None:
    host = urlsplit(file.address).netloc
    if host in unreachable:
        raise Unreachable(host, "as before")
    resumed = part.exists()
    download(file.address, part, file.bytes, progress, attempts)
    if _sha256(part) != file.sha256 and resumed:  # what was there may have been of another file: once more, whole
        part.unlink()
        download(file.address, part, file.bytes, progress, attempts)
    found = _sha256(part)
    if found != file.sha256:
        part.unlink()
        raise NotFetched(
            f"{file.address} is not the file that was expected (its SHA-256 is {found[:12]}, not {file.sha256[:12]}); "
            "it is not taken."
        )


def _tables(
    way: Way, missing: list[WantedFile], incomplete: Path, scratch: Path, progress: Progress,
    unreachable: Sequence[str], attempts: int,
) -> Iterator[tuple[WantedFile, bytes]]:  # fmt: skip
    if way.kind == "hub":
        return hub_tables(way, missing, unreachable)
    host = urlsplit(way.origin).netloc
    if host in unreachable:
        raise Unreachable(host, "as before")
    archive = incomplete / f"{sha256(way.origin.encode()).hexdigest()[:16]}.zip"
    download(way.origin, archive, None, silent, attempts)
    try:
        with refusing(str(scratch), "make room on the disk"):
            return iter(list(archive_tables(archive, way, missing, scratch)))
    finally:
        archive.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    """Raises `BadInput` for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error


def _part(incomplete: Path, file: WantedFile) -> Path:
    return incomplete / f"{file.sha256}.part"


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + ROOM:
        raise BadInput(
            f"{folder} has {free / 1e6:,.0f} MB of free disk, and {(needed + ROOM) / 1e6:,.0f} MB are needed; make "
            "room, or name another folder with --data."
        )


@contextmanager
def _alone(folder: Path, tell: Callable[[str], None]) -> Iterator[Path]:
    """The folder of what has not come whole, held by this process."""
    incomplete = folder / INCOMPLETE
    with refusing(str(folder), "name another folder with --data"):
        incomplete.mkdir(parents=True, exist_ok=True)
        lock = FileLock(incomplete / "lock")
        try:
            lock.acquire(timeout=0.2)
        except Timeout:
            tell(f"Another process fetches into {folder}; waiting for it.")
            lock.acquire()
    try:
        yield incomplete
    finally:
        lock.release()
