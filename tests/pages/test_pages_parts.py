"""The small parts that pages share."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from core.arms.names import UNTRAINED
from core.errors import BadInput
from core.workspace import open_workspace
from pages.parts import models
from pages.parts.groups import run_labels
from pages.parts.pairs import checked
from pages.parts.show import csv
from pages.parts.stored import stamp
from pages.parts.text import direction, foreign, sentence
from store.results.importer import sync
from tests.support.synthetic_runs import write_run


def test_csv_keeps_every_script_and_defuses_formulas():
    table = pd.DataFrame({"text": ["=1+1", "@x", 'جملة, ๏ "quoted"', "-5 degrees", "-5"], "number": [1.5, -2, 0, 3, 4]})
    written = csv(table)
    assert written.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(written), encoding="utf-8-sig")
    assert list(read["text"]) == ["'=1+1", "'@x", 'جملة, ๏ "quoted"', "'-5 degrees", "-5"]
    assert list(read["number"]) == [1.5, -2, 0, 3, 4]
    assert table["text"].iloc[0] == "=1+1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("hello", "ltr"), ("123 سلام", "rtl"), ("שלום", "rtl"), ("", "ltr"), ("123", "ltr"), ("ok سلام", "ltr")],
)
def test_direction_is_that_of_the_first_letter(text, expected):
    assert direction(text) == expected


def test_foreign_text_is_escaped_and_has_its_language():
    assert foreign('<b onclick="x">', "ur") == (
        '<p class="iso-text" lang="ur" dir="rtl">&lt;b onclick=&quot;x&quot;&gt;</p>'
    )


def test_a_sentence_sets_commands_as_code_and_nothing_else():
    assert sentence("run `a --b` <now> `<i>`") == "run <code>a --b</code> &lt;now&gt; <code>&lt;i&gt;</code>"


@pytest.mark.parametrize("text", ["", "   ", None, "x" * 241])
def test_typed_text_is_bounded(text):
    with pytest.raises(BadInput):
        checked(text, "query")


def test_typed_text_is_trimmed():
    assert checked("  a\n b\t", "query") == "a b"


def test_the_stamp_changes_with_every_import(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    stamps = [stamp(workspace.results)]
    for arm in ("transport", "adversarial"):
        write_run(workspace, arm)
        sync(workspace)
        stamps.append(stamp(workspace.results))
    assert len(set(stamps)) == 3


def test_both_methods_stand_side_by_side_at_first_where_they_have_weights():
    runs = pd.DataFrame(
        {"run_id": ["e", "t0", "t1", "a"], "arm": ["english-only", "transport", "transport", "adversarial"]}
    )
    labels = dict.fromkeys([UNTRAINED, *runs["run_id"]], "")
    assert models.first_pair(labels, runs) == ("t0", "a")
    without = {key: "" for key in labels if key != "a"}
    assert models.first_pair(without, runs) == (UNTRAINED, "e")
    assert models.first_pair({UNTRAINED: ""}, runs.iloc[:0]) == (UNTRAINED, "")


def test_labels_tell_runs_of_one_arm_apart():
    runs = pd.DataFrame({"run_id": ["a" * 12, "b" * 12, "c" * 12], "arm": ["x", "x", "y"], "seed": [0, 1, 0]})
    assert list(run_labels(runs).values()) == ["x, seed 0", "x, seed 1", "y"]
    twins = runs.assign(seed=0)
    assert list(run_labels(twins).values()) == ["x, seed 0 (aaaaaa)", "x, seed 0 (bbbbbb)", "y"]
