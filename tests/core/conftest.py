"""Fixtures of core's tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def wide_disk(monkeypatch):  # type: ignore[no-untyped-def]
    """What is kept does not depend on the disk of the machine that runs the tests."""
    from tests.support.tiny import free_disk

    free_disk(monkeypatch, 1 << 50)
