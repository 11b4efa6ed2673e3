"""The architecture page: every folder, verb, page, arm and table is mentioned, and what is mentioned exists."""

from __future__ import annotations

import re

from core.cli import app
from core.figures import style
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.arms.registry import ARMS

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def _quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_folder_is_there_and_every_package_is_named():
    named = {name.rstrip("/") for name in _quoted(_section("Folders")) if name.endswith("/")}
    assert all((ROOT / name).is_dir() for name in named)
    packages = {f"core/{path.parent.name}" for path in ROOT.glob("core/*/__init__.py")}
    assert packages <= named and {"pages", "store", "tests", "docs"} <= named


def test_every_verb_and_page_is_named_and_no_other():
    rows = [row.split("|") for row in _section("Pages and verbs").splitlines() if row.startswith("| ")][1:]
    verbs = set().union(*(_quoted(row[2]) for row in rows))
    assert verbs == {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    pages = {name.strip() for row in rows for name in row[1].split(",")} - {"(no page)"}
    assert pages == set(re.findall(r'title="(\w+)"', (ROOT / "app.py").read_text(encoding="utf-8")))


def test_every_arm_is_named_and_no_other():
    named = _quoted(_section("Arms"))
    assert named == {one.arm for one in style.ARMS}
    assert set(ARMS) <= named


def test_every_table_of_both_stores_is_named_and_no_other():
    parts = re.split(r"`user\.duckdb`", _section("Tables"))
    for part, family in zip(parts, ("results", "user"), strict=True):
        made = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob(f"store/migrations/{family}/*.sql"))
        assert _quoted(part) - {"results.duckdb"} == set(re.findall(r"CREATE TABLE (\w+)", made))


def test_every_file_it_names_is_there():
    for name in _quoted(TEXT):
        if re.fullmatch(r"[\w/]+\.(py|toml|md)", name) and "/" in name:
            assert (ROOT / name).is_file(), name
