"""Where known data sets are published: `downloads.toml` as records."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from core.data.registry import Declared
from core.errors import BadInput

DOWNLOADS = Path(__file__).with_name("downloads.toml")


@dataclass(frozen=True)
class WantedFile:
    """One file of a data set: `path` within the data folder, and the length and SHA-256 that it must have.

    `address` is where the publisher serves it; "" where it is written from a table.
    """

    path: str
    bytes: int
    sha256: str
    address: str = ""


@dataclass(frozen=True)
class Way:
    """One way to the files of a data set: files at addresses, tables of a Hub repository, or an archive's members."""

    kind: Literal["files", "hub", "archive"]
    origin: str
    revision: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Download:
    """A data set that can be fetched; `downloads.toml` says at its head what the fields mean."""

    source: str
    hash_of: Literal["file", "table"]
    seen: str
    files: tuple[WantedFile, ...]
    ways: tuple[Way, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def read_downloads(path: Path | None = None) -> dict[str, Download]:
    """The downloads of the project's file, or of `path`, by the name of their source, in its order."""
    table = tomllib.loads((path or DOWNLOADS).read_text(encoding="utf-8"))
    downloads: dict[str, Download] = {}
    for entry in table["download"]:
        name = entry["source"]
        first = downloads.get(name)
        if first is None:
            files = tuple(_file(entry, row) for row in entry["files"])
            downloads[name] = Download(name, entry["hash_of"], entry["seen"], files, (_way(entry),))
        else:
            downloads[name] = Download(name, first.hash_of, first.seen, first.files, (*first.ways, _way(entry)))
    return downloads


def chosen_sources(names: Iterable[str], known: Sequence[Declared]) -> list[Declared]:
    """The sources of these names, in any case; a name that begins several, as NewProtocols does, means them all.

    Raises `BadInput` for a name that begins none.
    """
    chosen: dict[str, Declared] = {}
    for name in names:
        folded = name.strip().casefold()
        exact = [source for source in known if source.name.casefold() == folded]
        found = exact or [source for source in known if folded and source.name.casefold().startswith(f"{folded} ")]
        if not found:
            listed = ", ".join(source.name for source in known)
            raise BadInput(f"There is no data set {name[:60]!r}; the known ones are {listed}.")
        chosen |= {source.name: source for source in found}
    return list(chosen.values())


def _file(entry: dict[str, Any], row: dict[str, Any]) -> WantedFile:
    address = "" if entry["hash_of"] == "table" else urljoin(entry["url"], row.get("from", row["name"]))
    return WantedFile(entry["to"] + row["name"], row["bytes"], row["sha256"], address)


def _way(entry: dict[str, Any]) -> Way:
    if "hub" in entry:
        return Way("hub", entry["hub"], entry["revision"], entry["tables"])
    if "members" in entry:
        return Way("archive", entry["url"], "", entry["members"])
    return Way("files", entry["url"])
