"""Fixtures of the evaluation tests: the small model of the training tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))


@pytest.fixture(scope="session")
def tiny(encoder):  # type: ignore[no-untyped-def]
    from tiny import tiny_encoder

    return tiny_encoder(encoder)
