"""A generated reference workspace and its export, made once a session."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "training")]

from generated import write_reference  # noqa: E402

from core.reference.export import export  # noqa: E402


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


@pytest.fixture(scope="session")
def tiny(encoder):  # type: ignore[no-untyped-def]
    from tiny import tiny_encoder

    return tiny_encoder(encoder)


@pytest.fixture(scope="session")
def starter():  # type: ignore[no-untyped-def]
    from core.data.catalog import starter_catalog

    return starter_catalog()
