"""What pages import: nothing of the command line, no torch, and on the way to the first page nothing slow to load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

#: Takes a second and more to load, or is of no use to the page that opens first.
SLOW = ("torch", "statsmodels", "scipy.stats", "core.bitext", "core.cli")
LOAD = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(" ".join(sys.modules))
"""


def _imports(path: Path, whole: bool) -> list[str]:
    """The modules that a file imports: all of them, or with `whole` False those it imports when it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: list[str] = []
    for node in ast.walk(tree) if whole else tree.body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [node.module, *(part for part in parts if _is_module(part))]
    return names


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _slow(*modules: str) -> set[str]:
    """What of `SLOW` is in memory once a fresh process has imported `modules`."""
    run = subprocess.run(
        [sys.executable, "-c", LOAD, *modules], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    loaded = run.stdout.splitlines()[-1].split()
    return {slow for slow in SLOW for name in loaded if name == slow or name.startswith(f"{slow}.")}


def test_the_first_page_loads_nothing_slow():
    parts = [f"pages.parts.overview.{path.stem}" for path in (ROOT / "pages" / "parts" / "overview").glob("*.py")]
    modules = [name for file in ("app.py", "pages/overview.py") for name in _imports(ROOT / file, whole=False)]
    assert "pages.parts.tour" in modules and "pages.parts.overview.answer" in modules and len(parts) > 5
    assert not _slow(*[name for name in modules if name != "__future__"], *parts)


@pytest.mark.parametrize(
    ("module", "slow"), [("core.cli.bitext", {"core.bitext", "core.cli"}), ("scipy.stats", {"scipy.stats"})]
)
def test_what_is_slow_is_seen(module, slow):
    assert _slow(module) == slow


def test_no_page_imports_the_command_line_or_torch():
    files = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in _imports(path, whole=True)
        if name.split(".")[0] == "torch" or name == "core.cli" or name.startswith("core.cli.")
    ]
    assert len(files) > 40 and not wrong, "\n".join(wrong)


def test_an_import_of_the_command_line_within_a_function_is_seen(tmp_path):
    file = tmp_path / "page.py"
    file.write_text("def body():\n    from core.cli.align import load_reader\n    from core import cli\n")
    assert {"core.cli.align", "core.cli"} <= set(_imports(file, whole=True)) and not _imports(file, whole=False)
