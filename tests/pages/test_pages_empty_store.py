"""With nothing stored every page still shows something real, says what, and how to get more."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.page_text import charts, check_whole, markup, words
from tests.support.paths import ROOT

PAGES = ("overview", "errors", "alignment", "retrieval")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_a_chart_and_how_to_get_more(open_page, empty_workspace, name):
    page = open_page(empty_workspace, name)
    check_whole(page)
    assert "<code>python -m core run --preset quick</code>" in markup(page)
    assert "Runs: none stored" in words(page)
    assert charts(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_which_data_and_encoder_it_shows(open_page, empty_workspace, name):
    told = words(open_page(empty_workspace, name))
    assert "Data here: starter set" in told
    assert "multilingual-e5-small" in told


def test_overview_counts_the_starter_sentences_and_keeps_the_result(open_page, empty_workspace):
    page = open_page(empty_workspace, "overview")
    assert "This is retrieval on the starter set, not natural language inference and not XNLI." in words(page)
    kept = list((empty_workspace.cache / "pages").glob("retrieval-*.json"))
    assert len(kept) == 1
    table = json.loads(kept[0].read_text())
    assert len(table["language"]) == 14
    for low, value, high in zip(table["low"], table["accuracy"], table["high"], strict=True):
        assert 0 <= low < value + 1e-6 <= high + 2e-6 <= 100 + 3e-6
        assert high - low > 3
    # What is shown next time comes from the file.
    table["accuracy"] = [12.5] * 14
    kept[0].write_text(json.dumps(table))
    try:
        assert "for 12.5 % of starter sentences" in words(open_page(empty_workspace, "overview"))
    finally:
        kept[0].write_text("{ damaged")
    assert "for 12.5 %" not in words(open_page(empty_workspace, "overview"))


def test_errors_shows_cosines_by_gold_label_in_the_chosen_language(open_page, empty_workspace):
    page = open_page(empty_workspace, "errors", language="Urdu (ur)")
    told = words(page)
    assert "no classifier has been trained" in told
    assert "Mean cosine of premise and hypothesis in Urdu" in told
    for label in ("entailment", "neutral", "contradiction"):
        assert f'"name":"{label}"' in charts(page)[0]
    table = page.dataframe[0].value
    assert table["cosine"].between(-1, 1).all()
    assert table["cosine"].nunique() > 3


def test_importing_the_app_imports_neither_torch_nor_a_page():
    code = "import sys, app; print(sorted({'torch', 'transformers', 'pages.overview'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


def test_the_overview_of_stored_runs_needs_no_torch(stored_workspace):
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "page = AppTest.from_file('pages/overview.py', default_timeout=60).run()\n"
        "assert not page.exception and page.get('plotly_chart')\n"
        "print('torch' in sys.modules)"
    )
    env = {"PATH": "", "ISOGLOSS_HOME": str(stored_workspace.home), "PYTHONPATH": str(ROOT)}
    env["ISOGLOSS_REFERENCE"] = "off"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, env=env)
    assert done.stdout.strip().endswith("False"), done.stderr
