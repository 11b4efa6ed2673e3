"""Fixtures of the store's tests: a workspace, run folders, and the tables of a store to compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from core.workspace import Workspace, open_workspace
from tests.support.make_run import write_run

TABLES = ("runs", "imports", "curves", "scores", "predictions", "plans", "plan_cells", "rankings")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


@pytest.fixture
def run_folder_factory(workspace: Workspace) -> Callable[..., Path]:
    """`run_folder_factory(arm, seed, ...)` writes a run under runs/; see `make_run.write_run`."""

    def make(*args: object, **options: object) -> Path:
        return write_run(workspace.runs, *args, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def dump() -> Callable[[Workspace], dict[str, pd.DataFrame]]:
    """Everything in the results, table by table, read past the code under test."""

    def read(workspace: Workspace) -> dict[str, pd.DataFrame]:
        with duckdb.connect(workspace.results, read_only=True) as con:
            return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").df() for name in TABLES}

    return read
