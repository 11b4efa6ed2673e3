"""Checks of uploaded files that go on while the page is used: one thread a check, its progress told in snapshots."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from core.bitext.check import Settings
from core.bitext.limits import MAX_BYTES, too_many_bytes
from core.bitext.reading import Opened, open_bitext
from core.bitext.records import Layout
from core.bitext.report import Report
from core.bitext.staging import examine
from core.errors import IsoglossError
from core.files import atomic_draft
from pages.parts.guard import UNEXPECTED
from pages.parts.stored import workspace

_log = logging.getLogger("isogloss.pages")
#: Seconds after which a file that was uploaded and not stored is forgotten.
_KEPT_FOR = 24 * 3600


@dataclass
class Check:
    """One check: `report` when it is done, `problem` (a sentence) when it failed, else `told` of how far it is."""

    staged: Path
    told: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None
    problem: str = ""

    @property
    def running(self) -> bool:
        return self.report is None and not self.problem


def folder() -> Path:
    """Where uploads lie until they are stored or forgotten."""
    return workspace().home / "uploads"


def keep(files: list[Any]) -> tuple[list[Path], list[str]]:
    """Put uploaded files where they can be read as streams; names are only told, never used as paths.

    Raises `BadInput` for a file that is too large, and where there is no room for it.
    """
    paths, names = [], []
    for file in files:
        if file.size > MAX_BYTES:
            raise too_many_bytes(file.name)
        digest = hashlib.sha256()
        file.seek(0)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
        path = folder() / digest.hexdigest()[:32] / "file"
        if not path.is_file() or path.stat().st_size != file.size:
            path.parent.mkdir(parents=True, exist_ok=True)
            file.seek(0)
            with (
                atomic_draft(path, durable=False, what=f"The upload {file.name[:80]}") as draft,
                draft.open("wb") as out,
            ):
                shutil.copyfileobj(file, out, 1 << 20)
        paths.append(path)
        names.append(file.name)
    return paths, names


def forget_old() -> None:
    """Remove uploads of yesterday; what is stored is in the store."""
    now = time.time()
    for place in folder().glob("*"):
        try:
            if place.is_dir() and now - max(p.stat().st_mtime for p in (place, *place.iterdir())) > _KEPT_FOR:
                shutil.rmtree(place, ignore_errors=True)
        except OSError:
            continue


@st.cache_data(show_spinner="Looking at the file…", max_entries=20)
def opened(paths: list[str], names: list[str], encoding: str | None) -> Opened:
    """The recognised file. Raises `BadInput`."""
    return open_bitext([Path(path) for path in paths], names, encoding)


@st.cache_resource(show_spinner=False)
def _checks() -> dict[str, Check]:
    return {}


def check(paths: list[Path], file: Opened, layout: Layout, settings: Settings) -> Check:
    """The check of this file with this layout, begun if it is not there; returns at once."""
    key = hashlib.sha256(repr((file.sha256, file.encoding, file.name, layout, settings)).encode()).hexdigest()[:16]
    known = _checks()
    found = known.get(key)
    if found is not None and (found.running or found.problem or found.staged.is_file()):
        return found
    begun = Check(paths[0].parent / f"{key}.parquet")
    known[key] = begun
    while len(known) > 20:
        known.pop(next(iter(known)))
    threading.Thread(target=_run, args=(begun, file, layout, settings), daemon=True, name="bitext check").start()
    return begun


def is_begun(file: Opened, layout: Layout, settings: Settings) -> bool:
    """Whether this very check was begun."""
    key = hashlib.sha256(repr((file.sha256, file.encoding, file.name, layout, settings)).encode()).hexdigest()[:16]
    return key in _checks()


def _run(begun: Check, file: Opened, layout: Layout, settings: Settings) -> None:
    def watch(read: int, share: float, report: Report) -> None:
        begun.told = {"read": read, "share": share, "unreadable": report.unreadable, "masks": dict(report.masks)}

    try:
        begun.report = examine(file, layout, settings, begun.staged, watch)
    except IsoglossError as error:
        begun.problem = str(error)
    except Exception:
        _log.exception("bitext check: unexpected failure")
        begun.problem = UNEXPECTED
