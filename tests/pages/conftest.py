"""Fixtures of the pages' tests: workspaces, and a page opened in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.reference.export import export
from core.workspace import Workspace, open_workspace
from store.results.importer import sync
from tests.support.generated_reference import write_reference
from tests.support.paths import ROOT
from tests.support.synthetic_runs import ARMS, write_run

OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def starter_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The starter set, whatever else is on the machine."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One for the session: what the untrained encoder computes is kept in its cache."""
    return open_workspace(tmp_path_factory.mktemp("empty") / "home")


@pytest.fixture(scope="module")
def stored_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Four drawn runs on the starter data."""
    workspace = open_workspace(tmp_path_factory.mktemp("stored") / "home")
    for arm in ARMS:
        write_run(workspace, arm)
    sync(workspace)
    return workspace


@pytest.fixture
def own_workspace(tmp_path: Path) -> Workspace:
    """Two runs of its own, for tests that change something."""
    workspace = open_workspace(tmp_path / "home")
    for arm in ("english-only", "transport"):
        write_run(workspace, arm)
    sync(workspace)
    return workspace


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reference results with drawn numbers, packed as the shipped ones are."""
    folder = tmp_path_factory.mktemp("shipped")
    write_reference(folder / "runs", premises=60)
    export(folder / "runs", folder / "reference")
    return folder / "reference"


@pytest.fixture
def fresh(shipped: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    """A fresh workspace beside the folder of `shipped`."""
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(shipped))
    return open_workspace(tmp_path / "home")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """`open_page(workspace, "errors", outcome="wrong")` runs a page as a browser would open its link."""

    def opened(workspace: Workspace, name: str, **link: str) -> AppTest:
        monkeypatch.setenv("ISOGLOSS_HOME", str(workspace.home))
        test = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=240)
        for key, value in link.items():
            test.query_params[key] = value
        return test.run()

    return opened
