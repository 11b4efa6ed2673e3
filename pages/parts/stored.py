"""Reads of the workspace and its store, cached until the file changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.workspace import Workspace, open_workspace


def workspace() -> Workspace:
    """The workspace of this server."""
    return open_workspace()


def stamp(place: Workspace) -> tuple[tuple[int, int], ...]:
    """Modification time (ns) and size of the results and of their log; changes whenever a run is imported."""
    found = []
    for path in (place.results, place.results.with_name(place.results.name + ".wal")):
        try:
            status = path.stat()
        except OSError:
            found.append((0, 0))
        else:
            found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def read(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function(workspace, *arguments, **named)` of the store, computed once for each state of the file."""
    place = workspace()
    name = f"{function.__module__}.{function.__qualname__}"
    return _read(name, str(place.home), stamp(place), arguments, named, function)


@st.cache_data(show_spinner=False, max_entries=400)
def _read(
    name: str,
    home: str,
    stamped: tuple[tuple[int, int], ...],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    _function: Callable[..., Any],
) -> Any:
    return _function(open_workspace(home), *arguments, **named)
