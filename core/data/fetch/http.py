"""One file from an address, into a file that a later attempt goes on with (HTTP Range, RFC 9110, section 14).

A download is only ever a draft: what it is worth is decided by the hash of the whole, so a server whose file has
changed between two attempts is found out like any other wrong file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import BadInput, IsoglossError
from core.progress import Progress, silent

if TYPE_CHECKING:
    from requests import Response

#: Bytes that a file may have whose length nobody has said.
LIMIT = 300_000_000
#: Seconds until a server has to accept, and between two pieces of what it sends.
TIMEOUT = (10, 60)
ATTEMPTS = 3
#: Answers of a server that another attempt may change.
_LATER = {408, 425, 429, 500, 502, 503, 504}
_PIECE = 1 << 14


class NotFetched(IsoglossError):
    """The publisher's file did not come, or is another than it was."""


class Unreachable(NotFetched):
    """No answer at all from `host`."""

    def __init__(self, host: str, reason: str):
        super().__init__(f"{host} could not be reached ({reason}).")
        self.host = host


class _Broken(Exception):
    """An attempt that another may succeed after; what came of it is kept."""


def download(
    url: str, part: Path, size: int | None = None, progress: Progress = silent, attempts: int = ATTEMPTS,
    wait: float = 1.0,
) -> None:  # fmt: skip
    """Fill `part` with the file at `url`, from where it ends if it is there already; in the end it is whole.

    Args:
        size: the bytes it must have; without it whatever the server says, up to `LIMIT`.
        progress: called with the bytes of `part` and those of the whole (0: not known).
        attempts: how often a connection may be cut; between two the time of waiting doubles, from `wait` seconds.

    Raises `Unreachable` if there is no connection at all, `NotFetched` if the server has no such file, or one of
    another length, or was cut off too often (`part` then stays), `BadInput` if `part` cannot be written.
    """
    for attempt in range(1, attempts + 1):
        try:
            return _attempt(url, part, size, progress, first=attempt == 1)
        except _Broken as broken:
            if attempt == attempts:
                came = part.stat().st_size if part.is_file() else 0
                raise NotFetched(
                    f"{url} broke off {attempts} times ({broken}); the {came:,} bytes that came are kept, and the same "
                    "command goes on from there."
                ) from broken
            time.sleep(wait * 2 ** (attempt - 1))


def _attempt(url: str, part: Path, size: int | None, progress: Progress, first: bool) -> None:
    import requests

    there = part.stat().st_size if part.is_file() else 0
    if size is not None and there == size:
        return
    if size is not None and there > size:
        part.unlink()
        there = 0
    # Compressed on the way, a part of a file could not be asked for.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={there}-"} if there else {})}
    answered = False
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            answered = True
            start = _start(response, url, part, there)
            whole = _whole(response, url, start, size)
            _write(response, url, part, start, whole, size, progress)
    except requests.RequestException as error:
        reason = _reason(error)
        if first and not answered and isinstance(error, requests.ConnectionError):
            raise Unreachable(urlsplit(url).netloc, reason) from error
        if not isinstance(
            error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
        ):
            raise NotFetched(f"{url} cannot be fetched ({reason}).") from error
        raise _Broken(reason) from error


def _start(response: Response, url: str, part: Path, there: int) -> int:
    """The byte from which the answer goes on: the end of what is there, or 0 from a server that sends all again."""
    if response.status_code == 206 and there:
        if response.headers.get("Content-Range", "").startswith(f"bytes {there}-"):
            return there
        part.unlink()
        raise _Broken("the server sent another part than was asked for")
    if response.status_code == 416 and there:
        part.unlink()
        raise _Broken("the server has fewer bytes than had come")
    if response.status_code == 200:
        return 0
    if response.status_code in _LATER:
        raise _Broken(f"it answers {response.status_code} {response.reason}")
    raise NotFetched(f"{url} answers {response.status_code} {response.reason}.")


def _whole(response: Response, url: str, start: int, size: int | None) -> int | None:
    """The length of the whole as the server says it; None if it does not. Raises `NotFetched` if it cannot be right."""
    stated = response.headers.get("Content-Length", "")
    if response.headers.get("Content-Encoding", "identity") != "identity" or not stated.isdigit():
        return size
    whole = start + int(stated)
    if size is not None and whole != size:
        raise NotFetched(f"{url} has {whole:,} bytes, where {size:,} were expected: it is another file than it was.")
    if whole > LIMIT:
        raise NotFetched(f"{url} has {whole:,} bytes, more than the {LIMIT:,} that are taken.")
    return whole


def _write(
    response: Response, url: str, part: Path, start: int, whole: int | None, size: int | None, progress: Progress
) -> None:
    import requests

    done, limit = start, size if size is not None else LIMIT
    try:
        with part.open("ab" if start else "wb") as file:
            for piece in response.iter_content(_PIECE):
                done += len(piece)
                if done > limit:
                    raise NotFetched(f"{url} sends more than {limit:,} bytes: it is another file than it was.")
                file.write(piece)
                progress(done, whole or 0)
    except requests.RequestException:
        raise
    except OSError as error:
        raise BadInput(f"{part} cannot be written ({error.strerror}); make room, or name another folder.") from error
    if whole is not None and done < whole:
        raise _Broken(f"{done:,} of {whole:,} bytes came")


def _reason(error: Exception) -> str:
    """The innermost cause, in a few words."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return str(cause).splitlines()[0][:120] if str(cause) else type(cause).__name__
