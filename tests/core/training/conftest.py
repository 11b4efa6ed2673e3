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


@pytest.fixture(scope="session")
def starter():  # type: ignore[no-untyped-def]
    from core.data.catalog import starter_catalog

    return starter_catalog()
