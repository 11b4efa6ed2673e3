"""Imports that collecting tests must not make. torch alone takes longer to import than most tests take to run, in every
process that collects.

A test file writes what leads to torch under `if not COLLECTING:` among its imports; `tests/conftest.py` brings it in
when the first test of the file begins. What such a file needs while it is imported, as a parameter of a test or a base
class, cannot be of these names.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

COLLECTING = True
_brought: set[str] = set()


def bring_in(name: str) -> None:
    """Make the late imports of a module that is imported already, once. `name` is its key in `sys.modules`."""
    if name in _brought:
        return
    module = sys.modules[name]
    path = Path(str(module.__file__))
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "not COLLECTING":
            late = ast.Module(statement.body, [])
            exec(compile(late, str(path), "exec"), vars(module))
    _brought.add(name)
