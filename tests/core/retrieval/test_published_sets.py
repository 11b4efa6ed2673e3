"""Sets as they are published load without a file being touched: AfriQA's gold passages and XQuAD-R."""

from __future__ import annotations

import pytest

from core.retrieval.collection import read_through
from core.retrieval.forms import open_side

pytestmark = pytest.mark.data


def test_afriqa(tmp_path, data_dir):
    path = data_dir / "afriqa/gold_passages/swa/gold_span_passages.afriqa.swa.en.test.json"
    documents, queries = (open_side(path, role, tmp_path) for role in ("document", "query"))
    found, _ = read_through(documents.path)
    asked, _ = read_through(queries.path, role="query")
    assert len(asked) == 295 and len(found) <= 295 and asked.languages == ("sw",) and found.languages == ("en",)
    assert queries.marks and set(queries.marks) == {entry.id for entry in asked.entries()}
    named = {entry.id for entry in found.entries()}
    assert all(candidate in named for marks in queries.marks.values() for candidate in marks)


def test_xquad_r(tmp_path, data_dir):
    path = data_dir / "lareqa/xquad-r/th.json"
    asked, _ = read_through(open_side(path, "query", tmp_path).path, role="query")
    found, _ = read_through(open_side(path, "document", tmp_path).path)
    assert len(asked) == 1190 and len(found) == 240
