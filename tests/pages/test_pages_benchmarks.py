"""Runs of a study's own benchmark, in languages and labels of its own: pages open and say what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.workspace import open_workspace
from store.results.benchmarks import order_splits
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support import make_run
from tests.support.page_text import check_whole, words

LANGUAGES = ("es", "gn", "quy")
BENCHMARK = {"name": "two-way", "source": "", "split": "test", "labels": ["entailment", "not-entailment"],
             "source_language": "es", "languages": LANGUAGES, "aligned": ["gn", "quy"]}  # fmt: skip
MORE = BENCHMARK | {"name": "again", "split": "validation", "labels": list(make_run.LABELS)}


def predictions(seed, split, labels):
    """40 items a language, gold in turn; of two labels the third has probability 0."""
    rng = np.random.default_rng(seed)
    ids = np.tile(np.arange(40), len(LANGUAGES))
    values = np.zeros((len(ids), 3), np.float32)
    values[:, :labels] = rng.dirichlet(np.ones(labels), len(ids))
    columns = {name: values[:, k] for k, name in enumerate(make_run.LABELS)}
    keys = {"split": split, "language": np.repeat(LANGUAGES, 40), "item_id": ids.astype(np.int32)}
    return pd.DataFrame({**keys, "gold": (ids % labels).astype(np.int8), **columns})


@pytest.fixture
def workspace(tmp_path):
    place = open_workspace(tmp_path / "home")
    for number, arm in enumerate(("english-only", "transport")):
        table = pd.concat([predictions(number, "two-way.test", 2), predictions(9 + number, "again.validation", 3)])
        config = {"arm": arm, "evaluation": {"split": "two-way.test", "benchmarks": [BENCHMARK, MORE]}}
        make_run.write_run(place.runs, arm, tables={"predictions": table}, data_kind="own", config=config)
    sync(place)
    return place


@pytest.mark.parametrize("name", ["overview", "errors"])
def test_the_page_says_which_benchmark_it_shows(open_page, workspace, name):
    page = open_page(workspace, name)
    check_whole(page)
    told = words(page)
    assert "two-way.test is the benchmark two-way of a study" in told and "chance is 50.0" in told
    assert "XNLI test" not in told and "Tested on benchmarks of a study's own" in told


@pytest.mark.slow
def test_another_benchmark_of_the_study_is_chosen_by_its_split(open_page, workspace):
    page = open_page(workspace, "overview", split="again.validation")
    check_whole(page)
    assert "again.validation is the benchmark again of a study" in words(page) and "chance is 50.0" not in words(page)


@pytest.mark.slow
def test_report_and_verdict_name_the_benchmark_too(workspace, tmp_path, capsys):
    out = tmp_path / "report.html"
    assert main(["report", "--out", str(out), "--home", str(workspace.home)]) == 0
    assert "benchmark two-way of a study" in out.read_text() and "XNLI is CC" not in out.read_text()
    capsys.readouterr()
    assert main(["verdict", "--home", str(workspace.home)]) != 0
    assert "study verdict FILE" in capsys.readouterr().err


def test_the_first_of_a_study_is_judged_on_and_xnli_keeps_its_order(workspace):
    runs = list_runs(workspace)
    assert order_splits(runs, ["again.validation", "two-way.test"]) == ["two-way.test", "again.validation"]
    plain = runs.assign(config="{}")
    assert order_splits(plain, ["validation", "a.test", "test"]) == ["test", "validation", "a.test"]
