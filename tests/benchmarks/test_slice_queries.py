"""Slices over the 676,350 predictions of the shipped main arms: what a line takes once its items are measured.

Needs XNLI in ISOGLOSS_DATA; nothing here fails on time:

    python -m pytest tests/benchmarks/test_slice_queries.py -m benchmark -s
"""

from __future__ import annotations

import os
import statistics
import time

import pytest

from core.arms.names import main_arms
from core.data.catalog import open_catalog
from core.evaluation.slicing.answers import count_slice, make_answers
from core.evaluation.slicing.evaluate import evaluate
from core.evaluation.slicing.parser import parse
from core.workspace import open_workspace
from store.results.groups import find_comparison
from store.results.selection import Selection
from store.results.slices import item_answers
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.encoder.load import load_encoder
    from core.evaluation.slicing.opening import open_table

LINES = (
    "negation",
    "on english: negation and not hypothesis.words > 8",
    "overlap > 0.5 and premise.words > 20 and gold = neutral",
    'premise ~ "the" or hypothesis ~ "the"',
    r"hypothesis ~ /[[:alpha:]]{3,}.*\d/",
    "premise ~ /(.*a.*){10}/",
)


@pytest.mark.benchmark
@pytest.mark.skipif("ISOGLOSS_DATA" not in os.environ, reason="needs XNLI in ISOGLOSS_DATA")
def test_a_line_over_all_predictions(tmp_path, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_REFERENCE", raising=False)
    workspace = open_workspace(tmp_path / "home")
    runs = find_comparison(workspace).runs
    runs = runs[runs["arm"].isin(main_arms(runs["arm"]))]
    selection = Selection(tuple(runs["run_id"]), "test")
    begun = time.perf_counter()
    table = open_table(open_catalog(), "test", workspace.cache / "texts", load_encoder)
    print(f"\n{len(table):,} items read and measured (once): {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    answers = make_answers(item_answers(workspace, selection, table.codes), len(runs), table)
    print(f"{int(answers.there.sum()):,} predictions put beside them (once): {time.perf_counter() - begun:.2f} s")
    for line in LINES:
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            counted = count_slice(evaluate(parse(line), table).mask, answers, list(runs["arm"]), table)
            taken.append(1000 * (time.perf_counter() - begun))
        assert counted.pairs > 0
        print(f"{statistics.median(taken):6.0f} ms  {counted.items:,} items  {line}")
