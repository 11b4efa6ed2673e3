"""A generated reference workspace and its export, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.reference.export import export
from tests.support.generated_reference import write_reference


@pytest.fixture(scope="session")
def reference_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run folders of the whole experiment: three main arms of three seeds, eight controls, three warm starts."""
    runs = tmp_path_factory.mktemp("reference") / "runs"
    write_reference(runs)
    return runs


@pytest.fixture(scope="session")
def exported(reference_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference folder made of them; tests that change it take a copy."""
    out = tmp_path_factory.mktemp("exported") / "reference"
    export(reference_runs, out)
    return out
