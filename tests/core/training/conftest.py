"""Fixtures of the training tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny(encoder):  # type: ignore[no-untyped-def]
    from tiny import tiny_encoder

    return tiny_encoder(encoder)


@pytest.fixture(autouse=True)
def wide_disk(monkeypatch):  # type: ignore[no-untyped-def]
    """What is kept does not depend on the disk of the machine that runs the tests."""
    from tiny import free_disk

    free_disk(monkeypatch, 1 << 50)


@pytest.fixture(scope="session")
def starter():  # type: ignore[no-untyped-def]
    from core.data.catalog import starter_catalog

    return starter_catalog()
