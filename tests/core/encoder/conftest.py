"""A small BERT with random weights, saved as transformers saves one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.small_bert import save_small_bert


@pytest.fixture(scope="session")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a BERT of 2 layers of 16 units with a lower-casing WordPiece tokeniser. Copy it before changing it."""
    return save_small_bert(tmp_path_factory.mktemp("small-bert"))
