"""Examples in docstrings are real: what they say is printed, is."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.support.paths import ROOT

MODULES = sorted(
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
    for folder in ("core", "pages/parts", "store")
    for path in (ROOT / folder).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_real(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0 and found.failed == 0


def test_modules_with_examples_are_found():
    assert {"core.notation", "core.encoder.words", "pages.parts.retrieval.ranked_list"} <= set(MODULES)
