"""Packages that the project is compared with or looked at through, which `requirements-dev.txt` alone installs."""

from __future__ import annotations

from typing import Any

import pytest


def peer(name: str) -> Any:
    """The package or module; the test, or the whole file at whose head this stands, is skipped where it is missing."""
    return pytest.importorskip(name, reason=f"needs {name.partition('.')[0]}: pip install -r requirements-dev.txt")
