"""The one way up: a folder of core imports only folders above it, store only core, pages whatever is above them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.paths import ROOT

#: Each imports only those before it (and itself). docs/architecture.md tells the same order.
ORDER = (
    *("core.errors", "core.files", "core.progress", "core.recent", "core.languages", "core.notation", "core.workspace"),
    *(
        "core.shipped",
        "core.strict_json",
        "core.csv_cells",
        "core.later",
        "core.config",
        "core.statistics",
        "core.transport",
    ),
    *("core.reading", "core.encoder", "core.data", "core.run_folder"),
    *("core.alignment", "core.model", "core.bitext", "core.arms", "core.verdict", "core.patching", "core.retrieval"),
    *("core.training", "core.evaluation", "core.suites", "core.experiment", "core.query_encoders", "core.reference"),
    *("core.figures", "core.exchange", "core.report"),
    *("store", "core.cli", "pages", "app"),
)
RANK = {name: i for i, name in enumerate(ORDER)}
FILES = [path for top in ("core", "store", "pages") for path in sorted((ROOT / top).rglob("*.py"))] + [ROOT / "app.py"]


def _unit(module: str) -> str:
    """`core.arms.base` to `core.arms`, `store.results.runs` to `store`; "" for what is not ours."""
    first, *rest = module.split(".")
    if first == "core":
        return f"core.{rest[0]}" if rest else ""
    return first if first in ("store", "pages", "app") else ""


def _imports(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [alias.name for alias in node.names]
            whole = [f"{node.module}.{name}" for name in names] if node.module == "core" else [node.module]
            found += [(name, node.lineno) for name in whole]
    return found


def wrong_way(path: Path, module: str) -> list[str]:
    """What `path`, a file of `module`, imports from its own height or below."""
    unit = _unit(module)
    if unit not in RANK:
        return []
    return [
        f"{path.name}:{line} ({unit}) imports {name}"
        for name, line in _imports(path)
        if _unit(name) and _unit(name) != unit and RANK.get(_unit(name), len(ORDER)) >= RANK[unit]
    ]


def test_every_folder_has_its_place():
    there = {f"core.{path.stem}" for path in (ROOT / "core").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert there - {"core.__init__", "core.__main__", "core.__pycache__"} == {name for name in ORDER if "." in name}


def test_imports_go_up():
    wrong = [text for path in FILES for text in wrong_way(path, ".".join(path.relative_to(ROOT).with_suffix("").parts))]
    assert not wrong, "\n".join(wrong)


def test_an_import_that_goes_down_is_seen(tmp_path):
    file = tmp_path / "cost.py"
    file.write_text("def f():\n    from core.arms.base import Arm\n    import store.results.runs\n")
    assert len(wrong_way(file, "core.transport.cost")) == 2


@pytest.mark.parametrize("top", ["core", "store"])
def test_no_folder_has_more_than_a_person_can_look_over(top):
    counts = {path: len(list(path.glob("*.py"))) for path in (ROOT / top).rglob("*") if path.is_dir()}
    large = {path.relative_to(ROOT).as_posix() for path, count in counts.items() if count > 26}
    assert large <= {"core/figures", "core/bitext"}
