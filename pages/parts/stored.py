"""Reads of the workspace and its store, cached until the file changes."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import BadInput
from core.workspace import Workspace, named_workspace, open_workspace


def workspace() -> Workspace:
    """The workspace of this server.

    Where it cannot be written the app still reads what is stored there; with nothing stored it works in a folder
    that lasts as long as the server.
    """
    try:
        return open_workspace()
    except BadInput:
        named = named_workspace()
        return named if named.results.is_file() else _for_now()


def kept() -> bool:
    """Whether what is made here will be there tomorrow."""
    try:
        open_workspace()
    except BadInput:
        return False
    return True


@st.cache_resource(show_spinner=False)
def _for_now() -> Workspace:
    folder = tempfile.TemporaryDirectory(prefix="isogloss-")
    atexit.register(folder.cleanup)
    return open_workspace(folder.name)


def stamp(path: Path) -> tuple[tuple[int, int], ...]:
    """Modification time (ns) and size of a store and of its log; changes whenever something is put in."""
    found = []
    for file in (path, path.with_name(path.name + ".wal")):
        try:
            status = file.stat()
        except OSError:
            found.append((0, 0))
        else:
            found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def read(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function(workspace, *arguments, **named)` of the results, computed once for each state of the file."""
    place = workspace()
    return _read(_name(function), str(place.home), stamp(place.results), arguments, named, function)


def read_own(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """The same of what people made themselves: bitexts, kept plans, marks."""
    place = workspace()
    return _read(_name(function), str(place.home), stamp(place.user), arguments, named, function)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


@st.cache_data(show_spinner=False, max_entries=400)
def _read(
    name: str,
    home: str,
    stamped: tuple[tuple[int, int], ...],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    _function: Callable[..., Any],
) -> Any:
    return _function(Workspace(Path(home)), *arguments, **named)
