"""XNLI from the forms that its publishers serve, as the plain TSV of a language and split that its hash is of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from core.data.fetch.archive import extract
from core.data.fetch.http import NotFetched, Unreachable
from core.data.fetch.manifest import WantedFile, Way
from core.data.hub import cache_folder
from core.data.records import NLIItem
from core.data.xnli import read_all_languages, read_language
from core.errors import BadInput

#: How the splits are called in the archive.
_IN_ARCHIVE = {"validation": "dev"}
_NAME = re.compile(r"xnli_(?P<split>validation|test)_(?P<lang>\w+)\.tsv")
#: Bytes that one table of the Hub may have.
_LIMIT = 50_000_000


def table_bytes(items: Iterable[NLIItem]) -> bytes:
    """Items as `id premise hypothesis label` (0 entailment, 1 neutral, 2 contradiction), plain tabs, UTF-8.

    Raises `BadInput` if a sentence holds a tab or a line break, which such a table cannot say.
    """
    lines = ["id\tpremise\thypothesis\tlabel"]
    for item in items:
        if re.search(r"[\t\r\n]", item.premise + item.hypothesis):
            raise BadInput(f"Item {item.id} holds a tab or a line break, so that no plain table can hold it.")
        lines.append(f"{item.id}\t{item.premise}\t{item.hypothesis}\t{item.label}")
    return ("\n".join(lines) + "\n").encode()


def hub_tables(
    way: Way, files: Iterable[WantedFile], unreachable: Sequence[str] = ()
) -> Iterator[tuple[WantedFile, bytes]]:
    """The wanted files from a repository of the Hub, at its commit; what its local cache has is not fetched again.

    Raises `Unreachable`, and `NotFetched`, also for a table that cannot be read.
    """
    if _endpoint_host() in unreachable:
        raise Unreachable(_endpoint_host(), "as before")
    for file in files:
        split, language = _place(file)
        path = _hub_file(way, way.pattern.format(lang=language, split=split))
        if path.stat().st_size > _LIMIT:
            raise NotFetched(f"{path.name} of {way.origin} has more bytes than are taken.")
        with _from_publisher(way.origin):
            content = table_bytes(read_language([path]).items)
        yield file, content


def archive_tables(
    archive: Path, way: Way, files: Iterable[WantedFile], folder: Path
) -> Iterator[tuple[WantedFile, bytes]]:
    """The wanted files from the publisher's archive, whose members are unpacked into `folder`. Raises `NotFetched`."""
    by_split: dict[str, list[WantedFile]] = {}
    for file in files:
        by_split.setdefault(_place(file)[0], []).append(file)
    members = [way.pattern.format(split=_IN_ARCHIVE.get(split, split)) for split in by_split]
    with _from_publisher(way.origin):
        paths = extract(archive, members, folder)
    for wanted, path in zip(by_split.values(), paths, strict=True):
        with _from_publisher(way.origin):
            items = read_all_languages([path])
            tables = [(file, table_bytes(items.get(_place(file)[1], ()))) for file in wanted]
        yield from tables


def _place(file: WantedFile) -> tuple[str, str]:
    match = _NAME.fullmatch(Path(file.path).name)
    assert match is not None, file.path
    return match["split"], match["lang"]


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def _endpoint_host() -> str:
    return urlsplit(_endpoint()).netloc


def _hub_file(way: Way, name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    endpoint = _endpoint()
    try:
        with _quiet():
            path = hf_hub_download(
                way.origin,
                name,
                repo_type="dataset",
                revision=way.revision,
                cache_dir=cache_folder(),
                endpoint=endpoint,
            )
        return Path(path)
    except LocalEntryNotFoundError as error:
        raise Unreachable(_endpoint_host(), "offline, or no answer") from error
    except (EntryNotFoundError, HfHubHTTPError) as error:
        raise NotFetched(f"{way.origin} on {endpoint} does not give {name} ({_line(error)}).") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise NotFetched(f"{name} of {way.origin} cannot be fetched ({_line(error)}).") from error
    except Exception as error:  # the transport's own errors are of no common class
        if type(error).__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2"):
            raise Unreachable(_endpoint_host(), _line(error)) from error
        raise


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:150].rstrip(".")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the client's own bars: the whole has one."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()


@contextmanager
def _from_publisher(what: str) -> Iterator[None]:
    """What the publisher's file is refused for, as a failure of fetching it."""
    try:
        yield
    except BadInput as error:
        raise NotFetched(f"What came of {what} cannot be read: {error}") from error
