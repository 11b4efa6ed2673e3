"""Every name that a file takes from the project is there: benchmarks and proofs, which seldom run, included."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("core", "store", "pages", "tests", "docs")


@cache
def defined(module: str) -> frozenset[str]:
    """The names that a module binds and, of a package, the modules in it."""
    place = ROOT / module.replace(".", "/")
    inside = {one.stem for one in place.glob("*.py")} | {one.name for one in place.glob("*/")}
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.is_file():
        return frozenset(inside)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inside.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            inside.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            inside.update((one.asname or one.name).split(".")[0] for one in node.names)
    return frozenset(inside)


def missing(text: str) -> list[str]:
    return [
        f"{node.module}.{one.name}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in FOLDERS
        for one in node.names
        if one.name not in defined(node.module or "")
    ]


def test_a_name_that_has_moved_is_seen():
    assert missing("from core.alignment.word_links import link_pairs") == ["core.alignment.word_links.link_pairs"]


def test_every_name_taken_from_the_project_is_there():
    files = [*ROOT.glob("*.py"), *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))]
    gone = {str(file.relative_to(ROOT)): missing(file.read_text(encoding="utf-8")) for file in files}
    assert {file: names for file, names in gone.items() if names} == {}
